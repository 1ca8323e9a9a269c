import type { Staged } from "./decision.ts";
import { DueCalendar } from "./due-calendar.ts";
import type { EventTerms, InventoryOpened, TicketTypeTerms } from "./inventory-events.ts";
import { StagedMap } from "./staged-map.ts";

/** All the tickets of one ticket type of one event: the only place where they are given out. */
export type Inventory = UnopenedInventory | OpenedInventory;

export interface UnopenedInventory {
  readonly status: "unopened";
}

export interface OpenedInventory {
  readonly status: "draft" | "open";
  readonly eventId: string;
  readonly ticketTypeId: string;
  readonly terms: TicketTypeTerms;
  readonly eventTerms: EventTerms;
  readonly capacity: number;
  /** Tickets in reservations that have not ended on record; those that are due still count here. */
  readonly held: number;
  readonly booked: number;
  readonly tables: InventoryTables;
}

/** A reservation that has not ended on record. */
export interface HeldReservation {
  readonly accountId: string;
  readonly quantity: number;
  readonly expiresAtMs: number;
  readonly extended: boolean;
}

/** What grows with sales. Changed in place, staged until committed: see {@link StagedMap}. */
export class InventoryTables {
  readonly reservations: StagedMap<string, HeldReservation>;
  readonly calendar: DueCalendar;
  /**
   * What each account has, kept only where there is a limit per user: there an account that comes back asks how much it
   * has and which of it is due, and `maxPerUser` bounds the list.
   */
  readonly #accounts: StagedMap<string, AccountHoldings> | null;

  /** @param reservations becomes this object's own */
  constructor({ maxPerUser }: Pick<TicketTypeTerms, "maxPerUser">, reservations = new Map<string, HeldReservation>()) {
    this.reservations = new StagedMap(reservations);
    this.calendar = new DueCalendar(
      (id) => this.reservations.get(id)?.expiresAtMs,
      () => this.reservations.size,
    );
    const accounts = maxPerUser === null ? null : new Map<string, AccountHoldings>();
    for (const [id, { accountId, quantity, expiresAtMs }] of reservations) {
      this.calendar.restore(id, expiresAtMs);
      accounts?.set(accountId, more(accounts.get(accountId), id, quantity));
    }
    this.#accounts = accounts === null ? null : new StagedMap(accounts);
  }

  put(id: string, reservation: HeldReservation): void {
    const before = this.reservations.get(id);
    this.reservations.set(id, reservation);
    this.calendar.add(id, reservation.expiresAtMs);
    if (before === undefined) this.#add(id, reservation);
  }

  /** Takes a reservation off and answers its quantity. */
  remove(id: string): number {
    const reservation = this.reservations.get(id);
    if (reservation === undefined) throw new Error(`reservation ${id} is not in the inventory`);
    this.reservations.delete(id);
    this.#take(id, reservation);
    return reservation.quantity;
  }

  /** Tickets in the account's reservations, where there is a limit per user; 0 where there isn't. */
  ticketsOf(accountId: string): number {
    return this.#accounts?.get(accountId)?.tickets ?? 0;
  }

  /** The account's reservations, where there is a limit per user; none where there isn't. */
  *ofAccount(accountId: string): IterableIterator<HeldReservation> {
    for (const id of this.#accounts?.get(accountId)?.ids ?? []) yield this.reservations.get(id) as HeldReservation;
  }

  #add(id: string, { accountId, quantity }: HeldReservation): void {
    this.#accounts?.set(accountId, more(this.#accounts.get(accountId), id, quantity));
  }

  #take(id: string, { accountId, quantity }: HeldReservation): void {
    const holdings = this.#accounts?.get(accountId);
    if (holdings === undefined) return;
    const ids = holdings.ids.filter((other) => other !== id);
    if (ids.length === 0) this.#accounts?.delete(accountId);
    else this.#accounts?.set(accountId, { tickets: holdings.tickets - quantity, ids });
  }

  /** In the order in which they have to be committed: the calendar looks at what is committed. */
  staged(): readonly Staged[] {
    return this.#accounts === null
      ? [this.reservations, this.calendar]
      : [this.reservations, this.#accounts, this.calendar];
  }
}

/** What one account has. */
interface AccountHoldings {
  readonly tickets: number;
  readonly ids: readonly string[];
}

const more = (holdings: AccountHoldings | undefined, id: string, quantity: number): AccountHoldings =>
  holdings === undefined
    ? { tickets: quantity, ids: [id] }
    : { tickets: holdings.tickets + quantity, ids: [...holdings.ids, id] };

export const openedInventory = (data: InventoryOpened["data"]): OpenedInventory => ({
  status: data.draft ? "draft" : "open",
  eventId: data.eventId,
  ticketTypeId: data.ticketTypeId,
  terms: data.terms,
  eventTerms: data.eventTerms,
  capacity: data.capacity,
  held: 0,
  booked: 0,
  tables: new InventoryTables(data.terms),
});
