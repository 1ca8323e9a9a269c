import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { expectProblem } from "./events-asking.ts";
import type { Method, NodeUnderTest, Reply } from "./events-node.ts";
import type { Signed } from "./harness.ts";
import type { OnSale } from "./reservations-shop.ts";
import { type LetIn, startWaitingRoomNode, type WaitingRoomHands, type WaitingRoomNode } from "./waiting-room-hands.ts";

// Each waits two seconds for a turn, at an event of its own: so they wait together.
let node: NodeUnderTest;
let hands: WaitingRoomHands;
let letIn: WaitingRoomNode["letIn"];
beforeAll(async () => {
  ({ node, hands, letIn } = await startWaitingRoomNode());
});
afterAll(() => node.close());

/** At an event with numbered seats. */
async function letInForSeats(): Promise<OnSale & Pick<LetIn, "buyer" | "admission">> {
  const seatMap = { sections: [{ name: "STALLS", rows: [{ name: "A", seats: "1-8" }] }] };
  const { at, buyer, admission } = await letIn({ ticketTypes: [{ name: "Seats", seatMap }] });
  return { ...at, buyer, admission };
}

/** A way to have seats. */
interface Way {
  readonly name: string;
  readonly status: number;
  request(at: OnSale, seats: readonly string[]): readonly [Method, string, object];
}

const reservations = (at: OnSale) => `/events/${at.eventId}/reservations`;
const cartLine = (at: OnSale) => `/cart/items/${at.ticketTypeIds[0]}`;
const WAYS: readonly Way[] = [
  {
    name: "a reservation of seats",
    status: 201,
    request: (at, seats) => ["POST", reservations(at), { ticketTypeId: at.ticketTypeIds[0], seats }],
  },
  {
    name: "a reservation of the best available",
    status: 201,
    request: (at, { length }) => [
      "POST",
      reservations(at),
      { ticketTypeId: at.ticketTypeIds[0], bestAvailable: length },
    ],
  },
  {
    name: "a cart's line of seats",
    status: 200,
    request: (at, seats) => ["PUT", cartLine(at), { eventId: at.eventId, seats }],
  },
  {
    name: "a cart's line of the best available",
    status: 200,
    request: (at, { length }) => ["PUT", cartLine(at), { eventId: at.eventId, bestAvailable: length }],
  },
  {
    name: "POST /events/reserve with seatIds",
    status: 201,
    request: (at, seatIds) => ["POST", "/events/reserve", { eventId: at.eventId, seatIds }],
  },
  {
    name: "POST /bookings/{id}, which buys as well",
    status: 201,
    request: (at, ticketIds) => [
      "POST",
      `/bookings/${at.eventId}`,
      { ticketIds, paymentDetails: { method: "sandbox-ok" } },
    ],
  },
];

const FIRST = ["STALLS-A-1", "STALLS-A-2"];
const OTHER = ["STALLS-A-5", "STALLS-A-6"];

const ask = (
  { request }: Way,
  at: OnSale,
  by: Signed,
  seats: readonly string[],
  admission: string | null,
  key?: string,
): Promise<Reply> => {
  const [method, url, body] = request(at, seats);
  const headers = {
    ...(admission === null ? {} : { "admission-token": admission }),
    ...(key === undefined ? {} : { "idempotency-key": key }),
  };
  return node.call(method, url, { token: by.token, body, headers });
};

const heldOf = async (by: Signed): Promise<number> =>
  (await node.recorded()).filter(({ type, data }) => type === "TicketsReserved" && data.accountId === by.accountId)
    .length;

describe.concurrent.each(WAYS)("$name", (way) => {
  it("takes an admission, and uses it", async () => {
    const { buyer, admission, ...at } = await letInForSeats();
    expect((await ask(way, at, buyer, FIRST, null)).json().code).toBe("admission-required");
    expect((await ask(way, at, buyer, FIRST, "nonsense")).json().code).toBe("admission-invalid");
    const other = await node.signUp();
    expect((await ask(way, at, other, FIRST, admission)).json().code).toBe("admission-invalid");
    expect(await heldOf(buyer)).toBe(0);
    const reply = await ask(way, at, buyer, FIRST, admission);
    expect(reply.statusCode, reply.body).toBe(way.status);
    // A cart's line is changed without another one; for a second reservation it is used up, whichever way.
    const [reserving] = WAYS as [Way];
    expectProblem(await ask(reserving, at, buyer, OTHER, admission), 403, "admission-used");
    if (way.status === 201) {
      const again = await ask(way, at, buyer, OTHER, admission);
      expect([again.statusCode, again.json().code]).toEqual([403, "admission-used"]);
    } else {
      expect((await ask(way, at, buyer, OTHER, null)).statusCode).toBe(200);
    }
  });
});

// Carts are set, which needs no key.
it.concurrent.each(WAYS.filter(({ status }) => status === 201))(
  "$name, repeated with its key after the admission was used, has its first answer again",
  async (way) => {
    const { buyer, admission, ...at } = await letInForSeats();
    const key = crypto.randomUUID();
    const first = await ask(way, at, buyer, FIRST, admission, key);
    expect(first.statusCode, first.body).toBe(201);
    const again = await ask(way, at, buyer, FIRST, admission, key);
    expect(again.json()).toEqual(first.json());
    expect(await heldOf(buyer)).toBe(1);
  },
);

/** Ways of earlier systems to have tickets without numbers, which know 400 for most of what is refused. */
const COUNTED: readonly (readonly [string, (at: OnSale, by: Signed) => object, number])[] = [
  [
    "/ticket/reserve",
    ({ eventId, ticketTypeIds: [ticketType] }, { accountId: userID }) => ({
      userID,
      eventID: eventId,
      ticketType,
      ticketCount: 1,
    }),
    200,
  ],
  ["/holds", ({ eventId }) => ({ event_id: eventId, qty: 1 }), 201],
];

it.concurrent.each(COUNTED)(
  "POST %s takes an admission too, and says 403 without one",
  async (url, bodyFor, status) => {
    const { at, buyer, admission } = await letIn({ ticketTypes: [{ name: "Regular", capacity: 5 }] });
    const ask = (by: Signed, headers = {}) =>
      node.call("POST", url, { token: by.token, headers, body: bodyFor(at, by) });
    const refused = async (by: Signed, code: string, headers = {}) => {
      const reply = await ask(by, headers);
      expect([reply.statusCode, reply.json()]).toMatchObject([403, { code, status: 403, message: expect.any(String) }]);
    };
    await refused(buyer, "admission-required");
    await refused(buyer, "admission-invalid", { "admission-token": "nonsense" });
    await refused(await node.signUp(), "admission-invalid", { "admission-token": admission });
    const reply = await ask(buyer, { "admission-token": admission });
    expect(reply.statusCode, reply.body).toBe(status);
    await refused(buyer, "admission-used", { "admission-token": admission });
  },
);

it.concurrent("the map's changes are told to nobody without an admission of his own, either", async () => {
  const { buyer, admission, ...at } = await letInForSeats();
  const other = await node.signUp();
  const listen = (by: Signed, headers = {}) =>
    node.call("GET", `/events/${at.eventId}/ticket-types/${at.ticketTypeIds[0]}/seats/stream`, {
      token: by.token,
      headers,
    });
  expectProblem(await listen(buyer), 403, "admission-required");
  expectProblem(await listen(other, { "admission-token": admission }), 403, "admission-invalid");
});

describe("an admission that has expired", () => {
  // By itself: it moves the clock under the others.
  it("is refused by every way, and so is the place that it came from; who enters anew is called anew", async () => {
    const { buyer, admission, ...at } = await letInForSeats();
    const inTime = await letInForSeats();
    expect((await ask(WAYS[0] as Way, inTime, inTime.buyer, FIRST, inTime.admission)).statusCode).toBe(201);
    const late = await node.signUp();
    const entry = await hands.entered(at.eventId, late);
    await hands.called(at.eventId, entry);
    const { token } = await node.admin();
    const moved = await node.call("POST", "/sandbox/clock/advance", { token, body: { seconds: 15 * 60 } });
    expect(moved.statusCode, moved.body).toBe(200);
    for (const way of WAYS) {
      const reply = await ask(way, at, buyer, FIRST, admission);
      expect([way.name, reply.statusCode, reply.json().code]).toEqual([way.name, 403, "admission-expired"]);
    }
    expect(await heldOf(buyer)).toBe(0);
    expectProblem(await hands.place(at.eventId, entry, late), 403, "admission-expired");
    const anew = await hands.called(at.eventId, await hands.entered(at.eventId, late));
    expect((await ask(WAYS[0] as Way, at, late, FIRST, anew)).statusCode).toBe(201);
  });
});
