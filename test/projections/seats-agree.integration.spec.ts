import { randomUUID } from "node:crypto";
import fc from "fast-check";
import { afterAll, beforeAll, expect, it } from "vitest";
import { type InventoryCommand, inventory } from "../../src/domain/inventory.ts";
import type { InventoryEvent } from "../../src/domain/inventory-events.ts";
import type { OpenedInventory } from "../../src/domain/inventory-state.ts";
import type { SeatTable } from "../../src/domain/seating/seat-table.ts";
import { inventoryStream } from "../../src/eventstore/streams.ts";
import { seatQueries } from "../../src/projections/seats/queries.ts";
import { project, readModelDatabase } from "./given.ts";
import { type Fact, MORNING, PRICE, REGULAR, recordedBy } from "./recorded.ts";
import { hallOpened } from "./recorded-seats.ts";

let database: Awaited<ReturnType<typeof readModelDatabase>>;
beforeAll(async () => {
  database = await readModelDatabase();
});
afterAll(() => database?.[Symbol.asyncDispose]());

const SEATS = ["S-A-1", "S-A-2", "S-A-3", "T-A-1", "T-A-2", "T-A-3"];
const TYPES = ["Reserve", "SetLine", "Buy", "Release", "ReturnTickets", "LetGo", "HoldAgain"] as const;
const OTHERS = ["BlockSeats", "UnblockSeats", "JoinWaitlist", "LapseDue"] as const;

/** Of events that are to be among those that agree. */
const KINDS = [
  "ReservationConfirmed",
  "ReservationQuantityChanged",
  "ReservationReleased",
  "ReservationsExpired",
  "SeatsBlocked",
  "SeatsUnblocked",
  "TicketsOffered",
  "TicketsReserved",
  "TicketsReturned",
];
const MOST_ROUNDS = 20;

/** One step of a sale of six seats, over few ids, so that wishes get into each other's way. */
const step = fc.record({
  type: fc.oneof(
    { weight: 3, arbitrary: fc.constantFrom(...TYPES) },
    { weight: 1, arbitrary: fc.constantFrom(...OTHERS) },
  ),
  number: fc.nat(3),
  seats: fc.shuffledSubarray(SEATS, { minLength: 1, maxLength: 3 }),
  ordinal: fc.nat(2),
  passSeconds: fc.constantFrom(0, 0, 0, 0, 30, 300),
});
type Step = typeof step extends fc.Arbitrary<infer One> ? One : never;

function commandsOf({ type, number, seats, ordinal }: Step, ids: readonly string[], atMs: number): InventoryCommand[] {
  const [reservationId, accountId, bookingId, line] = [0, 4, 8, 12].map((from) => ids[from + number] as string) as [
    string,
    string,
    string,
    string,
  ];
  const wish = { accountId, guest: false, quantity: seats.length, choice: { seats } };
  const deadlineMs = atMs + 60_000;
  const of = { reservationId, bookingId, atMs };
  switch (type) {
    case "Reserve":
      return [{ type, atMs, reservationId, ...wish, holdTtlSeconds: 100 }];
    case "SetLine":
      return [{ type, atMs, reservationId: line, cartId: bookingId, ...wish, expiresAtMs: atMs + 100_000 }];
    case "Buy":
      return [
        { type: "Claim", ...of, accountId, deadlineMs },
        { type: "Confirm", ...of },
      ];
    case "Release":
      return [{ type, atMs, reservationId, accountId }];
    case "ReturnTickets":
      return [{ type, ...of, ordinals: [ordinal] }];
    case "LetGo":
      return [{ type, ...of, outcome: "timed-out" }];
    case "HoldAgain":
      return [{ type, ...of, accountId, quantity: seats.length, unitPrice: PRICE, seats, deadlineMs }];
    case "JoinWaitlist":
      return [{ type, atMs, entryId: line, accountId, guest: false, quantity: 2, offerTtlSeconds: 100 }];
    case "LapseDue":
      return [{ type, atMs }];
    default:
      return [{ type, atMs, seats }];
  }
}

const statusesIn = ({ tables }: OpenedInventory): readonly number[] =>
  SEATS.map((_, seat) => (tables.seats as SeatTable).statusOf(seat));

/** What is recorded of these steps, and how the seats stand after each event by the inventory itself. */
function runSale(steps: readonly Step[], eventId: string): { fact: Fact; said: readonly number[] }[] {
  const ids = Array.from({ length: 16 }, () => randomUUID());
  const opening = hallOpened({ eventId });
  let state = inventory.evolve(inventory.initialState(), opening.event as InventoryEvent) as OpenedInventory;
  const log = [{ fact: opening, said: statusesIn(state) }];
  let atMs = Date.parse(MORNING);
  for (const one of steps) {
    atMs += 1_000 * one.passSeconds;
    for (const command of commandsOf(one, ids, atMs)) {
      const decision = inventory.decide(command, state);
      if (!decision.accepted) continue;
      for (const event of decision.events) {
        state = inventory.evolve(state, event) as OpenedInventory;
        const fact = { stream: inventoryStream(eventId, REGULAR), event, at: new Date(atMs).toISOString(), key: null };
        log.push({ fact, said: statusesIn(state) });
      }
      for (const staged of inventory.stagedIn(state)) staged.commit();
    }
  }
  return log;
}

it("seats stand as the inventory itself has them, after every event and in batches of any size", async () => {
  const record = recordedBy();
  const queries = seatQueries({ pool: database.pool });
  const seen = new Set<string>();
  const sales = fc.array(step, { minLength: 40, maxLength: 60, size: "max" });
  const agree = () =>
    fc.assert(
      fc.asyncProperty(sales, fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1 }), async (steps, sizes) => {
        const eventId = randomUUID();
        const log = runSale(steps, eventId);
        const events = record(...log.map(({ fact }) => fact));
        for (const { type } of events) seen.add(type);
        for (let from = 0, turn = 0; from < events.length; turn += 1) {
          from += sizes[turn % sizes.length] ?? 1;
          await project(database.pool, events.slice(from - (sizes[turn % sizes.length] ?? 1), from));
          const { value } = await queries.recorded(eventId, REGULAR, null);
          const last = Math.min(from, events.length) - 1;
          expect(value?.revision).toBe(last);
          expect([...(value?.statuses ?? [])]).toEqual(log[last]?.said);
          expect(value?.eventRevision).toBe(last + 1);
        }
      }),
      { numRuns: 25, endOnFailure: true },
    );
  // Some kinds of events come in every tenth sale only.
  for (let rounds = 0; rounds < MOST_ROUNDS && KINDS.some((kind) => !seen.has(kind)); rounds += 1) await agree();
  expect([...seen]).toEqual(expect.arrayContaining(KINDS));
});
