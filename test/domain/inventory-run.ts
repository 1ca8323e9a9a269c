import { type InventoryCommand, inventory } from "../../src/domain/inventory.ts";
import type { InventoryEvent } from "../../src/domain/inventory-events.ts";
import type { Inventory, OpenedInventory } from "../../src/domain/inventory-state.ts";
import type { BuyingWish } from "./buying-model.ts";
import { claim, closeInventory, confirm, giveBack, holdAgain, letGo, setLine } from "./buying-words.ts";
import type { Model, Wish } from "./inventory-model.ts";
import { opened } from "./inventory-words.ts";
import type { Dated } from "./log-audit.ts";
import { later, ms, noon } from "./times.ts";

/** What one ticket type starts with. */
export type Opening = Pick<Model, "capacity" | "maxPerUser" | "maxPerOrder" | "termSeconds">;

export const modelOf = (opening: Opening): Model => ({
  ...opening,
  isClosed: false,
  reservations: [],
  bought: [],
});

/** An inventory at work as the command runner uses it: events are staged one by one, then committed or rolled back. */
export class Run {
  atMs = ms(noon);
  #durable: Inventory;
  #state: Inventory;
  #log: readonly Dated[];
  #durableLog: readonly Dated[];

  constructor({ capacity, maxPerUser, maxPerOrder, termSeconds }: Opening) {
    const opening = opened({ capacity, maxPerUser, maxPerOrder, event: { holdTtlSeconds: termSeconds } });
    this.#state = inventory.evolve(inventory.initialState(), opening);
    this.#durable = this.#state;
    this.#log = [{ event: opening, atMs: this.atMs }];
    this.#durableLog = this.#log;
    this.commit();
  }

  get state(): OpenedInventory {
    if (this.#state.status === "unopened") throw new Error("not opened");
    return this.#state;
  }

  /** Everything that was recorded, and what is staged. */
  get log(): readonly Dated[] {
    return this.#log;
  }

  decide(wish: Wish) {
    return inventory.decide(commandOf(wish, this.atMs, this.state), this.state);
  }

  stage(events: readonly InventoryEvent[], afterEach: () => void = () => {}): void {
    for (const event of events) {
      this.#state = inventory.evolve(this.#state, event);
      this.#log = [...this.#log, { event, atMs: this.atMs }];
      afterEach();
    }
  }

  /** Decides and stages what is granted; tells the answer. */
  do(wish: Wish): Answer {
    const decision = this.decide(wish);
    if (!decision.accepted) return { code: decision.code, details: decision.details };
    this.stage(decision.events);
    return "granted";
  }

  commit(): void {
    for (const staged of inventory.stagedIn(this.#state)) staged.commit();
    this.#durable = this.#state;
    this.#durableLog = this.#log;
  }

  rollback(): void {
    for (const staged of inventory.stagedIn(this.#state)) staged.rollback();
    this.#state = this.#durable;
    this.#log = this.#durableLog;
  }
}

export type Answer = "granted" | { readonly code: string; readonly details: object };

function commandOf(wish: Wish, atMs: number, state: OpenedInventory): InventoryCommand {
  switch (wish.do) {
    case "reserve": {
      const { id: reservationId, account: accountId, quantity, seconds: holdTtlSeconds } = wish;
      return { type: "Reserve", reservationId, accountId, guest: false, quantity, holdTtlSeconds, atMs };
    }
    case "extend":
      return { type: "Extend", reservationId: wish.id, accountId: wish.account, atMs };
    case "release":
      return { type: "Release", reservationId: wish.id, accountId: wish.account, atMs };
    case "capacity":
      return { type: "ChangeCapacity", capacity: wish.capacity, atMs };
    case "term":
      return { type: "ChangeEventTerms", eventTerms: { ...state.eventTerms, holdTtlSeconds: wish.seconds }, atMs };
    case "lapse":
      return { type: "LapseDue", atMs };
    default:
      return buyingCommandOf(wish, atMs);
  }
}

function buyingCommandOf(wish: BuyingWish, atMs: number): InventoryCommand {
  const at = later(noon, atMs - ms(noon));
  const until = (seconds: number): string => later(at, seconds * 1_000);
  switch (wish.do) {
    case "line":
      return setLine(wish.id, wish.quantity, { by: wish.account, expiresAt: until(wish.seconds), at });
    case "claim":
      return claim(wish.id, { booking: wish.booking, by: wish.account, until: until(wish.seconds), at });
    case "hold-again": {
      const { id, booking, account: by, quantity, seconds } = wish;
      return holdAgain(id, { booking, by, quantity, until: until(seconds), at });
    }
    case "confirm":
      return confirm(wish.id, { booking: wish.booking, at });
    case "let-go":
      return letGo(wish.id, wish.outcome, { booking: wish.booking, at });
    case "return":
      return giveBack(wish.id, wish.tickets, { booking: wish.booking, at });
    case "close":
      return closeInventory({ at });
  }
}

/** All that can be told about an inventory: what stands in it, and what it answers whom at which time. */
export function everythingOf(state: Inventory, atMs: number) {
  if (state.status === "unopened") return state;
  const { tables, ...fields } = state;
  return {
    ...fields,
    reservations: [...tables.reservations.entries()].sort(byKey),
    bookedTickets: [...tables.booked.entries()].sort(byKey),
    size: tables.reservations.size,
    waiting: [...tables.waitlist.entries()],
    next: [1, 3, 100].map((free) => tables.waitlist.next(free, 10)),
    holdings: ["ada", "bob", "eve"].map((account) => [
      tables.ticketsOf(account),
      [...tables.ofAccount(account)].length,
    ]),
    due: [0, 1, 5_000, 60_000].map((inMs) => [...tables.calendar.due(atMs + inMs)].sort()),
    answers: probes.flatMap((wish) =>
      [0, 1, 5_000].map((inMs) => inventory.decide(commandOf(wish, atMs + inMs, state), state)).map(withoutLapses),
    ),
  };
}

const probes: readonly Wish[] = [1, 2, 3, 6]
  .flatMap((quantity) => ["ada", "bob", "eve"].map((account) => ({ account, quantity, seconds: 5 })))
  .map((wish) => ({ do: "reserve", id: "probe", ...wish }));

/** Which of several due reservations of one second are ended first is not part of the answer. */
function withoutLapses(decision: ReturnType<typeof inventory.decide>) {
  if (!decision.accepted) return decision;
  return decision.events.filter(({ type }) => type !== "ReservationsExpired");
}

const byKey = ([a]: readonly [string, unknown], [b]: readonly [string, unknown]): number => (a < b ? -1 : 1);

/** What counts at this time, as {@link Model} tells it. */
export function liveIn(state: OpenedInventory, atMs: number) {
  const reservations = [...state.tables.reservations.entries()]
    .filter(([, { claim, expiresAtMs }]) => (claim?.untilMs ?? expiresAtMs) > atMs)
    .map(
      ([id, { accountId: account, quantity, expiresAtMs: endsAtMs, extended, kind, declined, claim: ofBooking }]) => ({
        id,
        account,
        quantity,
        endsAtMs,
        extended,
        isLine: kind === "cart-line",
        declined,
        claim: ofBooking === null ? null : { booking: ofBooking.bookingId, endsAtMs: ofBooking.untilMs },
      }),
    )
    .sort((a, b) => (a.id < b.id ? -1 : 1));
  const bought = [...state.tables.booked.entries()].map(([id, { accountId, bookingId, quantity, returned }]) => ({
    id,
    account: accountId,
    booking: bookingId,
    tickets: Array.from({ length: quantity }, (_, ordinal) => ordinal).filter((ordinal) => !returned.includes(ordinal)),
  }));
  return { reservations, bought: bought.sort((a, b) => (a.id < b.id ? -1 : 1)) };
}
