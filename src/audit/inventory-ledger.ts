import type { InventoryEvent } from "../domain/inventory-events.ts";
import { effectOf } from "../projections/availability/effect.ts";

/** The books of one inventory after one of its events: small, however many tickets and reservations there are. */
export interface InventoryLedger {
  /** Of the last event that is counted. */
  readonly revision: number;
  readonly total: number;
  readonly held: number;
  readonly booked: number;
  /** Reservations made, and what became of them so far. */
  readonly reservations: ReservationCounts;
  /** Entries of the waitlist that wait. */
  readonly waiting: number;
  /** `UNOPENED` before the first event; REMOVED and CLOSED are for good. */
  readonly status: "UNOPENED" | "DRAFT" | "ACTIVE" | "CLOSED" | "REMOVED";
  readonly paused: { readonly event: boolean; readonly ticketType: boolean };
}

export interface ReservationCounts {
  /** Offers to the waitlist among them. */
  readonly made: number;
  readonly confirmed: number;
  readonly released: number;
  readonly expired: number;
  readonly withdrawn: number;
}

export const EMPTY_LEDGER: InventoryLedger = {
  revision: -1,
  total: 0,
  held: 0,
  booked: 0,
  reservations: { made: 0, confirmed: 0, released: 0, expired: 0, withdrawn: 0 },
  waiting: 0,
  status: "UNOPENED",
  paused: { event: false, ticketType: false },
};

/**
 * The books with one more event.
 * @throws UnknownEventType
 */
export function entered(ledger: InventoryLedger, event: InventoryEvent, revision: number): InventoryLedger {
  const effect = effectOf(event);
  return {
    ...ledger,
    ...told(ledger, event),
    revision,
    total: ledger.total + effect.total,
    held: ledger.held + effect.held,
    booked: ledger.booked + effect.booked,
  };
}

/** What it says beside counts of tickets. */
function told(ledger: InventoryLedger, event: InventoryEvent): Partial<InventoryLedger> {
  switch (event.type) {
    case "InventoryOpened":
      return { status: event.data.draft ? "DRAFT" : "ACTIVE" };
    case "InventoryPublished":
      return { status: "ACTIVE" };
    case "InventoryClosed":
      return { status: "CLOSED" };
    case "InventoryRemoved":
      return { status: "REMOVED" };
    case "SalePaused":
    case "SaleResumed":
      return { paused: paused(ledger, event.data.scope, event.type === "SalePaused") };
    case "TicketsReserved":
      return counted(ledger, { made: 1 });
    case "ReservationConfirmed":
      return counted(ledger, { confirmed: 1 });
    case "ReservationReleased":
      return counted(ledger, { released: 1 });
    case "ReservationsExpired":
      return counted(ledger, { expired: event.data.reservations.length });
    case "ReservationsWithdrawn":
      return counted(ledger, { withdrawn: event.data.reservations.length });
    case "WaitlistJoined":
      return { waiting: ledger.waiting + 1 };
    case "WaitlistLeft":
      return { waiting: ledger.waiting - 1 };
    case "WaitlistEnded":
      return { waiting: ledger.waiting - event.data.entries.length };
    case "TicketsOffered": {
      const { length } = event.data.offers;
      return { ...counted(ledger, { made: length }), waiting: ledger.waiting - length };
    }
    default:
      return {};
  }
}

const paused = ({ paused: before }: InventoryLedger, scope: "event" | "ticket-type", now: boolean) =>
  scope === "event" ? { ...before, event: now } : { ...before, ticketType: now };

const counted = ({ reservations: before }: InventoryLedger, more: Partial<ReservationCounts>) => ({
  reservations: {
    made: before.made + (more.made ?? 0),
    confirmed: before.confirmed + (more.confirmed ?? 0),
    released: before.released + (more.released ?? 0),
    expired: before.expired + (more.expired ?? 0),
    withdrawn: before.withdrawn + (more.withdrawn ?? 0),
  },
});
