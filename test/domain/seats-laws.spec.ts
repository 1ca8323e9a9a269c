import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type InventoryCommand, inventory } from "../../src/domain/inventory.ts";
import type { InventoryEvent } from "../../src/domain/inventory-events.ts";
import { readInventory, type WrittenInventory, writeInventory } from "../../src/domain/inventory-snapshot.ts";
import { endsAtMs, type Inventory, type OpenedInventory } from "../../src/domain/inventory-state.ts";
import { claim, closeInventory, confirm, giveBack, holdAgain, letGo } from "./buying-words.ts";
import { extend, lapseDue, pause, release, reserve, resume } from "./inventory-words.ts";
import { audit, type Dated } from "./log-audit.ts";
import { allBlocks, type PlainSeat } from "./seating/plain-seating.ts";
import { SeatAudit } from "./seating/seat-audit.ts";
import { block, hallOpened, reserveSeats, seated, setSeats, unblock } from "./seats-words.ts";
import { later, ms, noon } from "./times.ts";
import { join, leave } from "./waitlist-words.ts";

/** The hall as plainly as it can be put, in the order of its map. */
const SEATS = ["S-A-1", "S-A-2", "S-A-3", "S-A-4", "S-A-5", "T-A-1", "T-A-2", "T-A-3", "T-A-4"];
const PLAIN = SEATS.map(
  (id): Omit<PlainSeat, "isFree"> => ({
    row: id.startsWith("S") ? 0 : 1,
    quality: id.startsWith("S") ? 2 : 0,
    kind: id === "S-A-1" ? "accessible" : id === "S-A-2" ? "companion" : "ordinary",
  }),
);

const account = fc.constantFrom("ada", "bob", "eve");
const id = fc.nat(3).map((n) => `r${n}`);
/** Mostly whose it is. */
const ownerOf = (reservation: string): string => ["ada", "bob", "eve", "ada"][Number(reservation.at(-1))] ?? "ada";
const seats = fc.uniqueArray(fc.constantFrom(...SEATS), { minLength: 1, maxLength: 4 });
const group = fc.record({
  best: fc.integer({ min: 1, max: 4 }),
  split: fc.boolean(),
  accessible: fc.constantFrom(0, 0, 0, 1),
});
const wish = fc.oneof(seats, group);

/** A command of one account, at a time that is given to it. */
const command: fc.Arbitrary<(at: string) => InventoryCommand> = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.tuple(id, wish).map(
      ([r, w]) =>
        (at: string) =>
          reserveSeats(r, w, { by: ownerOf(r), at }),
    ),
  },
  {
    weight: 2,
    arbitrary: fc.tuple(id, fc.integer({ min: 1, max: 6 })).map(
      ([r, quantity]) =>
        (at: string) =>
          reserve(r, { quantity, at }),
    ),
  },
  {
    weight: 4,
    arbitrary: fc.tuple(fc.nat(1), wish, fc.boolean()).map(([n, w, none]) => (at: string) => {
      const set = setSeats(`line${n}`, w, { at });
      const expiresAtMs = ms(at) + 5_000;
      return { ...set, ...(none ? { quantity: 0, choice: undefined } : {}), expiresAtMs } as InventoryCommand;
    }),
  },
  {
    weight: 3,
    arbitrary: fc.tuple(id, account).map(
      ([r, by]) =>
        (at: string) =>
          release(r, { by, at }),
    ),
  },
  {
    weight: 1,
    arbitrary: fc.tuple(id, account).map(
      ([r, by]) =>
        (at: string) =>
          extend(r, { by, at }),
    ),
  },
  {
    weight: 4,
    arbitrary: fc
      .oneof(id, fc.constantFrom("line0", "e1"))
      .map(
        (r) => (at: string) =>
          claim(r, { by: r === "line0" ? "ada" : r === "e1" ? "bob" : ownerOf(r), until: later(at, 3_000), at }),
      ),
  },
  { weight: 4, arbitrary: fc.oneof(id, fc.constantFrom("line0", "e1")).map((r) => (at: string) => confirm(r, { at })) },
  { weight: 2, arbitrary: id.map((r) => (at: string) => letGo(r, "timed-out", { at })) },
  {
    weight: 2,
    arbitrary: fc.tuple(id, fc.nat(2)).map(
      ([r, n]) =>
        (at: string) =>
          giveBack(r, [n], { at }),
    ),
  },
  {
    weight: 1,
    arbitrary: fc.tuple(id, seats).map(
      ([r, s]) =>
        (at: string): InventoryCommand =>
          ({
            ...holdAgain(r, { quantity: s.length, until: later(at, 3_000), at }),
            ...seated(s),
          }) as InventoryCommand,
    ),
  },
  {
    weight: 2,
    arbitrary: seats.map(
      (s) =>
        (at: string): InventoryCommand => ({ ...block(...s), atMs: ms(at) }),
    ),
  },
  {
    weight: 2,
    arbitrary: seats.map(
      (s) =>
        (at: string): InventoryCommand => ({ ...unblock(...s), atMs: ms(at) }),
    ),
  },
  {
    weight: 3,
    arbitrary: fc.tuple(fc.nat(3), fc.integer({ min: 1, max: 4 })).map(
      ([n, quantity]) =>
        (at: string) =>
          join(`e${n}`, { by: ["ada", "bob", "eve", "zoe"][n] as string, quantity, offerTtlSeconds: 4, at }),
    ),
  },
  {
    weight: 1,
    arbitrary: fc
      .nat(3)
      .map((n) => (at: string) => leave(`e${n}`, { by: ["ada", "bob", "eve", "zoe"][n] as string, at })),
  },
  { weight: 3, arbitrary: fc.constant((at: string) => lapseDue({ at })) },
  {
    weight: 1,
    arbitrary: fc.boolean().map(
      (on) =>
        (at: string): InventoryCommand => ({ ...(on ? pause() : resume()), atMs: ms(at) }),
    ),
  },
);

const buying = fc
  .tuple(id, wish, fc.nat(2))
  .map(([r, w, n]): readonly ((at: string) => InventoryCommand)[] => [
    (at) => reserveSeats(r, w, { by: ownerOf(r), at }),
    (at) => claim(r, { by: ownerOf(r), until: later(at, 3_000), at }),
    (at) => confirm(r, { at }),
    (at) => giveBack(r, [n], { at }),
  ]);

const work = fc.array(
  fc.record({
    passesMs: fc.constantFrom(0, 0, 1_000, 3_000, 6_000, 70_000),
    commands: fc
      .array(fc.oneof({ weight: 6, arbitrary: command.map((one) => [one]) }, { weight: 1, arbitrary: buying }), {
        minLength: 1,
        maxLength: 5,
      })
      .map((several) => several.flat()),
    durable: fc.boolean(),
  }),
  { maxLength: 12 },
);

/** An inventory at work as the command runner uses it. */
class Run {
  at = noon;
  state: Inventory;
  log: readonly Dated[];
  #durable: Inventory;
  #durableLog: readonly Dated[];

  constructor() {
    const opened = hallOpened();
    const { data } = opened;
    const event: InventoryEvent = {
      ...opened,
      data: { ...data, eventTerms: { ...data.eventTerms, holdTtlSeconds: 5 } },
    };
    this.state = inventory.evolve(inventory.initialState(), event);
    this.log = [{ event, atMs: ms(noon) }];
    this.#durable = this.state;
    this.#durableLog = this.log;
    this.commit();
  }

  get opened(): OpenedInventory {
    return this.state as OpenedInventory;
  }

  stage(events: readonly InventoryEvent[]): void {
    for (const event of events) {
      this.state = inventory.evolve(this.state, event);
      this.log = [...this.log, { event, atMs: ms(this.at) }];
    }
  }

  commit(): void {
    for (const staged of inventory.stagedIn(this.state)) staged.commit();
    this.#durable = this.state;
    this.#durableLog = this.log;
  }

  rollback(): void {
    for (const staged of inventory.stagedIn(this.state)) staged.rollback();
    this.state = this.#durable;
    this.log = this.#durableLog;
  }
}

const seatAuditOf = (log: readonly Dated[]): SeatAudit => {
  const seating = new SeatAudit();
  for (const { event } of log) seating.take(event);
  return seating;
};

/** Seats that nobody has and that are not blocked; those of reservations that are due count as free. */
function freeSeats(run: Run): ReadonlySet<string> {
  const seating = seatAuditOf(run.log);
  const free = new Set(SEATS.filter((seat) => !seating.isBlocked(seat)));
  for (const [seat, reservationId] of seating.owned()) {
    const held = run.opened.tables.reservations.get(reservationId);
    if (held === undefined || endsAtMs(held) > ms(run.at)) free.delete(seat);
  }
  return free;
}

/** Where every seat stands, and all that hangs on it. */
function everythingOf({ tables, ...fields }: OpenedInventory) {
  const { seats } = tables;
  return {
    ...fields,
    reservations: [...tables.reservations.entries()].sort(),
    booked: [...tables.booked.entries()].sort(),
    waiting: [...tables.waitlist.entries()],
    seats: SEATS.map((_, seat) => seats?.statusOf(seat)),
    free: [seats?.free, seats?.freeOrdinary, seats?.freeAccessible],
    runs: [...(seats?.runs() ?? [])],
  };
}

/** In ms. */
const timeout = 60_000;

describe("whatever is wished for of numbered seats, in whatever batches, committed or not", { timeout }, () => {
  it("no seat has two owners, as the log alone proves; refusals name what is taken, and the best are given", () => {
    const seen = new Set<string>();
    fc.assert(
      fc.property(work, (batches) => {
        const run = new Run();
        for (const { passesMs, commands, durable } of batches) {
          run.at = later(run.at, passesMs);
          for (const make of commands) {
            const wished = make(run.at);
            const free = freeSeats(run);
            const nobodyWaits = run.opened.tables.waitlist.size === 0;
            const before = JSON.stringify(everythingOf(run.opened));
            const decision = inventory.decide(wished, run.state);
            expect(JSON.stringify(everythingOf(run.opened)), "deciding changed the state").toBe(before);
            if (!decision.accepted) {
              seen.add(decision.code);
              if (decision.code === "seat-taken" && nobodyWaits) {
                for (const seat of decision.details.seats as string[])
                  expect(free.has(seat) && !isOwn(run, wished, seat)).toBe(false);
              }
              continue;
            }
            for (const { type } of decision.events) seen.add(type);
            run.stage(decision.events);
            audit(run.log);
            if (nobodyWaits && wished.type === "Reserve") expectTheBest(wished, decision.events.at(-1), free);
          }
          if (durable) run.commit();
          else run.rollback();
          const again = readInventory(JSON.parse(JSON.stringify(writeInventory(run.state))) as WrittenInventory);
          expect(everythingOf(again as OpenedInventory)).toEqual(everythingOf(run.opened));
        }
        const replayed = run.log.reduce((state, { event }) => inventory.evolve(state, event), inventory.initialState());
        for (const staged of inventory.stagedIn(replayed)) staged.commit();
        expect(everythingOf(replayed as OpenedInventory)).toEqual(everythingOf(run.opened));
        const owned = seatAuditOf(run.log).owned();
        for (const [seat, status] of everythingOf(run.opened).seats.entries()) {
          expect(status === 1 || status === 2).toBe(owned.has(SEATS[seat] as string));
        }
      }),
      { numRuns: 500 },
    );
    // The wishes have to be such that all of this comes about, or the law above says little.
    for (const what of [
      "TicketsReserved",
      "ReservationQuantityChanged",
      "ReservationConfirmed",
      "TicketsReturned",
      "TicketsOffered",
      "SeatsBlocked",
      "SeatsUnblocked",
      "ReservationsExpired",
      "seat-taken",
      "sold-out",
      "no-adjacent-seats",
    ]) {
      expect([...seen]).toContain(what);
    }
  });

  it("an event that is called off gives all seats back", () => {
    const run = new Run();
    run.stage(accepted(inventory.decide(reserveSeats("r1", ["S-A-3"]), run.state)));
    run.stage(accepted(inventory.decide(closeInventory(), run.state)));
    run.stage(accepted(inventory.decide(lapseDue(), run.state)));
    expect(seatAuditOf(run.log).owned().size).toBe(0);
    expect(run.opened.tables.seats?.free).toBe(8);
  });
});

const accepted = (decision: ReturnType<typeof inventory.decide>) => {
  if (!decision.accepted) throw new Error(decision.code);
  return decision.events;
};

/** A line's own seats are never in its way. */
function isOwn(run: Run, wished: InventoryCommand, seat: string): boolean {
  return wished.type === "SetLine" && seatAuditOf(run.log).owned().get(seat) === wished.reservationId;
}

function expectTheBest(
  wished: InventoryCommand,
  reserved: InventoryEvent | undefined,
  free: ReadonlySet<string>,
): void {
  if (wished.type !== "Reserve" || reserved?.type !== "TicketsReserved") throw new Error("not reserved");
  const { seats = [] } = reserved.data;
  for (const seat of seats) expect(free).toContain(seat);
  const { choice = { split: true, accessible: 0 }, quantity } = wished;
  if ("seats" in choice) {
    expect(seats).toEqual(choice.seats);
    return;
  }
  const plain = PLAIN.map((one, index) => ({ ...one, isFree: free.has(SEATS[index] as string) }));
  const [first] = allBlocks(plain, quantity, choice.accessible);
  if (first === undefined) expect(choice.split).toBe(true);
  else expect(seats).toEqual(SEATS.slice(first, first + quantity));
}
