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
  /** Tickets held or booked by each account. */
  readonly perAccount: StagedMap<string, number>;
  readonly calendar: DueCalendar;
  /**
   * Which reservations an account has, kept only where there is a limit per user: there an account that comes back
   * after a wave of lapses asks which of its own are due, and `maxPerUser` bounds the list.
   */
  readonly #idsOfAccount: StagedMap<string, readonly string[]> | null;

  constructor(
    { maxPerUser }: Pick<TicketTypeTerms, "maxPerUser">,
    reservations: Iterable<readonly [string, HeldReservation]> = [],
  ) {
    this.reservations = new StagedMap(reservations);
    const perAccount = new Map<string, number>();
    const idsOfAccount = new Map<string, string[]>();
    this.calendar = new DueCalendar(
      (id) => this.reservations.get(id)?.expiresAtMs,
      () => this.reservations.size,
    );
    for (const [id, { accountId, quantity, expiresAtMs }] of this.reservations.entries()) {
      perAccount.set(accountId, (perAccount.get(accountId) ?? 0) + quantity);
      this.calendar.add(id, expiresAtMs);
      if (maxPerUser !== null) idsOfAccount.set(accountId, [...(idsOfAccount.get(accountId) ?? []), id]);
    }
    this.perAccount = new StagedMap(perAccount);
    this.#idsOfAccount = maxPerUser === null ? null : new StagedMap(idsOfAccount);
    this.calendar.commit();
  }

  put(id: string, reservation: HeldReservation): void {
    const before = this.reservations.get(id);
    this.reservations.set(id, reservation);
    this.calendar.add(id, reservation.expiresAtMs);
    this.#count(reservation.accountId, reservation.quantity - (before?.quantity ?? 0));
    if (before === undefined) this.#list(reservation.accountId, (ids) => [...ids, id]);
  }

  /** Takes a reservation off and answers its quantity. */
  remove(id: string): number {
    const reservation = this.reservations.get(id);
    if (reservation === undefined) throw new Error(`reservation ${id} is not in the inventory`);
    this.reservations.delete(id);
    this.#count(reservation.accountId, -reservation.quantity);
    this.#list(reservation.accountId, (ids) => ids.filter((other) => other !== id));
    return reservation.quantity;
  }

  /** The account's reservations, where there is a limit per user; none where there isn't. */
  *ofAccount(accountId: string): IterableIterator<HeldReservation> {
    for (const id of this.#idsOfAccount?.get(accountId) ?? []) yield this.reservations.get(id) as HeldReservation;
  }

  #count(accountId: string, change: number): void {
    const tickets = (this.perAccount.get(accountId) ?? 0) + change;
    if (tickets === 0) this.perAccount.delete(accountId);
    else this.perAccount.set(accountId, tickets);
  }

  #list(accountId: string, change: (ids: readonly string[]) => readonly string[]): void {
    if (this.#idsOfAccount === null) return;
    const ids = change(this.#idsOfAccount.get(accountId) ?? []);
    if (ids.length === 0) this.#idsOfAccount.delete(accountId);
    else this.#idsOfAccount.set(accountId, ids);
  }

  /** In the order in which they have to be committed: the calendar looks at what is committed. */
  staged(): readonly Staged[] {
    const tables: Staged[] = [this.reservations, this.perAccount];
    if (this.#idsOfAccount !== null) tables.push(this.#idsOfAccount);
    return [...tables, this.calendar];
  }
}

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
