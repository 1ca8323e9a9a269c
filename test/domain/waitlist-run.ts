import fc from "fast-check";
import { type InventoryCommand, inventory } from "../../src/domain/inventory.ts";
import type { OpenedInventory } from "../../src/domain/inventory-state.ts";
import { opened } from "./inventory-words.ts";
import type { Dated } from "./log-audit.ts";
import { ms, noon } from "./times.ts";

/** Random work of those who wait and those who don't, on few tickets, so that they get into each other's way. */
export type Wish =
  | { readonly do: "join" | "reserve"; readonly account: string; readonly quantity: number; readonly seconds: number }
  | { readonly do: "leave" | "release" | "buy" | "give back" | "withdraw"; readonly which: number }
  | { readonly do: "capacity"; readonly capacity: number }
  | { readonly do: "lapse" };

const account = fc.nat(6).map((n) => `account-${n}`);
const quantity = fc.constantFrom(1, 1, 2, 3);
const seconds = fc.constantFrom(1, 5, 20);
const which = fc.nat(40);
export const wanting = fc.record({
  do: fc.constantFrom("join" as const, "reserve" as const),
  account,
  quantity,
  seconds,
});

export const wish: fc.Arbitrary<Wish> = fc.oneof(
  { weight: 20, arbitrary: wanting },
  {
    weight: 12,
    arbitrary: fc.record({ do: fc.constantFrom("leave", "release", "release", "buy", "give back", "withdraw"), which }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ do: fc.constant("capacity" as const), capacity: fc.integer({ min: 1, max: 8 }) }),
  },
  { weight: 1, arbitrary: fc.constant<Wish>({ do: "lapse" }) },
);

export interface WishBatch {
  readonly passesMs: number;
  readonly wishes: readonly Wish[];
  readonly durable: boolean;
}

export const batches: fc.Arbitrary<readonly WishBatch[]> = fc.array(
  fc.record({
    passesMs: fc.constantFrom(0, 0, 1, 999, 1_000, 5_000, 20_000),
    wishes: fc.array(wish, { minLength: 1, maxLength: 10 }),
    durable: fc.nat(3).map((n) => n > 0),
  }),
  { maxLength: 12 },
);

export interface Opening {
  readonly capacity: number;
  readonly maxPerUser: number | null;
}

export const opening: fc.Arbitrary<Opening> = fc.record({
  capacity: fc.integer({ min: 1, max: 6 }),
  maxPerUser: fc.constantFrom(null, 2, 3),
});

type Untimed = InventoryCommand extends infer Command
  ? Command extends { atMs: number }
    ? Omit<Command, "atMs">
    : never
  : never;

/** An inventory at work as the command runner uses it: each decision is staged, a batch is kept or dropped as a whole. */
export class Run {
  atMs = ms(noon);
  state: OpenedInventory;
  log: readonly Dated[];
  #durable: { readonly state: OpenedInventory; readonly log: readonly Dated[] };
  #ids = 0;

  constructor({ capacity, maxPerUser }: Opening) {
    const event = opened({ capacity, maxPerUser, maxPerOrder: 3 });
    this.state = inventory.evolve(inventory.initialState(), event) as OpenedInventory;
    this.log = [{ event, atMs: this.atMs }];
    this.#durable = { state: this.state, log: this.log };
    this.commit();
  }

  /** @returns the refusal's code, or the types of the events */
  do(one: Wish): string | readonly string[] {
    const decisions = this.#commandsOf(one).map((command) => this.decide(command));
    const refused = decisions.find((decision) => typeof decision === "string");
    return refused ?? decisions.flat();
  }

  decide(command: Untimed): string | readonly string[] {
    const decision = inventory.decide({ ...command, atMs: this.atMs } as InventoryCommand, this.state);
    if (!decision.accepted) return decision.code;
    for (const event of decision.events) {
      this.state = inventory.evolve(this.state, event) as OpenedInventory;
      this.log = [...this.log, { event, atMs: this.atMs }];
    }
    return decision.events.map(({ type }) => type);
  }

  commit(): void {
    for (const staged of inventory.stagedIn(this.state)) staged.commit();
    this.#durable = { state: this.state, log: this.log };
  }

  rollback(): void {
    for (const staged of inventory.stagedIn(this.state)) staged.rollback();
    ({ state: this.state, log: this.log } = this.#durable);
  }

  work(batch: WishBatch, afterEach: (answer: string | readonly string[], one: Wish) => void = () => {}): void {
    this.atMs += batch.passesMs;
    for (const one of batch.wishes) afterEach(this.do(one), one);
    if (batch.durable) this.commit();
    else this.rollback();
  }

  #commandsOf(one: Wish): readonly Untimed[] {
    this.#ids += 1;
    switch (one.do) {
      case "join": {
        const { account: accountId, quantity, seconds: offerTtlSeconds } = one;
        return [{ type: "JoinWaitlist", entryId: `e${this.#ids}`, accountId, guest: false, quantity, offerTtlSeconds }];
      }
      case "reserve": {
        const { account: accountId, quantity, seconds: holdTtlSeconds } = one;
        return [{ type: "Reserve", reservationId: `r${this.#ids}`, accountId, guest: false, quantity, holdTtlSeconds }];
      }
      case "capacity":
        return [{ type: "ChangeCapacity", capacity: one.capacity }];
      case "lapse":
        return [{ type: "LapseDue" }];
      default:
        return this.#commandsOn(one);
    }
  }

  #commandsOn({ do: what, which: n }: Extract<Wish, { which: number }>): readonly Untimed[] {
    if (what === "leave") {
      const entry = pick(
        this.log.flatMap(({ event }) => (event.type === "WaitlistJoined" ? [event.data] : [])),
        n,
      );
      return entry === undefined ? [] : [{ type: "LeaveWaitlist", entryId: entry.entryId, accountId: entry.accountId }];
    }
    const { reservations, booked } = this.state.tables;
    const [id, one] = pick([...(what === "give back" ? booked : reservations).entries()].sort(byKey), n) ?? [];
    if (id === undefined || one === undefined) return [];
    const of = { reservationId: id, bookingId: `b-${id}` };
    const { accountId } = one;
    switch (what) {
      case "release":
        return [{ type: "Release", reservationId: id, accountId }];
      case "buy":
        return [
          { type: "Claim", ...of, accountId, deadlineMs: this.atMs + 1_000 },
          { type: "Confirm", ...of },
        ];
      case "give back":
        return [{ type: "ReturnTickets", ...of, ordinals: [n % one.quantity] }];
      case "withdraw":
        return [
          { type: "Claim", ...of, accountId, deadlineMs: this.atMs },
          { type: "LetGo", ...of, outcome: "withdrawn" },
        ];
    }
  }
}

const pick = <One>(list: readonly One[], n: number): One | undefined => list[n % Math.max(1, list.length)];
const byKey = ([a]: readonly [string, unknown], [b]: readonly [string, unknown]): number => (a < b ? -1 : 1);
