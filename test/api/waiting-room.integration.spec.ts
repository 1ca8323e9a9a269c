import { createHash } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { expectProblem, HOUR, inMs, until } from "./events-asking.ts";
import type { NodeUnderTest } from "./events-node.ts";
import type { Signed } from "./harness.ts";
import type { OnSale, Shop } from "./reservations-shop.ts";
import { startWaitingRoomNode, type WaitingRoomHands, type WaitingRoomNode } from "./waiting-room-hands.ts";

// Most wait for a turn, which comes two seconds after somebody entered: each at an event of its own, so together.
let node: NodeUnderTest;
let organizer: Signed;
let shop: Shop;
let hands: WaitingRoomHands;
let letIn: WaitingRoomNode["letIn"];
beforeAll(async () => {
  ({ node, organizer, shop, hands, letIn } = await startWaitingRoomNode());
});
afterAll(() => node.close());

const sha256 = (text: string) => createHash("sha256").update(text).digest("hex");
const withAdmission = (admission: string) => ({ "admission-token": admission });
const reserveWith = (at: OnSale, by: Signed, admission: string | null, type = 0, key?: string) =>
  node.call("POST", `/events/${at.eventId}/reservations`, {
    token: by.token,
    body: { ticketTypeId: at.ticketTypeIds[type], quantity: 1 },
    headers: {
      ...(admission === null ? {} : withAdmission(admission)),
      ...(key === undefined ? {} : { "idempotency-key": key }),
    },
  });
const twoTypes = {
  ticketTypes: [
    { name: "Regular", capacity: 10 },
    { name: "VIP", capacity: 10 },
  ],
};

describe.concurrent("a waiting room", () => {
  it("is closed before anybody sets one up, and everybody may buy", async () => {
    const at = await shop.onSale();
    expect((await hands.look(at.eventId)).json()).toMatchObject({ state: "CLOSED", commitment: null });
    const buyer = await node.guest();
    const reply = await reserveWith(at, buyer, null);
    expect(reply.statusCode, reply.body).toBe(201);
    expectProblem(await hands.enter(at.eventId, buyer), 409, "waiting-room-closed");
  });

  it("commits to its draw before the opening, and shows the seed after it", async () => {
    const at = await shop.onSale();
    const before = (await hands.setUp(at.eventId, organizer, { opensAt: inMs(HOUR) })).json();
    expect(before).toMatchObject({
      state: "BEFORE_OPENING",
      round: 1,
      commitment: expect.stringMatching(/^[0-9a-f]{64}$/),
    });
    expect(before).not.toHaveProperty("seed");
    expect((await hands.look(at.eventId)).json()).toEqual(before);
    const open = (await hands.setUp(at.eventId, organizer)).json();
    expect(open).toMatchObject({ state: "OPEN", commitment: before.commitment });
    expect(sha256(open.seed)).toBe(before.commitment);
    expect(open).not.toHaveProperty("laterSeed");
    const closed = (await hands.setUp(at.eventId, organizer, { enabled: false })).json();
    expect(closed.state).toBe("CLOSED");
    expect(sha256(closed.laterSeed)).toBe(closed.laterCommitment);
    expect((await hands.look(at.eventId)).json()).toEqual(closed);
    const again = (await hands.setUp(at.eventId, organizer, { opensAt: inMs(HOUR) })).json();
    expect(again.round).toBe(2);
    expect(again.commitment).not.toBe(closed.commitment);
  });

  it("puts the seed of a draw on record", async () => {
    const { at } = await letIn();
    const { seed } = (await hands.look(at.eventId)).json();
    const revealed = await until(
      async () => (await node.recorded()).find(({ type, data }) => type === "SeedRevealed" && data.seed === seed),
      (event) => event !== undefined,
    );
    expect(revealed?.metadata.actor).toEqual({ process: "waiting-rooms" });
  });

  it("waits for the value of the beacon that its draw is mixed with", async () => {
    const at = await shop.onSale();
    const beacon = { source: "drand quicknet 12345678" };
    const named = (await hands.setUp(at.eventId, organizer, { opensAt: inMs(HOUR), beacon })).json();
    const buyer = await node.guest();
    const token = await hands.entered(at.eventId, buyer);
    const opened = (await hands.setUp(at.eventId, organizer)).json();
    expect(opened).toMatchObject({ state: "OPEN", beacon: { ...beacon, value: null } });
    expect(opened).not.toHaveProperty("seed");
    expect((await hands.place(at.eventId, token)).json().place).toBeNull();
    const drawn = (await hands.setUp(at.eventId, organizer, { beacon: { ...beacon, value: "c0ffee" } })).json();
    expect(sha256(`${drawn.seed} ${beacon.source}`)).toBe(named.commitment);
    await hands.called(at.eventId, token);
    expectProblem(
      await hands.setUp(at.eventId, organizer, { beacon: { ...beacon, value: "decaf" } }),
      409,
      "waiting-room-fixed",
    );
  });

  it("is closed by its organizer after the event was called off, too", async () => {
    const at = await shop.onSale();
    await hands.setUp(at.eventId, organizer);
    const called = await node.call("POST", `/events/${at.eventId}/cancel`, { token: organizer.token });
    expect(called.statusCode, called.body).toBe(202);
    expectProblem(await hands.setUp(at.eventId, organizer), 409, "event-cancelled");
    // Nobody stands in line for what is over, once the node has heard of it.
    const latecomer = await node.guest();
    const late = await until(
      () => hands.enter(at.eventId, latecomer),
      ({ statusCode }) => statusCode !== 201,
    );
    expectProblem(late, 409, "event-cancelled");
    const closed = await hands.setUp(at.eventId, organizer, { enabled: false });
    expect([closed.statusCode, closed.json().state]).toEqual([200, "CLOSED"]);
    expectProblem(await hands.enter(at.eventId, await node.guest()), 409, "waiting-room-closed");
  });

  it("is its organizer's to set up, of events that are public", async () => {
    const at = await shop.onSale();
    expectProblem(await hands.setUp(at.eventId, await node.signUp()), 403, "forbidden");
    const draft = await shop.onSale({ draft: true });
    expectProblem(await hands.setUp(draft.eventId, organizer), 409, "event-not-published");
    expect((await hands.setUp(at.eventId, organizer, { admitPerMinute: 0 })).statusCode).toBe(400);
    expect((await hands.setUp(at.eventId, organizer, { admitPerMinute: 1_000_001 })).statusCode).toBe(400);
  });
});

describe.concurrent("standing in line", () => {
  it("nobody has a place before the opening, and nobody can buy", async () => {
    const at = await shop.onSale();
    await hands.setUp(at.eventId, organizer, { opensAt: inMs(HOUR) });
    const buyer = await node.guest();
    const entry = await hands.enter(at.eventId, buyer);
    expect(entry.json().second).toBe(0);
    expect((await hands.place(at.eventId, entry.json().entryToken)).json()).toEqual({
      place: null,
      estimatedWaitSeconds: null,
      tickets: "AVAILABLE",
      askAgainSeconds: 30,
    });
    expectProblem(await reserveWith(at, buyer, null), 403, "admission-required");
  });

  it("entering twice changes nothing", async () => {
    const at = await shop.onSale();
    await hands.setUp(at.eventId, organizer, { opensAt: inMs(HOUR) });
    const buyer = await node.guest();
    const token = await hands.entered(at.eventId, buyer);
    expect(await hands.entered(at.eventId, buyer)).toBe(token);
  });

  it("with an Idempotency-Key the first entry is had again, in a later second, too", async () => {
    const at = await shop.onSale();
    await hands.setUp(at.eventId, organizer, { admitPerMinute: 1 });
    const buyer = await node.guest();
    const url = `/events/${at.eventId}/waiting-room/entries`;
    const headers = { "idempotency-key": crypto.randomUUID() };
    const enter = (body?: object) =>
      node.call("POST", url, { token: buyer.token, headers, ...(body === undefined ? {} : { body }) });
    const first = await enter();
    expect(first.headers.location).toBe(`/events/${at.eventId}/waiting-room/place`);
    const later = () => hands.enter(at.eventId, buyer);
    await until(later, (reply) => reply.json().second > first.json().second);
    const again = await enter();
    const { location } = again.headers;
    expect([again.statusCode, location, again.json()]).toEqual([201, first.headers.location, first.json()]);
    expect([first, again].map((reply) => reply.headers["idempotency-replayed"])).toEqual([undefined, "true"]);
    expectProblem(await enter({}), 422, "idempotency-key-reused");
  });

  it("places go down and never up, and nobody is called while it is paused", async () => {
    // More tickets than people: of 20 lots it is chance how many are below a half, and nobody is called without a ticket.
    const at = await shop.onSale({ ticketTypes: [{ name: "Regular", capacity: 100 }] });
    await hands.setUp(at.eventId, organizer, { opensAt: inMs(HOUR), paused: true });
    const tokens = await Promise.all(
      Array.from({ length: 20 }, async () => hands.entered(at.eventId, await node.guest())),
    );
    await hands.setUp(at.eventId, organizer, { paused: true, admitPerMinute: 600 });
    const places = () =>
      Promise.all(tokens.map(async (token) => (await hands.place(at.eventId, token)).json().place as number | null));
    const drawn = (await until(places, (all) => all.every((one) => one !== null))) as number[];
    expect(drawn.every((one) => one >= 1 && one <= 20)).toBe(true);
    expect(await places()).toEqual(drawn);
    await hands.setUp(at.eventId, organizer, { admitPerMinute: 600 });
    let before = drawn;
    await until(
      async () => {
        const now = (await places()) as number[];
        for (const [index, one] of now.entries()) expect(one).toBeLessThanOrEqual(before[index] as number);
        before = now;
        return now;
      },
      (all) => all.every((one) => one === 0),
    );
  });

  it("forged and foreign entries are refused", async () => {
    const { at, entryToken, buyer } = await letIn();
    const other = await letIn();
    const [before, after] = [entryToken.slice(0, -3), entryToken.slice(-2)];
    const forged = `${before}${entryToken.at(-3) === "A" ? "B" : "A"}${after}`; // never the same, as a fixed end may be
    expectProblem(await hands.place(at.eventId, forged), 403, "entry-invalid");
    expectProblem(await hands.place(at.eventId, other.entryToken), 403, "entry-invalid");
    expectProblem(await hands.place(at.eventId, entryToken, other.buyer), 403, "entry-invalid");
    expect((await hands.place(at.eventId, entryToken, buyer)).statusCode).toBe(200);
    await hands.setUp(at.eventId, organizer, { enabled: false });
    await hands.setUp(at.eventId, organizer);
    expectProblem(await hands.place(at.eventId, entryToken), 403, "entry-invalid");
  });

  it("priority classes are entered by their code, which is nowhere on record", async () => {
    const at = await shop.onSale();
    const classes = [
      { name: "presale", share: 50, code: "early-bird-secret" },
      { name: "accessible", share: 10 },
    ];
    const made = await hands.setUp(at.eventId, organizer, { classes });
    expect(made.json().classes).toEqual([
      { name: "presale", share: 50, codeNeeded: true },
      { name: "accessible", share: 10, codeNeeded: false },
    ]);
    const buyer = await node.guest();
    expectProblem(await hands.enter(at.eventId, buyer, { class: "presale" }), 403, "priority-code-invalid");
    expectProblem(await hands.enter(at.eventId, buyer, { code: "guess" }), 403, "priority-code-invalid");
    for (const body of [
      { class: "presale", code: "early-bird-secret" },
      { code: "early-bird-secret" },
      { class: "accessible" },
    ]) {
      await hands.called(at.eventId, await hands.entered(at.eventId, buyer, body));
    }
    expect(await node.tablesWith("early-bird-secret")).toEqual([]);
  });
});

describe.concurrent("an admission", () => {
  it("makes one reservation, of whichever ticket type", async () => {
    const { at, buyer, admission } = await letIn(twoTypes);
    expect((await reserveWith(at, buyer, admission)).statusCode).toBe(201);
    expectProblem(await reserveWith(at, buyer, admission), 403, "admission-used");
    expectProblem(await reserveWith(at, buyer, admission, 1), 403, "admission-used");
  });

  it("is as good as before when nothing came of it", async () => {
    const { at, buyer, admission } = await letIn({
      ticketTypes: [
        { name: "Few", capacity: 1 },
        { name: "Many", capacity: 5 },
      ],
    });
    const first = await node.guest();
    const firstIn = await hands.called(at.eventId, await hands.entered(at.eventId, first));
    expect((await reserveWith(at, first, firstIn)).statusCode).toBe(201);
    expectProblem(await reserveWith(at, buyer, admission), 409, "sold-out");
    expect((await reserveWith(at, buyer, admission, 1)).statusCode).toBe(201);
  });

  it("of two requests at once one reserves", async () => {
    const { at, buyer, admission } = await letIn(twoTypes);
    const replies = await Promise.all([0, 1, 0, 1].map((type) => reserveWith(at, buyer, admission, type)));
    expect(replies.filter(({ statusCode }) => statusCode === 201)).toHaveLength(1);
    for (const { statusCode } of replies) expect([201, 403, 503]).toContain(statusCode);
  });

  it("a repeated request gets its first answer", async () => {
    const { at, buyer, admission } = await letIn();
    const key = crypto.randomUUID();
    const first = await reserveWith(at, buyer, admission, 0, key);
    const again = await reserveWith(at, buyer, admission, 0, key);
    expect(again.headers["idempotency-replayed"]).toBe("true");
    expect(again.json()).toEqual(first.json());
  });

  it("forged ones, those of others, of another event, and entries are refused", async () => {
    const { at, buyer, admission, entryToken } = await letIn();
    const other = await letIn();
    for (const token of [`${admission.slice(0, -2)}AA`, "nonsense", "", entryToken, other.admission]) {
      expectProblem(await reserveWith(at, buyer, token), 403, "admission-invalid");
    }
    expectProblem(await reserveWith(at, await node.guest(), admission), 403, "admission-invalid");
    expect((await reserveWith(at, buyer, admission)).statusCode).toBe(201);
  });

  it("is asked for in its turn among refusals", async () => {
    const at = await shop.onSale({ guestsAllowed: false });
    await hands.setUp(at.eventId, organizer);
    expectProblem(await reserveWith(at, await node.guest(), null), 409, "guests-not-allowed");
    expectProblem(await reserveWith(at, await node.signUp(), null), 403, "admission-required");
  });

  it("is not used up by entering anew before it was used: one reservation for all of it", async () => {
    const { at, buyer, admission } = await letIn();
    const again = await hands.called(at.eventId, await hands.entered(at.eventId, buyer));
    expect((await reserveWith(at, buyer, admission)).statusCode).toBe(201);
    expectProblem(await reserveWith(at, buyer, again), 403, "admission-used");
  });

  it("is had anew by entering anew after it was used, in the same second, too", async () => {
    const { at, buyer, admission } = await letIn();
    expect((await reserveWith(at, buyer, admission)).statusCode).toBe(201);
    const anew = await hands.called(at.eventId, await hands.entered(at.eventId, buyer));
    const reply = await reserveWith(at, buyer, anew);
    expect(reply.statusCode, reply.body).toBe(201);
    expectProblem(await reserveWith(at, buyer, anew), 403, "admission-used");
  });

  it("is not needed any more once the room is closed", async () => {
    const { at } = await letIn();
    await hands.setUp(at.eventId, organizer, { enabled: false });
    expect((await reserveWith(at, await node.guest(), null)).statusCode).toBe(201);
  });
});

describe.concurrent("every way to reserve", () => {
  const setLine = (at: OnSale, by: Signed, quantity: number, headers = {}) =>
    node.call("PUT", `/cart/items/${at.ticketTypeIds[0]}`, {
      token: by.token,
      body: { eventId: at.eventId, quantity },
      headers,
    });

  it("carts: a new line takes an admission, changing it needs none", async () => {
    const { at, buyer, admission } = await letIn();
    expectProblem(await setLine(at, buyer, 1), 403, "admission-required");
    expect((await setLine(at, buyer, 1, withAdmission(admission))).statusCode).toBe(200);
    expect((await setLine(at, buyer, 3)).json().items).toMatchObject([{ quantity: 3 }]);
    expect((await setLine(at, buyer, 2, withAdmission(admission))).json().items).toMatchObject([{ quantity: 2 }]);
    expectProblem(await reserveWith(at, buyer, admission), 403, "admission-used");
    expect((await setLine(at, buyer, 0)).statusCode).toBe(200);
    expectProblem(await setLine(at, buyer, 1, withAdmission(admission)), 403, "admission-used");
  });

  it("routes of earlier systems", async () => {
    const { at, buyer, admission } = await letIn();
    const bodies: readonly [string, object][] = [
      ["/ticket/reserve", { userID: buyer.accountId, eventID: at.eventId, ticketType: "Regular", ticketCount: 1 }],
      ["/holds", { event_id: at.eventId, qty: 1 }],
      ["/events/reserve", { eventId: at.eventId, seatType: "Regular", quantity: 1 }],
    ];
    for (const [url, body] of bodies) {
      const reply = await node.call("POST", url, { token: buyer.token, body });
      expect([reply.statusCode, reply.json().code], url).toEqual([403, "admission-required"]);
    }
    for (const [index, [url, body]] of bodies.entries()) {
      const reply = await node.call("POST", url, { token: buyer.token, body, headers: withAdmission(admission) });
      if (index === 0) expect(reply.statusCode, reply.body).toBe(200);
      else expect(reply.json().code, url).toBe("admission-used");
    }
  });
});

// One after the other: how long news takes is measured here.
describe("tickets", () => {
  it("nobody is called for whom there is none, and those who wait learn that all are gone", async () => {
    const { at, buyer, admission } = await letIn({ ticketTypes: [{ name: "Only", capacity: 1 }] });
    const { reservationId } = (await reserveWith(at, buyer, admission)).json();
    const waiting = await hands.entered(at.eventId, await node.guest());
    const told = async () => (await hands.place(at.eventId, waiting)).json();
    expect(await until(told, ({ tickets, place }) => tickets === "HELD" && place !== null)).toMatchObject({ place: 1 });
    const bought = await node.call("POST", "/purchases", {
      token: buyer.token,
      body: { reservationIds: [reservationId] },
    });
    expect(bought.statusCode, bought.body).toBe(201);
    const since = Date.now();
    expect(await until(told, ({ tickets }) => tickets === "SOLD_OUT")).toMatchObject({ place: 1 });
    expect(Date.now() - since).toBeLessThan(2_000);
  });

  it("what comes back lets the next one in", async () => {
    const { at, buyer, admission } = await letIn({ ticketTypes: [{ name: "Only", capacity: 1 }] });
    const { reservationId } = (await reserveWith(at, buyer, admission)).json();
    const next = await node.guest();
    const waiting = await hands.entered(at.eventId, next);
    await until(
      async () => (await hands.place(at.eventId, waiting)).json(),
      ({ tickets, place }) => tickets === "HELD" && place === 1,
    );
    await node.call("DELETE", `/reservations/${reservationId}`, { token: buyer.token });
    expect((await reserveWith(at, next, await hands.called(at.eventId, waiting))).statusCode).toBe(201);
  });
});

describe.concurrent("a waitlist beside a waiting room", () => {
  const joins = (at: OnSale, by: Signed, admission: string | null = null, key?: string) =>
    node.call("POST", `/events/${at.eventId}/waitlist`, {
      token: by.token,
      body: { ticketTypeId: at.ticketTypeIds[0], quantity: 1 },
      headers: {
        ...(admission === null ? {} : withAdmission(admission)),
        ...(key === undefined ? {} : { "idempotency-key": key }),
      },
    });
  const buys = (by: Signed, reservationId: string) =>
    node.call("POST", "/purchases", { token: by.token, body: { reservationIds: [reservationId] } });

  it("is no way past those in the line, while what is held may come back to them", async () => {
    const { at, buyer, admission } = await letIn({ ticketTypes: [{ name: "Only", capacity: 1 }] });
    const { reservationId } = (await reserveWith(at, buyer, admission)).json();
    const other = await node.guest();
    expectProblem(await joins(at, other), 403, "admission-required");
    expectProblem(await joins(at, other, admission), 403, "admission-invalid");
    // Who was called and is too late for the last ones may wait for what comes back; it takes nothing from his admission.
    const key = crypto.randomUUID();
    const joined = await joins(at, buyer, admission, key);
    expect(joined.statusCode, joined.body).toBe(201);
    expect((await joins(at, buyer, null, key)).json()).toEqual(joined.json());
    // Once all are sold nobody is called any more, and everybody may wait.
    const bought = await buys(buyer, reservationId);
    expect(bought.statusCode, bought.body).toBe(201);
    const reply = await until(
      () => joins(at, other),
      ({ statusCode }) => statusCode !== 403,
    );
    expect(reply.statusCode, reply.body).toBe(201);
  });

  it("what it offers is held for somebody already, and is bought without an admission", async () => {
    const at = await shop.onSale({ ticketTypes: [{ name: "Only", capacity: 1 }] });
    const [holder, waits] = [await node.guest(), await node.guest()];
    const { reservationId } = (await reserveWith(at, holder, null)).json();
    const { entryId } = (await joins(at, waits)).json();
    expect((await hands.setUp(at.eventId, organizer)).statusCode).toBe(200);
    await node.call("DELETE", `/reservations/${reservationId}`, { token: holder.token });
    const bought = await buys(waits, entryId);
    expect(bought.statusCode, bought.body).toBe(201);
  });
});

// By itself: it stops the node under the others.
it("those who are in stay in while it is paused, and after a restart", async () => {
  const { at, buyer, admission, entryToken } = await letIn();
  await hands.setUp(at.eventId, organizer, { paused: true });
  await node.restart();
  expect((await hands.place(at.eventId, entryToken)).json()).toMatchObject({ place: 0, admissionToken: admission });
  expect((await reserveWith(at, buyer, admission)).statusCode).toBe(201);
});
