import type { Fact, Report } from "./fact.ts";
import { SeatBooks } from "./seat-books.ts";
import { WaitingBooks } from "./waiting-books.ts";

interface Held {
  readonly accountId: string;
  quantity: number;
  endsAt: string;
  extended: boolean;
  claim: { readonly bookingId: string; readonly until: string } | null;
}

interface Bought {
  readonly bookingId: string;
  readonly accountId: string;
  readonly quantity: number;
  /** Tickets that came back, counted from 0; most often none. */
  returned: Set<number> | null;
}

interface Ended {
  readonly reservationId: string;
  readonly quantity: number;
}

const CLAIM_GRACE_MS = 60_000;
const MOST_AT_ONCE = 500;
const SELLING = new Set([
  "TicketsReserved",
  "TicketsOffered",
  "ReservationExtended",
  "ReservationQuantityChanged",
  "ReservationClaimed",
  "ReservationConfirmed",
]);

/**
 * The books of one ticket type, kept by somebody who knows the rules and has never seen the code: at every revision nothing
 * is oversold, nothing is held or booked twice, each reservation ends once, in time and in full, each ticket comes back
 * once, no seat has two owners and nobody who waits is passed over. Keeps what is held and booked.
 */
export class InventoryBooks {
  total = 0;
  held = 0;
  booked = 0;
  readonly #report: Report;
  readonly #open = new Map<string, Held>();
  readonly #bought = new Map<string, Bought>();
  /** Until when each admission that was used can be shown. */
  readonly #admissions = new Map<string, string>();
  readonly #paused = new Set<string>();
  readonly #seats: SeatBooks;
  readonly #waiting: WaitingBooks;
  #status: "none" | "open" | "closed" | "removed" = "none";
  #at: Fact | null = null;

  constructor(report: Report) {
    this.#report = report;
    this.#seats = new SeatBooks(report);
    this.#waiting = new WaitingBooks(report, {
      free: () => this.total - this.held - this.booked,
      ticketsOf: (accountId) => this.#ticketsOf(accountId),
    });
  }

  take(fact: Fact): void {
    this.#at = fact;
    const { type } = fact;
    if (this.#status === "none" && type !== "InventoryOpened") {
      this.#wrong(`${type} before it was opened`);
      return;
    }
    if (this.#status === "removed") this.#wrong(`${type} after the ticket type was deleted`);
    if (this.#status === "closed" && SELLING.has(type)) this.#wrong(`${type} after the event was cancelled`);
    this.#waiting.before(fact);
    this.#enter(fact);
    this.#seats.take(fact);
    this.#waiting.after(fact);
    if (this.held + this.booked > this.total) {
      this.#report("oversell", `${this.held} held and ${this.booked} booked of ${this.total}`, fact);
    }
  }

  #enter(fact: Fact): void {
    switch (fact.type) {
      case "InventoryOpened":
        if (this.#status !== "none") this.#wrong("opened twice");
        this.#status = "open";
        this.total = (fact.data as { capacity: number }).capacity;
        return;
      case "CapacityChanged": {
        const { capacity, previousCapacity } = fact.data as { capacity: number; previousCapacity: number };
        if (previousCapacity !== this.total)
          this.#wrong(`${previousCapacity} tickets before, and there were ${this.total}`);
        this.total = capacity;
        return;
      }
      case "SeatsBlocked":
        this.total -= (fact.data as { seats: string[] }).seats.length;
        return;
      case "SeatsUnblocked":
        this.total += (fact.data as { seats: string[] }).seats.length;
        return;
      case "InventoryClosed":
        if (this.#status === "closed") this.#wrong("closed twice");
        this.#status = "closed";
        return;
      case "InventoryRemoved":
        if (this.#open.size + this.booked > 0) this.#wrong("deleted though somebody has tickets");
        this.total -= (fact.data as { capacity: number }).capacity;
        this.#status = "removed";
        return;
      case "SalePaused":
        this.#paused.add((fact.data as { scope: string }).scope);
        return;
      case "SaleResumed":
        if (!this.#paused.delete((fact.data as { scope: string }).scope)) {
          this.#wrong("resumed though it was not paused");
        }
        return;
      case "TicketsReserved":
        this.#admit(fact);
        this.#begin(fact.data as Beginning);
        return;
      case "TicketsOffered":
        if (this.#paused.size > 0) this.#wrong("offered while the sale was paused");
        for (const offer of (fact.data as { offers: (Omit<Beginning, "reservationId"> & { entryId: string })[] })
          .offers) {
          this.#begin({ ...offer, reservationId: offer.entryId });
        }
        return;
      case "ReservationQuantityChanged":
        this.#change(fact.data as Ended & { previousQuantity: number });
        return;
      case "ReservationExtended":
        this.#extend(fact.data as { reservationId: string; previousExpiresAt: string; expiresAt: string });
        return;
      case "ReservationClaimed":
        this.#claim(fact.data as Claiming);
        return;
      case "ClaimReleased": {
        const { reservationId, bookingId } = fact.data as { reservationId: string; bookingId: string };
        const held = this.#heldAt(reservationId, "was let go");
        if (held === null) return;
        if (held.claim?.bookingId !== bookingId) this.#wrong(`${reservationId} was let go by another booking`);
        held.claim = null;
        return;
      }
      case "ReservationConfirmed":
        this.#confirm(fact.data as Ended & { bookingId: string; accountId: string });
        return;
      case "TicketsReturned":
        this.#giveBack(fact.data as { reservationId: string; bookingId: string; ordinals: number[] });
        return;
      case "ReservationReleased": {
        const released = fact.data as Ended;
        this.#heldAt(released.reservationId, "was released");
        this.#end(released);
        return;
      }
      case "ReservationsExpired":
      case "ReservationsWithdrawn":
        this.#endAll(fact);
        return;
    }
  }

  #admit({ at, data }: Fact): void {
    const { admission } = data as { admission?: { id: string; expiresAt: string } };
    if (admission === undefined) return;
    if (this.#admissions.has(admission.id)) {
      this.#report("admission-reused", `admission ${admission.id} made another reservation before`, this.#now());
    }
    for (const [id, until] of this.#admissions) {
      if (until > at) break;
      this.#admissions.delete(id);
    }
    this.#admissions.set(admission.id, admission.expiresAt);
  }

  #begin({ reservationId, accountId, quantity, expiresAt }: Beginning): void {
    const { at } = this.#now();
    if (this.#open.has(reservationId) || this.#bought.has(reservationId))
      this.#wrong(`${reservationId} reserved twice`);
    if (expiresAt <= at) this.#wrong(`${reservationId} was over before it began`);
    this.#open.set(reservationId, { accountId, quantity, endsAt: expiresAt, extended: false, claim: null });
    this.held += quantity;
  }

  #change({ reservationId, previousQuantity, quantity }: Ended & { previousQuantity: number }): void {
    const held = this.#heldAt(reservationId, "was changed");
    if (held === null) return;
    if (held.claim !== null) this.#wrong(`${reservationId} was changed while it was paid for`);
    if (held.quantity !== previousQuantity)
      this.#wrong(`${reservationId} had ${held.quantity}, not ${previousQuantity}`);
    this.held += quantity - held.quantity;
    held.quantity = quantity;
  }

  #extend({
    reservationId,
    previousExpiresAt,
    expiresAt,
  }: {
    reservationId: string;
    previousExpiresAt: string;
    expiresAt: string;
  }): void {
    const held = this.#heldAt(reservationId, "was extended");
    if (held === null) return;
    if (held.extended) this.#wrong(`${reservationId} was extended twice`);
    if (held.claim !== null) this.#wrong(`${reservationId} was extended while it was paid for`);
    if (held.endsAt !== previousExpiresAt) this.#wrong(`${reservationId} ended at ${held.endsAt}`);
    held.endsAt = expiresAt;
    held.extended = true;
  }

  #claim({ reservationId, bookingId, accountId, quantity, deadline, claimedUntil }: Claiming): void {
    const held = this.#heldAt(reservationId, "was claimed");
    if (held === null) return;
    if (held.claim !== null) this.#wrong(`${reservationId} was claimed twice`);
    if (held.accountId !== accountId || held.quantity !== quantity)
      this.#wrong(`${reservationId} is not what was claimed`);
    if (Date.parse(claimedUntil) - Date.parse(deadline) !== CLAIM_GRACE_MS) {
      this.#wrong(`${reservationId} is claimed until another time than a minute past the deadline`);
    }
    held.claim = { bookingId, until: claimedUntil };
  }

  #confirm({ reservationId, bookingId, accountId, quantity }: Ended & { bookingId: string; accountId: string }): void {
    const held = this.#heldAt(reservationId, "was confirmed");
    if (held === null) return;
    if (held.claim?.bookingId !== bookingId) this.#wrong(`${reservationId} was confirmed for another booking`);
    if (held.accountId !== accountId) this.#wrong(`${reservationId} was confirmed for another account`);
    this.#end({ reservationId, quantity });
    this.#bought.set(reservationId, { bookingId, accountId, quantity, returned: null });
    this.booked += quantity;
  }

  #giveBack({
    reservationId,
    bookingId,
    ordinals,
  }: {
    reservationId: string;
    bookingId: string;
    ordinals: number[];
  }): void {
    const bought = this.#bought.get(reservationId);
    if (bought === undefined) {
      this.#wrong(`${reservationId} came back without being booked`);
      return;
    }
    if (bought.bookingId !== bookingId) this.#wrong(`${reservationId} came back from another booking`);
    bought.returned ??= new Set();
    for (const ordinal of ordinals) {
      if (bought.returned.has(ordinal) || ordinal >= bought.quantity) {
        this.#wrong(`ticket ${ordinal} of ${reservationId} came back without being booked`);
      }
      bought.returned.add(ordinal);
    }
    this.booked -= ordinals.length;
    if (bought.returned.size >= bought.quantity) this.#bought.delete(reservationId);
  }

  #endAll({ type, at, data }: Fact): void {
    const { reservations } = data as { reservations: Ended[] };
    if (reservations.length > MOST_AT_ONCE) this.#wrong(`more than ${MOST_AT_ONCE} in one event`);
    if (type === "ReservationsWithdrawn" && this.#status !== "closed") {
      this.#wrong("withdrawn though the event was not cancelled");
    }
    for (const one of reservations) {
      const ended = this.#end(one);
      if (ended === null) continue;
      // A booking that was not paid in time ends its claims before their last minute is over.
      const isEarly = ended.claim === null && ended.endsAt > at;
      if (type === "ReservationsExpired" && isEarly) this.#wrong(`${one.reservationId} expired before its time`);
      if (type === "ReservationsWithdrawn" && ended.claim !== null) {
        this.#wrong(`${one.reservationId} was withdrawn while it was paid for`);
      }
    }
  }

  #end({ reservationId, quantity }: Ended): Held | null {
    const held = this.#open.get(reservationId);
    if (held === undefined) {
      this.#wrong(`${reservationId} ended without being held`);
      return null;
    }
    if (held.quantity !== quantity) this.#wrong(`${reservationId} held ${held.quantity}, gave back ${quantity}`);
    this.#open.delete(reservationId);
    this.held -= held.quantity;
    return held;
  }

  #heldAt(reservationId: string, doing: string): Held | null {
    const held = this.#open.get(reservationId);
    if (held === undefined) this.#wrong(`${reservationId} ${doing} without being held`);
    else if ((held.claim?.until ?? held.endsAt) <= this.#now().at)
      this.#wrong(`${reservationId} ${doing} when it was over`);
    return held ?? null;
  }

  /** Looked for one by one: it is asked for seldom. */
  #ticketsOf(accountId: string): number {
    let tickets = 0;
    for (const held of this.#open.values()) if (held.accountId === accountId) tickets += held.quantity;
    for (const bought of this.#bought.values()) {
      if (bought.accountId === accountId) tickets += bought.quantity - (bought.returned?.size ?? 0);
    }
    return tickets;
  }

  #wrong(detail: string): void {
    this.#report("reservation-contradicts", detail, this.#now());
  }

  #now(): Fact {
    if (this.#at === null) throw new Error("nothing was taken yet");
    return this.#at;
  }
}

interface Beginning {
  readonly reservationId: string;
  readonly accountId: string;
  readonly quantity: number;
  readonly expiresAt: string;
}

interface Claiming {
  readonly reservationId: string;
  readonly bookingId: string;
  readonly accountId: string;
  readonly quantity: number;
  readonly deadline: string;
  readonly claimedUntil: string;
}
