import type pg from "pg";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { dueStreams, settleTimers } from "../../src/projections/timers/work.ts";
import { projectionSpecs, readModelDatabase, takeLease } from "./given.ts";
import {
  ANN,
  capacityChanged,
  EVENING,
  EVENT,
  extended,
  MORNING,
  NOON,
  opened,
  REGULAR,
  released,
  reserved,
  salePaused,
  saleResumed,
  termsChanged,
  typeChanged,
} from "./recorded.ts";
import {
  abandoned,
  authorized,
  bookingConfirmed,
  bookingId,
  bookingOpened,
  CLAIMED_UNTIL,
  captured,
  cartCheckedOut,
  cartCleared,
  cartCompleted,
  cartOpened,
  cartReopened,
  claimed,
  claimReleased,
  closed,
  confirmed,
  DEADLINE,
  declined,
  eventCancelled,
  letGo,
  line,
  offered,
  refunded,
  returned,
  ticketsBack,
  ticketsCancelled,
  timedOut,
} from "./recorded-purchases.ts";

const { given } = projectionSpecs();
const stream = `inventory-${EVENT}.${REGULAR}`;
const listing = `listing-${EVENT}`;
const booking = `booking-${bookingId(1)}`;
const cart = `cart-${ANN}`;
/** So long after MORNING. */
const later = (seconds: number) => new Date(Date.parse(MORNING) + 1_000 * seconds);

describe("timers of inventories", () => {
  it("are one a stream and second, at the end of the second", () =>
    given(
      reserved(1, { expiresAt: "2026-03-01T12:00:00.001Z" }),
      reserved(2, { expiresAt: "2026-03-01T12:00:00.900Z" }),
      reserved(3, { expiresAt: "2026-03-01T12:00:01.000Z" }),
      reserved(4, { expiresAt: "2026-03-01T12:00:01.001Z" }),
    ).then({
      timers: [
        { stream, due_at: new Date("2026-03-01T12:00:01Z"), position: "30" },
        { stream, due_at: new Date("2026-03-01T12:00:02Z"), position: "40" },
      ],
    }));

  it("are set again by an extension, and stay when a reservation ends earlier", () =>
    given(reserved(1), extended(1, EVENING), released(1)).then({
      timers: [{ due_at: new Date(NOON) }, { due_at: new Date(EVENING) }],
    }));

  it("come when the sale and the event end", () =>
    given(opened({ terms: { saleEndsAt: NOON } })).then({
      timers: [
        { stream, due_at: new Date(NOON) },
        { stream, due_at: new Date(EVENING) },
      ],
    }));

  it("come at the start of the sale that the event has now, when those who wait can be offered something, and at its end", () =>
    given(termsChanged({ terms: { saleStartsAt: NOON } })).then({
      timers: [
        { stream: listing, due_at: new Date(MORNING) },
        { stream, due_at: new Date(NOON) },
        { stream, due_at: new Date(EVENING) },
      ],
    }));

  it("come at the dates that the ticket type has now, and at once, because more may be offered", () =>
    given(typeChanged({ maxPerUser: 9 }, { saleStartsAt: NOON, saleEndsAt: EVENING })).then({
      timers: [
        { stream, due_at: new Date(MORNING) },
        { stream: listing, due_at: new Date(MORNING) },
        { stream, due_at: new Date(NOON) },
        { stream, due_at: new Date(EVENING) },
      ],
    }));

  it("come for offers when the sale is resumed, and for the listing when it is paused, too", async () => {
    await given(salePaused("event")).then({ timers: [{ stream: listing, due_at: new Date(MORNING) }] });
    await given(saleResumed("event")).then({
      timers: [
        { stream, due_at: new Date(MORNING) },
        { stream: listing, due_at: new Date(MORNING) },
      ],
    });
  });

  it.each(["0000-06-01T00:00:00.000Z", "-000001-01-01T00:00:00.000Z", "1969-12-31T23:59:59.000Z"])(
    "are due at once for an end that is long past: %s",
    (saleEndsAt) =>
      given(opened({ terms: { saleEndsAt } })).then({
        timers: [{ due_at: new Date(0) }, { due_at: new Date(EVENING) }],
      }),
  );

  it.each(["tomorrow", "9999-99-99"])("pass by an end that is no time: %s", (saleEndsAt) =>
    given(opened({ terms: { saleEndsAt } })).then({ timers: [{ due_at: new Date(EVENING) }] }),
  );

  it("come for a claim at its end, and for its booking when that may have been forgotten", () =>
    given(claimed(1, 1)).then({
      timers: [
        { stream: booking, due_at: later(10), position: "10" },
        { stream, due_at: new Date(CLAIMED_UNTIL), position: "10" },
      ],
    }));

  it("come again for a reservation whose claim was given up", () =>
    given(claimReleased(1, 1, { expiresAt: NOON })).then({ timers: [{ stream, due_at: new Date(NOON) }] }));

  it("come for each offer, and at once when more of them may follow", async () => {
    await given(offered([1, 2], { expiresAt: NOON })).then({ timers: [{ stream, due_at: new Date(NOON) }] });
    const hundred = Array.from({ length: 100 }, (_, number) => number);
    await given(offered(hundred, { expiresAt: NOON })).then({
      timers: [
        { stream, due_at: new Date(MORNING) },
        { stream, due_at: new Date(NOON) },
      ],
    });
  });

  it("come at once when it is closed, for its listing when its capacity or the listing changed", async () => {
    await given(closed()).then({ timers: [{ stream, due_at: new Date(MORNING) }] });
    await given(capacityChanged(2, 1)).then({ timers: [{ stream: `listing-${EVENT}` }] });
    await given(eventCancelled()).then({ timers: [{ stream: `listing-${EVENT}`, due_at: new Date(MORNING) }] });
  });

  it("do not come for what needs no look", () => given(confirmed(1, 1), returned(1, 1, [0])).then({ timers: [] }));
});

describe("timers of bookings", () => {
  const begun = [claimed(1, 1), ...bookingOpened(1, [line(1)])];
  const ofClaim = { stream, due_at: new Date(CLAIMED_UNTIL) };

  it("come soon after each event of one that is open, and at its deadline", () =>
    given(...begun, authorized(1, later(2).toISOString()), bookingConfirmed(1, later(2).toISOString())).then({
      timers: [
        { stream: booking, due_at: later(5) },
        { stream: booking, due_at: later(7), position: "50" },
        { stream: booking, due_at: new Date(DEADLINE) },
        ofClaim,
      ],
    }));

  it("go when it is paid", () =>
    given(...begun, authorized(1), bookingConfirmed(1), captured(1)).then({ timers: [ofClaim] }));

  it("go when it needs no payment and is confirmed", () =>
    given(claimed(1, 1), ...bookingOpened(1, [line(1)], { free: true }), bookingConfirmed(1)).then({
      timers: [ofClaim],
    }));

  it("are a last look after what came to nothing", async () => {
    await given(...begun, declined(1), letGo(1, later(1).toISOString())).then({
      timers: [{ stream: booking, due_at: later(6) }, ofClaim],
    });
    await given(claimed(1, 1), abandoned(1, later(20).toISOString())).then({
      timers: [{ stream: booking, due_at: later(25) }, ofClaim],
    });
  });

  it("come for a booking that timed out, whose money may have to be given back", () =>
    given(...begun, timedOut(1, DEADLINE)).then({
      timers: [
        { stream: booking, due_at: later(5) },
        { stream: booking, due_at: new Date(DEADLINE) },
        { stream: booking, due_at: new Date(Date.parse(DEADLINE) + 5_000) },
        ofClaim,
      ],
    }));

  it("come for a cancellation, once", () =>
    given(
      ...begun,
      captured(1),
      ticketsCancelled(1, 7, [{ reservationId: line(1).reservationId, ordinals: [0] }], 4500, NOON),
      ticketsBack(1, 7, NOON),
      refunded(1, 7, NOON),
    ).then({ timers: [ofClaim, { stream: booking, due_at: new Date(Date.parse(NOON) + 5_000) }] }));
});

describe("timers of carts", () => {
  it("come when it expires, when its checkout takes long, and when it is given back", () =>
    given(cartOpened(), cartCheckedOut(1), cartReopened(1, { at: later(30).toISOString() })).then({
      timers: [
        { stream: cart, due_at: later(10) },
        { stream: cart, due_at: later(30) },
        { stream: cart, due_at: new Date(NOON) },
      ],
    }));

  it("go when it is done with, and come again for the next", async () => {
    await given(cartOpened(), cartCheckedOut(1), cartCompleted(1)).then({ timers: [] });
    await given(cartOpened(), cartCleared(), cartOpened({ expiresAt: EVENING })).then({
      timers: [{ stream: cart, due_at: new Date(EVENING) }],
    });
  });
});

describe("the work list", () => {
  let database: Awaited<ReturnType<typeof readModelDatabase>>;
  let pool: pg.Pool;
  beforeAll(async () => {
    database = await readModelDatabase();
    pool = database.pool;
  });
  afterAll(() => database[Symbol.asyncDispose]());

  const put = async (...rows: readonly (readonly [string, string, number])[]) => {
    await pool.query("delete from readmodels.timers");
    for (const row of rows) {
      await pool.query("insert into readmodels.timers (stream, due_at, position) values ($1, $2, $3)", [...row]);
    }
  };
  const due = (except: readonly string[] = [], streams = 10) =>
    dueStreams(
      pool,
      Date.parse(NOON),
      ["a", "b"].map((kind) => ({ prefix: `${kind}-`, streams })),
      except,
    );

  it("has what is due, of each kind, longest due first, one a stream", async () => {
    await put(
      ["a-2", MORNING, 5],
      ["a-2", NOON, 3],
      ["a-1", NOON, 4],
      ["a-3", EVENING, 1],
      ["a-4", MORNING, 1],
      ["b-1", NOON, 7],
    );
    expect(await due(["a-4"])).toEqual([
      { stream: "a-2", dueAt: new Date(NOON), position: 5n },
      { stream: "a-1", dueAt: new Date(NOON), position: 4n },
      { stream: "b-1", dueAt: new Date(NOON), position: 7n },
    ]);
    expect((await due([], 1)).map(({ stream }) => stream)).toEqual(["a-2", "b-1"]);
  });

  it("has others besides a stream with very many", async () => {
    const many = Array.from({ length: 25 }, (_, n) => ["a-busy", new Date(n * 1_000).toISOString(), n] as const);
    await put(...many, ["a-other", MORNING, 1]);
    const first = await due([], 2);
    expect(first).toEqual([{ stream: "a-busy", dueAt: new Date(19_000), position: 19n }]);
    const lease = await takeLease(pool, "timers");
    await settleTimers(
      pool,
      lease,
      first.map((one) => ({ ...one, againAtMs: null })),
    );
    expect((await due([], 2)).map(({ stream }) => stream)).toEqual(["a-busy", "a-other"]);
  });

  it("is found by an index, however many wait", async () => {
    await pool.query("delete from readmodels.timers");
    await pool.query(
      `insert into readmodels.timers (stream, due_at, position)
       select 'a-' || n, '2026-03-01T09:00:00Z'::timestamptz + n * interval '1 ms', n from generate_series(1, 20000) n`,
    );
    await pool.query("analyze readmodels.timers_g1");
    const explained = await pool.query<{ "QUERY PLAN": string }>(
      `explain select * from readmodels.timers where split_part(stream, '-', 1) = 'b' and due_at <= $1
       order by due_at limit 10`.replace("$1", `'${NOON}'`),
    );
    expect(explained.rows.map((row) => row["QUERY PLAN"]).join("\n")).toContain("Index Scan using timers_g1_by_due");
    expect(await due([], 3)).toHaveLength(3);
  });
});
