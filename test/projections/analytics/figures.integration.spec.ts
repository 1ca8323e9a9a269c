import fc from "fast-check";
import type pg from "pg";
import { afterAll, beforeAll, expect, it } from "vitest";
import { encode } from "../../../src/eventstore/envelope.ts";
import type { StoredEvent } from "../../../src/eventstore/port.ts";
import { project, readModelDatabase } from "../given.ts";
import { runSale, sales } from "../random-sale.ts";
import { type Fact, recordedBy } from "../recorded.ts";
import { type Figures, figuresOf } from "./independent-figures.ts";
import { type ByWhom, purchases, runPurchases } from "./random-purchases.ts";

let database: Awaited<ReturnType<typeof readModelDatabase>>;
let pool: pg.Pool;
beforeAll(async () => {
  database = await readModelDatabase();
  pool = database.pool;
});
afterAll(() => database?.[Symbol.asyncDispose]());

/** As {@link recordedBy}, with who did it. */
function recorded(record: ReturnType<typeof recordedBy>, facts: readonly (Fact | ByWhom)[]): readonly StoredEvent[] {
  return record(...facts).map((stored, index) => {
    const fact = facts[index] as Fact | ByWhom;
    if (!("by" in fact)) return stored;
    const envelope = { ...JSON.parse(stored.metadata), actor: fact.by };
    return { ...stored, ...encode(stored.id, fact.event, envelope) };
  });
}

const without = (row: Readonly<Record<string, number>>) =>
  Object.fromEntries(Object.entries(row).filter(([, amount]) => amount !== 0));

/** The same figures, as the views have them. */
async function viewed(): Promise<Figures> {
  const rows = async (text: string) => (await pool.query(text)).rows;
  const keyed = (found: readonly Record<string, unknown>[], more = "") =>
    Object.fromEntries(
      found.map(({ event_id, ticket_type_id, ...row }) => {
        const key = `${event_id}.${ticket_type_id}${more === "" ? "" : ` ${row[more]}`}`;
        const amounts = Object.entries(row).filter(([name]) => name !== more);
        return [key, Object.fromEntries(amounts.map(([name, value]) => [name, Number(value)]))];
      }),
    );
  const cleaned = (table: Record<string, Record<string, number>>) =>
    Object.fromEntries(
      Object.entries(table)
        .map(([key, row]) => [key, without(row)] as const)
        .filter(([, row]) => Object.keys(row).length > 0),
    );
  const became = ["made", "bought", "released", "expired", "withdrawn", "declined"];
  const columns = ["made", "confirmed", "released", "expired", "withdrawn", "declined"];
  const funnel = await rows(
    `select event_id, ticket_type_id, ${became
      .flatMap((what, index) => [
        `sum(reservations_${columns[index]}) as "reservations ${what}"`,
        `sum(tickets_${columns[index] === "made" ? "reserved" : columns[index]}) as "tickets ${what}"`,
      ])
      .join(", ")} from analytics.activity group by 1, 2`,
  );
  const revenue =
    await rows(`select event_id, ticket_type_id, currency, tickets_sold as tickets, gross, tickets_cancelled as cancelled,
    refunds as refunded, refunds + refunds_pending as asked from analytics.revenue`);
  const demand =
    await rows(`select event_id, ticket_type_id, tickets_waiting as "WAITING", tickets_offered as "OFFERED",
    tickets_taken as "TAKEN", tickets_lapsed as "LAPSED",
    tickets_unmet - tickets_waiting as "LEFT or ENDED" from analytics.unmet_demand`);
  const soldOut = await rows("select event_id, ticket_type_id, sold_out_at, booked_out_at from analytics.sell_out");
  const pace =
    await rows(`select event_id || '.' || ticket_type_id || ' ' || to_char(date_trunc('hour', slot) at time zone 'UTC', 'YYYY-MM-DD"T"HH24') as key,
    sum(tickets_sold) as tickets, sum(gross) as gross from analytics.takings group by 1 having sum(tickets_sold) > 0 or sum(gross) > 0`);
  return {
    funnel: cleaned(keyed(funnel)),
    revenue: cleaned(keyed(revenue, "currency")),
    occupancy: keyed(
      await rows("select event_id, ticket_type_id, total, held, booked from analytics.occupancy"),
    ) as Figures["occupancy"],
    soldOut: Object.fromEntries(
      soldOut.map((row) => [
        `${row.event_id}.${row.ticket_type_id}`,
        { all: row.sold_out_at?.toISOString() ?? null, booked: row.booked_out_at?.toISOString() ?? null },
      ]),
    ),
    demand: cleaned(keyed(demand)),
    pace: Object.fromEntries(
      pace.map(({ key, tickets, gross }) => [key, { tickets: Number(tickets), gross: Number(gross) }]),
    ),
  };
}

/** What views don't tell apart, or leave out where there is nothing. */
function comparable({ demand, funnel, revenue, pace, ...others }: Figures): Figures {
  const cleaned = (table: Record<string, Record<string, number>>) =>
    Object.fromEntries(
      Object.entries(table)
        .map(([key, row]) => [key, without(row)] as const)
        .filter(([, row]) => Object.keys(row).length > 0),
    );
  const joined = Object.fromEntries(
    Object.entries(demand).map(([key, { LEFT = 0, ENDED = 0, ...row }]) => [
      key,
      { ...row, "LEFT or ENDED": LEFT + ENDED },
    ]),
  );
  const moved = Object.fromEntries(Object.entries(pace).filter(([, { tickets, gross }]) => tickets > 0 || gross > 0));
  return { ...others, funnel: cleaned(funnel), revenue: cleaned(revenue), demand: cleaned(joined), pace: moved };
}

it("every figure is what the log says, added up by other code, however it came in batches", async () => {
  const record = recordedBy();
  const log: StoredEvent[] = [];
  const sizes = fc.array(fc.integer({ min: 1, max: 60 }), { minLength: 1, maxLength: 6 });
  await fc.assert(
    fc.asyncProperty(sales, purchases, sizes, async (sale, bought, batches) => {
      const facts = [...runSale(sale).map(({ fact }) => fact), ...runPurchases(bought)];
      const events = recorded(record, facts);
      for (let from = 0, turn = 0; from < events.length; turn += 1) {
        const size = batches[turn % batches.length] ?? 1;
        await project(pool, events.slice(from, from + size));
        from += size;
      }
      log.push(...events);
      expect(await viewed()).toEqual(comparable(figuresOf(log)));
    }),
    { numRuns: 25, endOnFailure: true }, // a smaller sale is not worth the minutes that it takes to find
  );
});

it("these purchases end in every way, and are given back in every way", () => {
  const facts = fc.sample(purchases, { numRuns: 150, seed: 1 }).flatMap((several) => runPurchases(several));
  const seen = new Set(facts.map(({ event }) => event.type));
  expect([...seen].sort()).toEqual([
    "BookingConfirmed",
    "BookingOpened",
    "BookingRevived",
    "BookingTimedOut",
    "BookingWithdrawn",
    "PaymentAuthorized",
    "PaymentCaptured",
    "PaymentDeclined",
    "PaymentRequested",
    "PaymentVoided",
    "RefundRequested",
    "RefundSucceeded",
    "TicketsCancelled",
  ]);
});
