import type { Staged } from "./decision.ts";
import { DueCalendar } from "./due-calendar.ts";
import type { TicketTypeTerms } from "./inventory-events.ts";
import { type BookedTickets, endsAtMs, type HeldReservation } from "./inventory-state.ts";
import { BLOCKED, FREE, HELD, type SeatStatus, type SeatTable, SOLD } from "./seating/seat-table.ts";
import { StagedMap } from "./staged-map.ts";
import { UsedAdmissions } from "./used-admissions.ts";
import { type OpenOffer, type WaitingEntry, Waitlist } from "./waitlist.ts";

/** What a snapshot brings along. */
export interface TableRows {
  readonly reservations: Map<string, HeldReservation>;
  readonly booked: Map<string, BookedTickets>;
  /** In the order of arrival. */
  readonly waiting: readonly WaitingEntry[];
  /** With when they end, in epoch milliseconds. */
  readonly admissions: Map<string, number>;
}

/** What grows with sales. Changed in place, staged until committed: see {@link StagedMap}. */
export class InventoryTables {
  readonly reservations: StagedMap<string, HeldReservation>;
  /** By reservation. */
  readonly booked: StagedMap<string, BookedTickets>;
  readonly calendar: DueCalendar;
  readonly waitlist: Waitlist;
  /** null: tickets are not numbered. */
  readonly seats: SeatTable | null;
  readonly admissions: UsedAdmissions;
  /**
   * What each account has, kept only where there is a limit per user: there an account that comes back asks how much it
   * has and which of it is due, and `maxPerUser` bounds the list.
   */
  #accounts: StagedMap<string, AccountHoldings> | null;
  #durableAccounts: StagedMap<string, AccountHoldings> | null;

  /**
   * @param rows become this object's own
   * @param seats where every seat is free or blocked; becomes this object's own
   */
  constructor(
    { maxPerUser }: Pick<TicketTypeTerms, "maxPerUser">,
    { reservations, booked, waiting, admissions }: TableRows = {
      reservations: new Map(),
      booked: new Map(),
      waiting: [],
      admissions: new Map(),
    },
    seats: SeatTable | null = null,
  ) {
    this.reservations = new StagedMap(reservations);
    this.booked = new StagedMap(booked);
    this.calendar = new DueCalendar(
      (id) => {
        const reservation = this.reservations.get(id);
        return reservation === undefined ? undefined : endsAtMs(reservation);
      },
      () => this.reservations.size,
    );
    for (const [id, reservation] of reservations) this.calendar.restore(id, endsAtMs(reservation));
    this.waitlist = new Waitlist(waiting, offersIn(reservations));
    this.admissions = new UsedAdmissions(admissions);
    this.#accounts = maxPerUser === null ? null : new StagedMap(holdingsIn(reservations, booked));
    this.#durableAccounts = this.#accounts;
    this.seats = seats;
    if (seats === null) return;
    for (const [, { seats: held }] of reservations) this.#mark(held, HELD);
    for (const [, tickets] of booked) this.#mark(stillOf(tickets), SOLD);
    seats.commit();
  }

  /** Sets seats apart from sale, or gives them back to it. */
  block(seats: readonly number[], isBlocked: boolean): void {
    this.#mark(seats, isBlocked ? BLOCKED : FREE);
  }

  /** There is a limit per user from now on. What is counted once is counted on, because limits come and go. */
  countByAccount(): void {
    this.#accounts ??= new StagedMap(holdingsIn(this.reservations.entries(), this.booked.entries()));
  }

  /** Takes a reservation in, or another state of one that is there. */
  put(id: string, reservation: HeldReservation): void {
    const before = this.reservations.get(id);
    this.reservations.set(id, reservation);
    this.calendar.add(id, endsAtMs(reservation));
    if (reservation.seats !== before?.seats) {
      this.#mark(before?.seats, FREE);
      this.#mark(reservation.seats, HELD);
    }
    const accounts = this.#accounts;
    if (accounts === null) return;
    const { accountId, quantity } = reservation;
    const holdings = accounts.get(accountId);
    if (before === undefined) accounts.set(accountId, more(holdings, id, quantity));
    else if (holdings !== undefined && before.quantity !== quantity) {
      accounts.set(accountId, { ...holdings, tickets: holdings.tickets + quantity - before.quantity });
    }
  }

  /** Takes a reservation off, and answers what it was. */
  remove(id: string): HeldReservation {
    const reservation = this.#takeOff(id);
    const { accountId, quantity } = reservation;
    this.#mark(reservation.seats, FREE);
    this.#keep(accountId, (holdings) => ({ tickets: holdings.tickets - quantity, ids: without(holdings.ids, id) }));
    return reservation;
  }

  /** Makes tickets that are held into booked ones: the account has as many as before. Answers what was held. */
  book(id: string, bookingId: string): HeldReservation {
    const reservation = this.#takeOff(id);
    const { accountId, quantity, seats } = reservation;
    this.booked.set(id, { accountId, bookingId, quantity, returned: NONE, seats });
    this.#mark(seats, SOLD);
    this.#keep(accountId, (holdings) => ({ ...holdings, ids: without(holdings.ids, id) }));
    return reservation;
  }

  /** Takes booked tickets back. */
  giveBack(id: string, ordinals: readonly number[]): void {
    const tickets = this.booked.get(id);
    if (tickets === undefined) throw new Error(`reservation ${id} is not booked`);
    const returned = [...tickets.returned, ...ordinals];
    const { seats } = tickets;
    if (seats !== undefined)
      this.#mark(
        ordinals.map((ordinal) => seats[ordinal] as number),
        FREE,
      );
    if (returned.length === tickets.quantity) this.booked.delete(id);
    else this.booked.set(id, { ...tickets, returned });
    this.#keep(tickets.accountId, (holdings) => ({ ...holdings, tickets: holdings.tickets - ordinals.length }));
  }

  /** Tickets that the account holds or has bought, where there is a limit per user; 0 where there isn't. */
  ticketsOf(accountId: string): number {
    return this.#accounts?.get(accountId)?.tickets ?? 0;
  }

  /** The account's reservations, where there is a limit per user; none where there isn't. */
  *ofAccount(accountId: string): IterableIterator<HeldReservation> {
    for (const id of this.#accounts?.get(accountId)?.ids ?? []) yield this.reservations.get(id) as HeldReservation;
  }

  /** In the order in which they have to be committed: the calendar looks at what is committed. */
  staged(): readonly Staged[] {
    const accounts = this.#accounts;
    const seats = this.seats === null ? [] : [this.seats];
    const common = [this.reservations, this.booked, ...seats, this.waitlist, this.admissions];
    return accounts === null ? [...common, this.calendar] : [...common, accounts, this.#counting, this.calendar];
  }

  /** Whether it counts by account is itself staged. */
  readonly #counting: Staged = {
    commit: () => {
      this.#durableAccounts = this.#accounts;
    },
    rollback: () => {
      this.#accounts = this.#durableAccounts;
    },
  };

  #takeOff(id: string): HeldReservation {
    const reservation = this.reservations.get(id);
    if (reservation === undefined) throw new Error(`reservation ${id} is not in the inventory`);
    this.reservations.delete(id);
    if (reservation.kind === "offer") this.waitlist.offerEnded({ entryId: id, accountId: reservation.accountId });
    return reservation;
  }

  #mark(seats: readonly number[] | undefined, status: SeatStatus): void {
    if (seats === undefined || this.seats === null) return;
    for (const seat of seats) this.seats.set(seat, status);
  }

  #keep(accountId: string, changed: (holdings: AccountHoldings) => AccountHoldings): void {
    const before = this.#accounts?.get(accountId);
    if (before === undefined) return;
    const holdings = changed(before);
    if (holdings.tickets === 0) this.#accounts?.delete(accountId);
    else this.#accounts?.set(accountId, holdings);
  }
}

/** What one account has. */
interface AccountHoldings {
  /** Held and booked. */
  readonly tickets: number;
  /** Of what is held. */
  readonly ids: readonly string[];
}

const NONE: readonly number[] = [];

/** Seats of tickets that were not returned. */
const stillOf = ({ seats, returned }: BookedTickets): readonly number[] | undefined =>
  returned.length === 0 ? seats : seats?.filter((_, ordinal) => !returned.includes(ordinal));

const more = (holdings: AccountHoldings | undefined, id: string, quantity: number): AccountHoldings =>
  holdings === undefined
    ? { tickets: quantity, ids: [id] }
    : { tickets: holdings.tickets + quantity, ids: [...holdings.ids, id] };

const without = (ids: readonly string[], id: string): readonly string[] => ids.filter((other) => other !== id);

function* offersIn(reservations: TableRows["reservations"]): IterableIterator<OpenOffer> {
  for (const [entryId, { kind, accountId }] of reservations) if (kind === "offer") yield { entryId, accountId };
}

function holdingsIn(
  reservations: Iterable<[string, HeldReservation]>,
  booked: Iterable<[string, BookedTickets]>,
): Map<string, AccountHoldings> {
  const accounts = new Map<string, AccountHoldings>();
  for (const [id, { accountId, quantity }] of reservations) {
    accounts.set(accountId, more(accounts.get(accountId), id, quantity));
  }
  for (const [, { accountId, quantity, returned }] of booked) {
    const { tickets, ids } = accounts.get(accountId) ?? { tickets: 0, ids: [] };
    accounts.set(accountId, { tickets: tickets + quantity - returned.length, ids });
  }
  return accounts;
}
