import type pg from "pg";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { consistentReads, ReadModelBehind } from "../../src/projections/consistent-read.ts";
import { decodeCursor, encodeCursor, InvalidCursor } from "../../src/projections/cursor.ts";
import { readSide } from "../../src/projections/database.ts";
import { eventDetailsQueries } from "../../src/projections/event-details/queries.ts";
import { type Progress, watchProgress } from "../../src/projections/progress.ts";
import { reservationQueries } from "../../src/projections/reservations/queries.ts";
import { project, readModelDatabase, silent } from "./given.ts";
import {
  ANN,
  BOB,
  created,
  DETAILS,
  EVENING,
  EVENT,
  keyHashOf,
  MORNING,
  NOON,
  ORGANIZER,
  opened,
  REGULAR,
  recordedBy,
  released,
  reservationId,
  reserved,
  VIP,
} from "./recorded.ts";
import { eventCancelled } from "./recorded-purchases.ts";
import { hallOpened } from "./recorded-seats.ts";

const OTHER_EVENT = "018f0000-0000-7000-8000-0000000000e2";
const CANCELLED_EVENT = "018f0000-0000-7000-8000-0000000000e3";
const LAST = "2026-03-02T09:00:00.000Z";

let database: Awaited<ReturnType<typeof readModelDatabase>>;
let pool: pg.Pool;
let progress: Progress;
/** What the log's head is said to be. */
let head = 0n;
const record = recordedBy();

beforeAll(async () => {
  database = await readModelDatabase();
  pool = database.pool;
  progress = watchProgress({ pool, log: silent, pollMs: 20 });
  const events = record(
    opened({ capacity: 10, terms: { maxPerUser: 4 } }),
    opened({ ticketTypeId: VIP, ordinal: 1, capacity: 2, terms: { name: "VIP", saleStartsAt: NOON } }),
    created({ code: "WS" }),
    reserved(1, { quantity: 3, key: "first" }),
    reserved(2, { accountId: BOB, at: "2026-03-01T09:00:01.000Z", expiresAt: EVENING }),
    reserved(3, { at: "2026-03-01T09:00:01.000Z", expiresAt: EVENING }),
    reserved(4, { at: "2026-03-01T09:00:01.000Z", expiresAt: EVENING, key: "fourth" }),
    released(4),
    reserved(5, { ticketTypeId: VIP, quantity: 2, at: NOON, expiresAt: EVENING }),
    opened({ eventId: OTHER_EVENT }),
    created({ eventId: OTHER_EVENT, draft: true, at: NOON }),
    opened({ eventId: CANCELLED_EVENT }),
    created({ eventId: CANCELLED_EVENT, organizerId: BOB }),
    eventCancelled({ eventId: CANCELLED_EVENT }),
  );
  await project(pool, events);
  head = events.at(-1)?.position ?? 0n;
});
afterAll(async () => {
  await progress.close();
  await database[Symbol.asyncDispose]();
});

const side = (waitMs = 300) => readSide(pool, consistentReads({ progress, head: async () => head, waitMs }));
const at = (time: string, minPosition: bigint | null = null) => ({ minPosition, nowMs: Date.parse(time) });

describe("event details", () => {
  it("are all that the event's page shows", async () => {
    expect(await eventDetailsQueries(side()).get(EVENT, at("2026-03-01T11:00:00Z"))).toEqual({
      ...DETAILS,
      eventId: EVENT,
      organizerId: ORGANIZER,
      code: "WS",
      currency: "EUR",
      version: 1,
      status: "ACTIVE",
      paused: false,
      createdAt: MORNING,
      updatedAt: MORNING,
      total: 12,
      available: 5,
      held: 7,
      booked: 0,
      ticketTypes: [
        {
          ticketTypeId: REGULAR,
          name: "Regular",
          description: null,
          price: { amount: 4500, currency: "EUR" },
          reservedSeating: false,
          saleStartsAt: MORNING,
          saleEndsAt: null,
          saleStatus: "OPEN",
          paused: false,
          maxPerUser: 4,
          maxPerOrder: 100,
          total: 10,
          available: 5,
          held: 5,
          booked: 0,
        },
        {
          ticketTypeId: VIP,
          name: "VIP",
          description: null,
          price: { amount: 4500, currency: "EUR" },
          reservedSeating: false,
          saleStartsAt: NOON,
          saleEndsAt: null,
          saleStatus: "UPCOMING",
          paused: false,
          maxPerUser: null,
          maxPerOrder: 100,
          total: 2,
          available: 0,
          held: 2,
          booked: 0,
        },
      ],
    });
  });

  it("are answered from tables that are to be built anew, without what these do not have", async () => {
    await using older = await readModelDatabase();
    await project(older.pool, recordedBy()(hallOpened(), created()));
    const hallOf = async () => {
      const queries = eventDetailsQueries(readSide(older.pool, consistentReads({ progress, head: async () => head })));
      return (await queries.get(EVENT, at(NOON)))?.ticketTypes[0];
    };
    expect(await hallOf()).toMatchObject({ maxPrice: { amount: 9_000, currency: "EUR" } });
    await older.pool.query(`
      drop view readmodels.ticket_types cascade;
      alter table readmodels.ticket_types_g1 drop column section_prices;
      create view readmodels.ticket_types as select * from readmodels.ticket_types_g1`);
    const hall = await hallOf();
    expect(hall).toMatchObject({ price: { amount: 4_500, currency: "EUR" }, reservedSeating: true, total: 5 });
    expect(hall).not.toHaveProperty("maxPrice");
  });

  it("go with the time", async () => {
    const statusAt = async (time: string) => {
      const event = await eventDetailsQueries(side()).get(EVENT, at(time));
      return [event?.status, ...(event?.ticketTypes.map(({ saleStatus }) => saleStatus) ?? [])];
    };
    expect(await statusAt("2026-03-01T08:59:59.999Z")).toEqual(["ACTIVE", "UPCOMING", "UPCOMING"]);
    expect(await statusAt(NOON)).toEqual(["ACTIVE", "OPEN", "SOLD_OUT"]);
    expect(await statusAt("2026-03-01T19:59:59.999Z")).toEqual(["ACTIVE", "OPEN", "SOLD_OUT"]);
    expect(await statusAt(EVENING)).toEqual(["ENDED", "CLOSED", "CLOSED"]);
  });

  it("of a cancelled event have no sale any more", async () => {
    expect(await eventDetailsQueries(side()).get(CANCELLED_EVENT, at(MORNING))).toMatchObject({
      status: "CANCELLED",
      version: 2,
      ticketTypes: [{ saleStatus: "CLOSED" }],
    });
    expect(await eventDetailsQueries(side()).get(CANCELLED_EVENT, at(LAST))).toMatchObject({ status: "CANCELLED" });
  });

  it("of an organizer's events are listed newest first, page by page", async () => {
    const queries = eventDetailsQueries(side());
    const first = await queries.listByOrganizer(ORGANIZER, { cursor: null, limit: 1 }, at(NOON));
    expect(first.items.map(({ eventId, status }) => [eventId, status])).toEqual([[OTHER_EVENT, "DRAFT"]]);
    const second = await queries.listByOrganizer(ORGANIZER, { cursor: first.next, limit: 1 }, at(NOON));
    expect(second.items.map(({ eventId }) => eventId)).toEqual([EVENT]);
    expect(second.next).toBeNull();
    expect(await queries.listByOrganizer(ANN, { cursor: null, limit: 1 }, at(NOON))).toEqual({ items: [], next: null });
  });
});

describe("an event as it is recorded", () => {
  it("has a revision of all its inventories, and the checkpoint of the same snapshot", async () => {
    const { checkpoint, value } = await eventDetailsQueries(side()).recorded(EVENT);
    expect([value?.eventId, value?.revision, checkpoint]).toEqual([EVENT, 8, head]);
  });

  it("says as what it is shown at an instant, and until when that stays so by itself", async () => {
    const { value } = await eventDetailsQueries(side()).recorded(EVENT);
    const shown = [MORNING, NOON, EVENING].map((time) => value?.at(Date.parse(time)));
    expect(shown.map((one) => one?.event.ticketTypes.map(({ saleStatus }) => saleStatus))).toEqual([
      ["OPEN", "UPCOMING"],
      ["OPEN", "SOLD_OUT"],
      ["CLOSED", "CLOSED"],
    ]);
    expect(shown.map((one) => one?.untilMs)).toEqual([Date.parse(NOON), Date.parse(EVENING), Number.POSITIVE_INFINITY]);
  });

  it("is not there for what is no event", async () => {
    expect((await eventDetailsQueries(side()).recorded(REGULAR)).value).toBeNull();
  });
});

describe("reservations", () => {
  it("are HELD until they are due", async () => {
    const queries = reservationQueries(side());
    expect(await queries.get(reservationId(1), at("2026-03-01T11:59:59.999Z"))).toEqual({
      reservationId: reservationId(1),
      eventId: EVENT,
      ticketTypeId: REGULAR,
      accountId: ANN,
      quantity: 3,
      unitPrice: { amount: 4500, currency: "EUR" },
      total: { amount: 13500, currency: "EUR" },
      status: "HELD",
      expiresAt: NOON,
      createdAt: MORNING,
      extended: false,
      cartId: null,
      bookingId: null,
    });
    expect(await queries.get(reservationId(1), at(NOON))).toMatchObject({ status: "EXPIRED" });
    expect(await queries.get(reservationId(4), at(LAST))).toMatchObject({ status: "RELEASED" });
    expect(await queries.get("no id of ours", at(NOON))).toBeNull();
  });

  it("of an account are listed newest first, page by page, without gaps", async () => {
    const queries = reservationQueries(side());
    const seen: string[] = [];
    let cursor: string | null = null;
    do {
      const page: Awaited<ReturnType<typeof queries.listByAccount>> = await queries.listByAccount(
        ANN,
        { status: null, cursor, limit: 1 },
        at(NOON),
      );
      seen.push(...page.items.map((item) => item.reservationId));
      cursor = page.next;
    } while (cursor !== null);
    expect(seen).toEqual([5, 4, 3, 1].map(reservationId));
  });

  it("are listed by the status that they have at the time", async () => {
    const listed = async (status: "HELD" | "EXPIRED" | "RELEASED", time: string) => {
      const page = await reservationQueries(side()).listByAccount(ANN, { status, cursor: null, limit: 50 }, at(time));
      return page.items.map((item) => item.reservationId);
    };
    expect(await listed("HELD", MORNING)).toEqual([5, 3, 1].map(reservationId));
    expect(await listed("HELD", NOON)).toEqual([5, 3].map(reservationId));
    expect(await listed("EXPIRED", NOON)).toEqual([1].map(reservationId));
    expect(await listed("RELEASED", NOON)).toEqual([4].map(reservationId));
  });

  it("are found by the key they were made with, in their inventory only", async () => {
    const queries = reservationQueries(side());
    const find = (ticketTypeId: string, key: string) =>
      queries.findByKey({ eventId: EVENT, ticketTypeId }, keyHashOf(key), null);
    expect(await find(REGULAR, "fourth")).toEqual([{ reservationId: reservationId(4), revision: 4 }]);
    expect(await find(VIP, "fourth")).toEqual([]);
    expect(await find(REGULAR, "never used")).toEqual([]);
  });
});

describe("a cursor", () => {
  it("gives back what it was made of", () => {
    const cursor = { createdAtMs: Date.parse(NOON), id: EVENT };
    expect(decodeCursor(encodeCursor(cursor))).toEqual(cursor);
  });

  it.each(["", "x", "MTIz", Buffer.from(`99999999999999999.${EVENT}`).toString("base64url"), `${"A".repeat(500)}`])(
    "is refused when it is none: %s",
    (text) => expect(() => decodeCursor(text)).toThrow(InvalidCursor),
  );
});

describe("a read with a minimal position", () => {
  it("answers at once when the read model is there", async () => {
    expect(await reservationQueries(side(0)).get(reservationId(1), at(NOON, head))).not.toBeNull();
  });

  it("waits for what was written before it, wherever it is projected", async () => {
    const [event] = record(reserved(6));
    const read = reservationQueries(side(5_000)).get(reservationId(6), at(NOON, event?.position ?? 0n));
    await new Promise((resolve) => setTimeout(resolve, 50));
    await project(pool, event === undefined ? [] : [event]);
    expect(await read).toMatchObject({ reservationId: reservationId(6) });
  });

  it("is told that the read model is behind, after its time", async () => {
    const begun = performance.now();
    const read = eventDetailsQueries(side(150)).get(EVENT, at(NOON, 10_000n));
    await expect(read).rejects.toBeInstanceOf(ReadModelBehind);
    expect(performance.now() - begun).toBeGreaterThan(140);
  });

  it("does not take the projector's word for the database's", async () => {
    const [event] = record(reserved(7));
    const position = event?.position ?? 0n;
    progress.projected(["reservations"], position); // ahead of what a replica has
    const read = reservationQueries(side(5_000)).get(reservationId(7), at(NOON, position));
    await new Promise((resolve) => setTimeout(resolve, 100));
    await project(pool, event === undefined ? [] : [event]);
    expect(await read).not.toBeNull();
  });
});

describe("a look-up that finds nothing", () => {
  it("says so only once the read model has passed the log's head", async () => {
    const [event] = record(reserved(8));
    head = event?.position ?? 0n;
    const read = reservationQueries(side(5_000)).get(reservationId(8), at(NOON));
    await new Promise((resolve) => setTimeout(resolve, 50));
    await project(pool, event === undefined ? [] : [event]);
    expect(await read).toMatchObject({ reservationId: reservationId(8) });
    expect(await reservationQueries(side(0)).get(reservationId(99), at(NOON))).toBeNull();
  });

  it("is not answered by a read model that is behind", async () => {
    head = 20_000n;
    const read = reservationQueries(side(100)).get(reservationId(99), at(NOON));
    await expect(read).rejects.toBeInstanceOf(ReadModelBehind);
    expect(await reservationQueries(side(0)).get(reservationId(1), at(NOON))).not.toBeNull();
  });
});

describe("progress", () => {
  it("is heard of from other processes, without asking", async () => {
    const elsewhere = watchProgress({ pool, log: silent, pollMs: 60_000 });
    try {
      await vi.waitFor(async () => {
        const { rows } = await pool.query("select 1 from pg_stat_activity where query = 'listen boxoffice_projected'");
        expect(rows.length).toBeGreaterThanOrEqual(2);
      });
      const [event] = record(reserved(9));
      const reached = elsewhere.reached(["reservations"], event?.position ?? 0n, 5_000);
      await new Promise((resolve) => setTimeout(resolve, 100)); // past the first look at the table
      await project(pool, event === undefined ? [] : [event]);
      expect(await reached).toBe(true);
    } finally {
      await elsewhere.close();
    }
  });
});
