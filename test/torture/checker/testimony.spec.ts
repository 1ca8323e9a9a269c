import { describe, expect, it } from "vitest";
import {
  ANN,
  BOB,
  capacityChanged,
  created,
  EVENT,
  type Fact,
  NOON,
  opened,
  REGULAR,
  released,
  reservationId,
  reserved,
  salePaused,
  typeChanged,
} from "../../projections/recorded.ts";
import { bookingId, bookingOpened, joined, line, otherId } from "../../projections/recorded-purchases.ts";
import { type Asked, Evidence } from "./evidence.ts";

const RESERVE: Asked = {
  ...{ name: "reserve", method: "POST", route: "/events/:eventId/reservations", key: "k" },
  ...{ path: `/events/${EVENT}/reservations`, body: { ticketTypeId: REGULAR, quantity: 2 }, command: 7 },
};
/** What the envelope's hash of RESERVE's key is made of. */
const KEY = `${ANN}\nPOST ${RESERVE.route}\n${RESERVE.path}\nk`;
const HELD = { reservationId: reservationId(1), quantity: 2, expiresAt: NOON, status: "HELD" };
const LOOK: Asked = {
  ...{ name: "look at reservation", method: "GET", route: "/reservations/:reservationId" },
  path: `/reservations/${reservationId(1)}`,
};
const AVAILABILITY: Asked = {
  ...{ name: "look at availability", method: "GET", route: "/events/:eventId/availability" },
  path: `/events/${EVENT}/availability`,
};

const mine = (what: Parameters<typeof reserved>[1] = {}): Fact => reserved(1, { quantity: 2, key: KEY, ...what });
const onSale = (capacity = 3) => new Evidence().recorded(opened({ capacity }), created());

describe("what was granted", () => {
  it("is found nothing wrong with, when it is on record", async () => {
    const run = onSale();
    run.told(RESERVE, { status: 201, body: HELD, position: "3" }, () => run.recorded(mine()));
    run.told(RESERVE, { status: 201, body: HELD, position: "3", replayed: true });
    run.told({ ...LOOK, minPosition: "3" }, { body: HELD });
    expect(await run.findings()).toEqual({});
  });

  it("is lost when it is nowhere in the log", async () => {
    const run = onSale().told(RESERVE, { status: 201, body: HELD });
    expect((await run.findings())["acknowledged and lost"]).toHaveLength(2); // neither the reservation, nor the key
  });

  it.each([
    ["for another", mine({ accountId: BOB })],
    ["another number of tickets", mine({ quantity: 1 })],
    ["until another time", mine({ expiresAt: "2026-03-01T12:00:01.000Z" })],
  ])("was never so when it is on record %s", async (_, fact) => {
    const run = onSale();
    run.told(RESERVE, { status: 201, body: HELD }, () => run.recorded(fact));
    expect(await run.findings()).toMatchObject({ "told to clients and never so": [expect.any(String)] });
  });

  it("was told too early when it was recorded after the answer", async () => {
    const run = onSale().told(RESERVE, { status: 201, body: HELD }).recorded(mine());
    expect(await run.findings()).toMatchObject({
      "recorded after the answer": [expect.any(String)],
      "told to clients and never so": [expect.any(String)],
    });
  });

  it("was recorded by nobody who asked when it was there before", async () => {
    const run = onSale().recorded(mine()).told(RESERVE, { status: 201, body: HELD });
    expect(await run.findings()).toMatchObject({ "recorded before it was asked for": [expect.any(String)] });
  });

  it("counts from the first time that it was asked for", async () => {
    const run = onSale();
    run.unknown(RESERVE, "reset", () => run.recorded(mine()));
    run.told(RESERVE, { status: 201, body: HELD, replayed: true });
    expect(await run.findings()).toEqual({});
  });

  it("a purchase is lost without its booking", async () => {
    const buy: Asked = { name: "buy", method: "POST", route: "/purchases", path: "/purchases", body: {}, key: "b" };
    const body = { bookingId: bookingId(1), status: "PAID", tickets: [] };
    const run = onSale().told(buy, { status: 201, body });
    run.recorded(mine(), ...bookingOpened(1, [line(1, { quantity: 2 })]));
    expect(await run.findings()).toMatchObject({ "told to clients and never so": [expect.any(String)] });
  });

  it("a changed capacity is one that there was", async () => {
    const change: Asked = {
      ...{ name: "change a capacity", method: "PATCH", route: "/events/:eventId/ticket-types/:ticketTypeId" },
      ...{ path: `/events/${EVENT}/ticket-types/${REGULAR}`, body: { capacity: 9 } },
    };
    const done = onSale();
    done.told(change, {}, () => done.recorded(capacityChanged(3, 9)));
    expect(await done.findings()).toEqual({});
    const other = onSale();
    other.told(change, {}, () => other.recorded(capacityChanged(3, 8)));
    expect(await other.findings()).toHaveProperty("told to clients and never so");
  });
});

describe("a key", () => {
  it("has one answer", async () => {
    const run = onSale(9);
    run.told(RESERVE, { status: 201, body: HELD }, () => run.recorded(mine()));
    run.told(RESERVE, { status: 201, body: { ...HELD, unitPrice: 1 }, replayed: true });
    expect(await run.findings()).toMatchObject({ "keys with several answers": [expect.any(String)] });
  });

  it("has one effect", async () => {
    const run = onSale(9);
    run.told(RESERVE, { status: 201, body: HELD }, () => run.recorded(mine(), reserved(2, { key: KEY })));
    expect(await run.findings()).toMatchObject({ "keys with several effects": [expect.any(String)] });
  });

  it("is answered for the first time once", async () => {
    const run = onSale(9);
    run.told(RESERVE, { status: 201, body: HELD }, () => run.recorded(mine()));
    run.told(RESERVE, { status: 201, body: HELD });
    expect(await run.findings()).toMatchObject({ "keys with several effects": [expect.any(String)] });
  });

  it("has no effect when everybody was refused", async () => {
    const run = onSale(1);
    run.told(RESERVE, { status: 409, body: { code: "sold-out" } }, () => run.recorded(reserved(2, { key: KEY })));
    expect(await run.findings()).toMatchObject({ "refused and yet recorded": [expect.any(String)] });
  });

  it("may have one where he was refused with the booking that came to nothing while he waited", async () => {
    const buy: Asked = { name: "buy", method: "POST", route: "/purchases", path: "/purchases", body: {}, key: "b" };
    const key = `${ANN}\nPOST /purchases\n/purchases\nb`;
    const refused = async (body: object) => {
      const run = onSale();
      run.told(buy, { status: 409, body }, () => run.recorded(reserved(2, { key })));
      return run.findings();
    };
    expect(await refused({ code: "event-cancelled" })).toHaveProperty("refused and yet recorded");
    const withIt = await refused({ code: "event-cancelled", bookingId: bookingId(1) });
    expect(withIt).not.toHaveProperty("refused and yet recorded");
  });

  it("goes with one body", async () => {
    const run = onSale(9);
    const another = { ...RESERVE, name: "reserve: another body", command: 8 };
    run.told(another, { status: 422, body: { code: "idempotency-key-reused" } });
    expect(await run.findings()).toEqual({});
    run.told(another, { status: 201, body: HELD });
    expect(await run.findings()).toMatchObject({ "keys taken again with another body": [expect.any(String)] });
  });
});

describe("what was answered, or not", () => {
  it("is asked again until it is", async () => {
    const run = onSale().unknown(RESERVE);
    expect(await run.findings()).toMatchObject({ "commands that were never answered": [expect.any(String)] });
  });

  it("is never 500", async () => {
    const run = onSale().unknown(LOOK, "500 internal");
    expect(await run.findings()).toMatchObject({ "answers of 500": [expect.any(String)] });
  });

  it("is no position that the log has not", async () => {
    const run = onSale().told(LOOK, { status: 304, position: "99" });
    expect(await run.findings()).toMatchObject({ "positions beyond the log": [expect.any(String)] });
  });

  it("is 412 for who goes by what was before", async () => {
    const patch: Asked = {
      ...{ name: "patch an event of before", method: "PATCH", route: "/events/:eventId", path: `/events/${EVENT}` },
      ...{ body: {}, ifMatch: '"1"' },
    };
    expect(
      await onSale()
        .told(patch, { status: 412, body: { code: "version-mismatch" } })
        .findings(),
    ).toEqual({});
    expect(await onSale().told(patch, { status: 200 }).findings()).toHaveProperty("stale changes");
  });

  it("is no refusal that makes no sense for what clients send", async () => {
    const run = onSale().told(RESERVE, { status: 403, body: { code: "forbidden" } });
    expect(await run.findings()).toMatchObject({ "answers that nobody should get": [expect.any(String)] });
  });
});

describe("a refusal", () => {
  const refused = (code: string, more = {}): [Asked, object] => [RESERVE, { status: 409, body: { code, ...more } }];

  it.each<[string, Evidence, object]>([
    ["sold-out", onSale(1), { available: 1 }],
    ["limit-exceeded", onSale().recorded(typeChanged({ maxPerUser: 1 })), {}],
    ["sale-paused", onSale().recorded(salePaused("event")), {}],
  ])("is right when %s was so", async (code, run, more) => {
    expect(await run.told(...refused(code, more)).findings()).toEqual({});
  });

  it.each<[string, Evidence, object]>([
    ["sold-out", onSale(2), {}],
    ["sold-out", onSale(1), { available: 2 }],
    ["sold-out", onSale(3).recorded(reserved(2, { expiresAt: "2026-03-01T08:00:00.000Z" })), {}], // due long ago
    ["limit-exceeded", onSale().recorded(typeChanged({ maxPerUser: 2 })), {}],
    ["sale-paused", onSale(), {}],
    ["event-cancelled", onSale(), {}],
    ["ticket-type-not-found", onSale(), {}],
  ])("by %s is wrong when it was never so", async (code, run, more) => {
    const { "told to clients and never so": wrong } = await run.told(...refused(code, more)).findings();
    expect(wrong).toEqual([expect.stringContaining(code)]);
  });

  it("may rest on any moment between question and answer, and on none before", async () => {
    const meanwhile = onSale(2);
    meanwhile.told(...refused("sold-out"), () => meanwhile.recorded(reserved(2)).recorded(released(2)));
    expect(await meanwhile.findings()).toEqual({});
    const before = onSale(2).recorded(reserved(2)).recorded(released(2));
    expect(await before.told(...refused("sold-out")).findings()).toHaveProperty("told to clients and never so");
  });

  it("by what is kept for those who wait is right", async () => {
    const run = onSale(2).recorded(joined(1, { accountId: BOB, quantity: 1 }));
    expect(await run.told(...refused("sold-out", { available: 1 })).findings(0)).not.toHaveProperty(
      "told to clients and never so",
    );
  });

  it("of a line counts what the line has", async () => {
    const set: Asked = {
      ...{ name: "set a cart's line", method: "PUT", route: "/cart/items/:ticketTypeId" },
      ...{ path: `/cart/items/${REGULAR}`, body: { eventId: EVENT, quantity: 3 } },
    };
    const sold = { status: 409, body: { code: "sold-out" } };
    const cart = reserved(1, { quantity: 2, cartId: otherId(1) });
    expect(await onSale(2).recorded(cart).told(set, sold).findings()).toEqual({});
    expect(await onSale(3).recorded(cart).told(set, sold).findings()).toHaveProperty("told to clients and never so");
  });
});

describe("who looks", () => {
  it("sees what he was told of before", async () => {
    const run = onSale().recorded(mine());
    run.told({ ...LOOK, minPosition: "3" }, { status: 404, body: { code: "reservation-not-found" } });
    expect(await run.findings()).toMatchObject({ "acknowledged and not to be seen": [expect.any(String)] });
  });

  it("sees nothing from before the position that he has", async () => {
    const counts = { ticketTypeId: REGULAR, total: 3, available: 3, held: 0, booked: 0 };
    const body = { eventId: EVENT, ticketTypes: [counts] };
    const run = onSale().recorded(mine());
    expect(await run.told({ ...AVAILABILITY, minPosition: "2" }, { body }).findings()).toEqual({});
    run.told({ ...AVAILABILITY, minPosition: "3" }, { body });
    expect(await run.findings()).toMatchObject({ "told to clients and never so": [expect.any(String)] });
  });

  it("sees nothing that is recorded only after he was answered", async () => {
    const counts = { ticketTypeId: REGULAR, total: 3, available: 1, held: 2, booked: 0 };
    const body = { eventId: EVENT, ticketTypes: [counts] };
    const run = onSale().told({ ...AVAILABILITY, minPosition: "2" }, { body });
    expect(await run.recorded(mine()).findings()).toHaveProperty("told to clients and never so");
  });

  it("sees counts that add up", async () => {
    const counts = { ticketTypeId: REGULAR, total: 3, available: 2, held: 2, booked: 0 };
    const run = onSale().recorded(mine());
    run.told(AVAILABILITY, { body: { eventId: EVENT, ticketTypes: [counts] } });
    expect(await run.findings()).toHaveProperty("told to clients and never so");
  });

  it.each(["CONFIRMED", "RELEASED", "EXPIRED"])("is not shown a reservation as %s that is held", async (status) => {
    const run = onSale()
      .recorded(mine())
      .told({ ...LOOK, minPosition: "3" }, { body: { ...HELD, status } });
    expect(await run.findings()).toHaveProperty("told to clients and never so");
  });

  it("sees his place in the waitlist while he waits, and not when he does not", async () => {
    const look: Asked = { name: "look at entry", method: "GET", route: "/waitlist/:entryId", path: "/" };
    const body = { entryId: reservationId(1), status: "WAITING" };
    const waits = () => onSale(1).recorded(joined(1, { quantity: 2 }));
    expect(
      await waits()
        .told({ ...look, minPosition: "3" }, { body })
        .findings(),
    ).toEqual({});
    const offered = { ...body, status: "OFFERED" };
    expect(
      await waits()
        .told({ ...look, minPosition: "3" }, { body: offered })
        .findings(),
    ).toHaveProperty("told to clients and never so");
  });
});
