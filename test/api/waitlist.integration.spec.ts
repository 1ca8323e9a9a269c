import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { asOf, DAY, expectProblem, HOUR, inMs, placesOf, recordsNothing, until } from "./events-asking.ts";
import { type NodeUnderTest, startNode } from "./events-node.ts";
import type { Signed } from "./harness.ts";
import { openShop, type Shop } from "./reservations-shop.ts";
import { type WaitlistHands, waitlistHands } from "./waitlist-shop.ts";

const NOWHERE = "7d9f5f0e-0000-4000-8000-000000000001";
let node: NodeUnderTest;
let organizer: Signed;
let shop: Shop;
let hands: WaitlistHands;
let ada: Signed;
let ben: Signed;
beforeAll(async () => {
  node = await startNode();
  organizer = await node.signUp();
  shop = openShop(node, organizer);
  hands = waitlistHands(node, organizer);
});
afterAll(() => node.close());
beforeEach(async () => {
  [ada, ben] = [await node.guest(), await node.guest()];
});

describe("joining a waitlist", () => {
  it("answers the place, and what a GET then answers", async () => {
    const at = await hands.soldOut();
    const { id, reply } = await hands.joined(at, ada, { quantity: 2 });
    expect(reply.json()).toEqual({
      entryId: expect.stringMatching(/^[0-9a-f-]{36}$/),
      eventId: at.eventId,
      ticketTypeId: at.ticketTypeId,
      quantity: 2,
      status: "WAITING",
      place: 1,
      reservationId: null,
      offerExpiresAt: null,
      joinedAt: expect.stringMatching(/Z$/),
    });
    expect(reply.headers.location).toBe(`/waitlist/${id}`);
    expect((await hands.get(id, ada, { headers: asOf(reply) })).json()).toEqual(reply.json());
    expect((await hands.joined(at, ben)).place).toBe(2);
  });

  it("gets the first answer again for the same key, whatever has become of the place", async () => {
    const at = await hands.soldOut();
    const first = await hands.joined(at, ada);
    const second = await hands.joined(at, ben, { key: "wait" });
    await hands.leave(first.id, ada);
    const again = await recordsNothing(node, () => hands.join(at, ben, { key: "wait" }));
    expect([again.statusCode, again.body]).toEqual([201, second.reply.body]);
    expect(again.headers["idempotency-replayed"]).toBe("true");
    expect(again.headers["boxoffice-position"]).toBe(second.reply.headers["boxoffice-position"]);
    const otherBody = await hands.join(at, ben, { key: "wait", quantity: 2 });
    expectProblem(otherBody, 422, "idempotency-key-reused");
  });

  it("is for one entry a ticket type, which an offer is as well", async () => {
    const at = await hands.soldOut();
    const { id } = await hands.joined(at, ada);
    expectProblem(await recordsNothing(node, () => hands.join(at, ada)), 409, "already-waiting");
    const back = await hands.giveBack(at);
    expect((await hands.get(id, ada, { headers: asOf(back) })).json().status).toBe("OFFERED");
    expectProblem(await hands.join(at, ada, { quantity: 2 }), 409, "already-waiting");
    await hands.leave(id, ada);
    expectProblem(await hands.join(at, ada), 409, "tickets-available");
  });

  it("is refused while as many are free", async () => {
    const open = await shop.onSale({ ticketTypes: [{ name: "Regular", capacity: 2 }] });
    const at = { eventId: open.eventId, ticketTypeId: open.ticketTypeIds[0] as string };
    await shop.reserved(open, ben);
    expect(
      expectProblem(await recordsNothing(node, () => hands.join(at, ada)), 409, "tickets-available"),
    ).toMatchObject({ available: 1 });
    expect((await hands.joined(at, ada, { quantity: 2 })).place).toBe(1);
  });

  it("is refused for what could not be bought, in the order of reasons", async () => {
    const refused = async (more: object, by: Signed, quantity: number, code: string) => {
      const event = await shop.onSale(more);
      const at = { eventId: event.eventId, ticketTypeId: event.ticketTypeIds[0] as string };
      return expectProblem(await recordsNothing(node, () => hands.join(at, by, { quantity })), 409, code);
    };
    const limited = { ticketTypes: [{ name: "Regular", capacity: 2, maxPerUser: 3 }] };
    await refused({ startsAt: inMs(-HOUR), draft: true }, organizer, 101, "event-ended");
    await refused({ draft: true }, organizer, 101, "event-not-published");
    await refused({ saleStartsAt: inMs(DAY), guestsAllowed: false }, ada, 101, "sale-not-open");
    await refused({ saleStartsAt: inMs(-DAY), saleEndsAt: inMs(-HOUR), guestsAllowed: false }, ada, 1, "sale-closed");
    await refused({ guestsAllowed: false }, ada, 101, "guests-not-allowed");
    expect(await refused({}, ada, 101, "limit-exceeded")).toMatchObject({ maxPerOrder: 100 });
    expect(await refused(limited, ada, 4, "limit-exceeded")).toMatchObject({ maxPerUser: 3, remaining: 3 });
  });

  it("of what is not there is 404, of what can't be is 400, of nobody is 401", async () => {
    const at = await hands.soldOut();
    const hidden = await shop.onSale({ draft: true });
    await recordsNothing(node, async () => {
      expectProblem(await hands.join({ ...at, eventId: NOWHERE }, ada), 404, "event-not-found");
      expectProblem(await hands.join({ ...at, eventId: "nobody" }, ada), 404, "event-not-found");
      for (const ticketTypeId of [NOWHERE, "regular"]) {
        expectProblem(await hands.join({ ...at, ticketTypeId }, ada), 404, "ticket-type-not-found");
      }
      const draft = { eventId: hidden.eventId, ticketTypeId: hidden.ticketTypeIds[0] as string };
      expectProblem(await hands.join(draft, ada), 404, "event-not-found");
      for (const quantity of [0, 1.5, -1]) {
        expect(placesOf(await hands.join(at, ada, { quantity }))).toEqual(["body /quantity"]);
      }
      expectProblem(await node.call("POST", `/events/${at.eventId}/waitlist`, { body: {} }), 401, "token-missing");
    });
  });
});

describe("tickets that come back", () => {
  it("are held for whoever is next, and not for walk-ups", async () => {
    const at = await hands.soldOut();
    const { id } = await hands.joined(at, ada, { quantity: 2 });
    const { id: behind } = await hands.joined(at, ben);
    const back = await hands.giveBack(at);
    const offered = (await hands.get(id, ada, { headers: asOf(back) })).json();
    expect(offered).toMatchObject({ status: "OFFERED", place: null, reservationId: id });
    expect(Date.parse(offered.offerExpiresAt)).toBeGreaterThan(Date.now() + 14_000_000);
    expect((await hands.get(behind, ben)).json()).toMatchObject({ status: "WAITING", place: 1 });
    const reservation = await shop.on("GET", `/${id}`, ada);
    expect(reservation.json()).toMatchObject({ status: "HELD", quantity: 2, expiresAt: offered.offerExpiresAt });
    expectProblem(await shop.on("POST", `/${id}/extend`, ada), 409, "not-extendable");
    const walkUp = { eventId: at.eventId, ticketTypeIds: [at.ticketTypeId] };
    expectProblem(await shop.reserve(walkUp, at.holder), 409, "sold-out");
  });

  it("pass over who wants more than there are, who keeps the place", async () => {
    const at = await hands.soldOut({ ticketTypes: [{ name: "Regular", capacity: 2 }] });
    const { id: many } = await hands.joined(at, ada, { quantity: 3 });
    const { id: few } = await hands.joined(at, ben, { quantity: 1 });
    const back = await hands.giveBack(at);
    expect((await hands.get(few, ben, { headers: asOf(back) })).json().status).toBe("OFFERED");
    expect((await hands.get(many, ada)).json()).toMatchObject({ status: "WAITING", place: 1 });
  });

  it("are passed on when an offer is given back, which then has lapsed", async () => {
    const at = await hands.soldOut();
    const { id } = await hands.joined(at, ada, { quantity: 2 });
    const { id: next } = await hands.joined(at, ben, { quantity: 2 });
    await hands.giveBack(at);
    const left = await hands.leave(id, ada);
    expect(left.statusCode, left.body).toBe(204);
    expect((await hands.get(id, ada, { headers: asOf(left) })).json()).toMatchObject({
      status: "LAPSED",
      reservationId: id,
      offerExpiresAt: null,
    });
    expect((await hands.get(next, ben)).json().status).toBe("OFFERED");
    expect((await recordsNothing(node, () => hands.leave(id, ada))).statusCode).toBe(204);
  });

  it("are taken by a purchase", async () => {
    const at = await hands.soldOut();
    const { id } = await hands.joined(at, ada);
    await hands.giveBack(at);
    const bought = await node.call("POST", "/purchases", { token: ada.token, body: { reservationIds: [id] } });
    expect(bought.statusCode, bought.body).toBe(201);
    expect((await hands.get(id, ada, { headers: asOf(bought) })).json().status).toBe("TAKEN");
  });
});

describe("leaving a waitlist", () => {
  it("is for good, and again changes nothing; those behind move up", async () => {
    const at = await hands.soldOut();
    const { id } = await hands.joined(at, ada);
    const { id: behind } = await hands.joined(at, ben);
    const left = await hands.leave(id, ada);
    expect([left.statusCode, left.body], left.body).toEqual([204, ""]);
    expect((await hands.get(id, ada, { headers: asOf(left) })).json()).toMatchObject({ status: "LEFT", place: null });
    expect((await hands.get(behind, ben)).json()).toMatchObject({ status: "WAITING", place: 1 });
    const again = await recordsNothing(node, () => hands.leave(id, ada));
    expect([again.statusCode, again.headers["boxoffice-position"]]).toEqual([204, expect.stringMatching(/^\d+$/)]);
    const back = await hands.giveBack(at);
    expect((await hands.get(behind, ben, { headers: asOf(back) })).json().status).toBe("OFFERED");
    expect((await hands.joined({ ...at }, ada, { quantity: 2 })).place).toBe(1);
  });

  it("is one's own business", async () => {
    const { id } = await hands.joined(await hands.soldOut(), ada);
    await recordsNothing(node, async () => {
      for (const other of [ben, organizer]) {
        expectProblem(await hands.leave(id, other), 404, "waitlist-entry-not-found");
        expectProblem(await hands.get(id, other), 404, "waitlist-entry-not-found");
      }
      expectProblem(await hands.leave(NOWHERE, ada), 404, "waitlist-entry-not-found");
      expectProblem(await hands.get("none", ada), 404, "waitlist-entry-not-found");
      expectProblem(await node.call("GET", `/waitlist/${id}`), 401, "token-missing");
    });
  });
});

describe("an offer whose time is over", () => {
  it("has lapsed, and the tickets are for the next", async () => {
    const brief = await startNode({ offerTtlSeconds: 1 });
    try {
      const [owner, first, second] = [await brief.signUp(), await brief.guest(), await brief.guest()];
      const at = await waitlistHands(brief, owner).soldOut();
      const onIt = waitlistHands(brief, owner);
      const { id } = await onIt.joined(at, first, { quantity: 2 });
      const { id: next } = await onIt.joined(at, second, { quantity: 2 });
      const back = await onIt.giveBack(at);
      expect((await onIt.get(id, first, { headers: asOf(back) })).json().status).toBe("OFFERED");
      await until(
        async () => (await onIt.get(id, first)).json().status,
        (status) => status === "LAPSED",
      );
      // Nothing runs here that would notice; whoever asks the inventory for anything does.
      expectProblem(await onIt.join(at, second), 409, "already-waiting");
      await until(
        async () => (await onIt.get(next, second)).json().status,
        (status) => status !== "WAITING",
      );
    } finally {
      await brief.close();
    }
  });
});

describe("lists of entries", () => {
  it("are one's own, newest first, page by page", async () => {
    const made: string[] = [];
    for (let n = 0; n < 3; n += 1) made.unshift((await hands.joined(await hands.soldOut(), ada)).id);
    const last = await hands.joined(await hands.soldOut(), ben);
    const list = async (query: string) =>
      (await node.call("GET", `/waitlist${query}`, { token: ada.token, headers: asOf(last.reply) })).json();
    const first = await list("?limit=2");
    const rest = await list(`?limit=2&cursor=${first.next}`);
    const ids = [...first.items, ...rest.items].map((one: { entryId: string }) => one.entryId);
    expect([ids, rest.next]).toEqual([made, null]);
    expect(first.items[0]).toEqual((await hands.get(made[0] as string, ada)).json());
  });

  it("of an event are for its organizer, the first first", async () => {
    const at = await hands.soldOut();
    const first = await hands.joined(at, ada);
    const second = await hands.joined(at, ben, { quantity: 2 });
    const list = (by: Signed) =>
      node.call("GET", `/events/${at.eventId}/waitlist`, { token: by.token, headers: asOf(second.reply) });
    expect((await list(organizer)).json()).toEqual({
      items: [
        { ...first.reply.json(), accountId: ada.accountId },
        { ...second.reply.json(), accountId: ben.accountId },
      ],
      next: null,
    });
    expect((await list(await node.admin())).statusCode).toBe(200);
    expectProblem(await list(await node.signUp()), 403, "forbidden");
    expectProblem(await list(ada), 403, "account-required");
    const nowhere = await node.call("GET", `/events/${NOWHERE}/waitlist`, { token: organizer.token });
    expectProblem(nowhere, 404, "event-not-found");
  });
});
