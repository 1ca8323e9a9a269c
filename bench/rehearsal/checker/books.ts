import type { InventoryEvent } from "../../../src/domain/inventory-events.ts";
import { SeatAudit } from "../../../test/domain/seating/seat-audit.ts";

/** One event of the ticket type's stream, as the audit trail tells it. */
export interface Logged {
  readonly revision: number;
  readonly atMs: number;
  readonly event: InventoryEvent;
}

/** How tickets stood from that time on. */
export interface Stand {
  readonly atMs: number;
  readonly held: number;
  readonly booked: number;
}

/** What a stream says, added up by itself. */
export interface Books {
  readonly capacity: number;
  /** In the order of time, one for each that changed something. */
  readonly stands: readonly Stand[];
  readonly mostTaken: number;
  /** Of each reservation: its tickets now; 0 once it has ended. */
  readonly reserved: ReadonlyMap<string, number>;
  /** Reservations that were bought. */
  readonly bought: ReadonlySet<string>;
  /** What must not be, in words; empty where all is well. */
  readonly violations: readonly string[];
}

/** Replays the log of one ticket type with arithmetic of its own: never more taken than there is, no seat twice. */
export function booksOf(log: readonly Logged[]): Books {
  const violations: string[] = [];
  const seats = new SeatAudit();
  const reserved = new Map<string, number>();
  const bought = new Set<string>();
  const stands: Stand[] = [];
  let [capacity, held, booked, mostTaken] = [0, 0, 0, 0];
  const end = (reservationId: string, quantity: number) => {
    if (reserved.get(reservationId) !== quantity) violations.push(`${reservationId} ended with what it did not have`);
    reserved.set(reservationId, 0);
    held -= quantity;
  };
  const take = (event: InventoryEvent) => {
    switch (event.type) {
      case "InventoryOpened":
        capacity = event.data.capacity;
        return;
      case "TicketsReserved": {
        const { reservationId, quantity } = event.data;
        if (reserved.has(reservationId)) violations.push(`${reservationId} was reserved twice`);
        reserved.set(reservationId, quantity);
        held += quantity;
        return;
      }
      case "ReservationReleased":
        return end(event.data.reservationId, event.data.quantity);
      case "ReservationsExpired":
        for (const { reservationId, quantity } of event.data.reservations) end(reservationId, quantity);
        return;
      case "ReservationConfirmed": {
        const { reservationId, quantity } = event.data;
        if (reserved.get(reservationId) !== quantity) violations.push(`${reservationId} bought what it did not hold`);
        if (bought.has(reservationId)) violations.push(`${reservationId} was bought twice`);
        bought.add(reservationId);
        held -= quantity;
        booked += quantity;
        return;
      }
      case "ReservationClaimed":
      case "ClaimReleased":
      case "ReservationExtended":
      case "InventoryPublished":
        return;
      default:
        violations.push(`${event.type} has no business in a rehearsal`);
    }
  };
  for (const [index, { revision, atMs, event }] of log.entries()) {
    if (revision !== index) violations.push(`revision ${revision} in place of ${index}`);
    take(event);
    try {
      seats.take(event);
    } catch (error) {
      violations.push(`at revision ${revision}: ${error instanceof Error ? error.message : String(error)}`);
    }
    if (held + booked > capacity) violations.push(`oversold at revision ${revision}: ${held + booked} of ${capacity}`);
    mostTaken = Math.max(mostTaken, held + booked);
    stands.push({ atMs, held, booked });
  }
  return { capacity, stands, mostTaken, reserved, bought, violations };
}
