import type { InventoryEvent, PauseScope } from "../../src/domain/inventory-events.ts";
import { SeatAudit } from "./seating/seat-audit.ts";

export interface Counts {
  readonly total: number;
  readonly held: number;
  readonly booked: number;
  readonly available: number;
}

/** An event and the time of its decision. */
export interface Dated {
  readonly event: InventoryEvent;
  readonly atMs: number;
}

interface Held {
  readonly accountId: string;
  readonly quantity: number;
  readonly endsAtMs: number;
  readonly extended: boolean;
  readonly claim: { readonly bookingId: string; readonly endsAtMs: number } | null;
}

/**
 * Proves an inventory from its log alone, as an auditor would who has never seen the code that wrote it: at every
 * revision nothing is oversold, no tickets are held or booked twice, each reservation ends once, in time and in full, and
 * each ticket comes back once.
 * @returns the counts at each revision
 * @throws Error naming the first violation
 */
export function audit(log: readonly Dated[]): readonly Counts[] {
  const open = new Map<string, Held>();
  /** Tickets by the reservation that they came from. */
  const booked = new Map<string, { readonly bookingId: string; readonly tickets: Set<number> }>();
  const seating = new SeatAudit();
  let total = 0;
  let isClosed = false;
  let isRemoved = false;
  const paused = new Set<PauseScope>();
  const heldAt = (id: string, atMs: number, doing: string): Held => {
    const reservation = open.get(id);
    if (reservation === undefined) throw new Error(`${id} ${doing} without being held`);
    if ((reservation.claim ?? reservation).endsAtMs <= atMs) throw new Error(`${id} ${doing} when over`);
    return reservation;
  };
  const begin = (id: string, reservation: Pick<Held, "accountId" | "quantity" | "endsAtMs">, atMs: number): void => {
    if (open.has(id) || booked.has(id)) throw new Error(`${id} reserved twice`);
    if (reservation.endsAtMs <= atMs) throw new Error(`${id} was over before it began`);
    open.set(id, { ...reservation, extended: false, claim: null });
  };
  const end = ({ reservationId, quantity }: { reservationId: string; quantity: number }): Held => {
    const reservation = open.get(reservationId);
    if (reservation === undefined) throw new Error(`${reservationId} ended without being held`);
    if (reservation.quantity !== quantity) {
      throw new Error(`${reservationId} held ${reservation.quantity}, gave back ${quantity}`);
    }
    open.delete(reservationId);
    return reservation;
  };

  return log.map(({ event, atMs }, revision) => {
    if (isRemoved) throw new Error(`${event.type} after the ticket type was deleted`);
    if (paused.size > 0 && event.type === "TicketsOffered") throw new Error("offered while the sale was paused");
    if (isClosed && SELLING.has(event.type)) throw new Error(`${event.type} after the event was cancelled`);
    seating.take(event);
    switch (event.type) {
      case "SeatsBlocked":
        total -= event.data.seats.length;
        break;
      case "SeatsUnblocked":
        total += event.data.seats.length;
        break;
      case "InventoryOpened":
        if (revision !== 0) throw new Error("opened twice");
        total = event.data.capacity;
        break;
      case "CapacityChanged":
        if (event.data.previousCapacity !== total) throw new Error("another capacity was there before");
        total = event.data.capacity;
        break;
      case "TicketsReserved": {
        const { reservationId, accountId, quantity, expiresAt } = event.data;
        begin(reservationId, { accountId, quantity, endsAtMs: Date.parse(expiresAt) }, atMs);
        break;
      }
      case "TicketsOffered":
        for (const { entryId, accountId, quantity, expiresAt } of event.data.offers) {
          begin(entryId, { accountId, quantity, endsAtMs: Date.parse(expiresAt) }, atMs);
        }
        break;
      case "ReservationQuantityChanged": {
        const { reservationId, previousQuantity, quantity } = event.data;
        const before = heldAt(reservationId, atMs, "changed");
        if (before.claim !== null) throw new Error(`${reservationId} changed while it was paid for`);
        if (before.quantity !== previousQuantity) throw new Error(`${reservationId} had another quantity before`);
        open.set(reservationId, { ...before, quantity });
        break;
      }
      case "ReservationExtended": {
        const { reservationId, previousExpiresAt, expiresAt } = event.data;
        const before = heldAt(reservationId, atMs, "extended");
        if (before.extended) throw new Error(`${reservationId} extended twice`);
        if (before.claim !== null) throw new Error(`${reservationId} extended while it was paid for`);
        if (before.endsAtMs !== Date.parse(previousExpiresAt)) throw new Error(`${reservationId} ended otherwise`);
        open.set(reservationId, { ...before, endsAtMs: Date.parse(expiresAt), extended: true });
        break;
      }
      case "ReservationClaimed": {
        const { reservationId, bookingId, accountId, quantity, deadline, claimedUntil } = event.data;
        const before = heldAt(reservationId, atMs, "claimed");
        if (before.claim !== null) throw new Error(`${reservationId} claimed twice`);
        if (before.accountId !== accountId || before.quantity !== quantity) throw new Error("claimed something else");
        if (Date.parse(claimedUntil) - Date.parse(deadline) !== 60_000) throw new Error("claimed until another time");
        open.set(reservationId, { ...before, claim: { bookingId, endsAtMs: Date.parse(claimedUntil) } });
        break;
      }
      case "ClaimReleased": {
        const { reservationId, bookingId, expiresAt } = event.data;
        const before = heldAt(reservationId, atMs, "let go");
        if (before.claim?.bookingId !== bookingId) throw new Error(`${reservationId} let go by another booking`);
        if (before.endsAtMs !== Date.parse(expiresAt)) throw new Error(`${reservationId} ended otherwise`);
        open.set(reservationId, { ...before, claim: null });
        break;
      }
      case "ReservationConfirmed": {
        const { reservationId, bookingId, accountId, quantity } = event.data;
        const { claim, ...before } = heldAt(reservationId, atMs, "confirmed");
        if (claim?.bookingId !== bookingId) throw new Error(`${reservationId} confirmed for another booking`);
        if (before.accountId !== accountId) throw new Error(`${reservationId} confirmed for another account`);
        end({ reservationId, quantity });
        booked.set(reservationId, { bookingId, tickets: new Set(Array.from({ length: quantity }, (_, n) => n)) });
        break;
      }
      case "TicketsReturned": {
        const { reservationId, bookingId, ordinals } = event.data;
        const bought = booked.get(reservationId);
        if (bought?.bookingId !== bookingId) throw new Error(`${reservationId} returned by another booking`);
        for (const ordinal of ordinals) {
          if (!bought.tickets.delete(ordinal))
            throw new Error(`${reservationId}/${ordinal} returned without being booked`);
        }
        if (bought.tickets.size === 0) booked.delete(reservationId);
        break;
      }
      case "ReservationReleased":
        heldAt(event.data.reservationId, atMs, "released");
        end(event.data);
        break;
      case "ReservationsExpired":
        if (event.data.reservations.length > 500) throw new Error("more than 500 in one event");
        for (const one of event.data.reservations) {
          const { claim, endsAtMs } = end(one);
          // A booking that was not paid in time ends its claims before their last minute is over.
          if (claim === null && endsAtMs > atMs) throw new Error(`${one.reservationId} expired before its time`);
        }
        break;
      case "InventoryClosed":
        if (isClosed) throw new Error("closed twice");
        isClosed = true;
        break;
      case "ReservationsWithdrawn":
        if (!isClosed) throw new Error("withdrawn though the event was not cancelled");
        if (event.data.reservations.length > 500) throw new Error("more than 500 in one event");
        for (const one of event.data.reservations) {
          if (end(one).claim !== null) throw new Error(`${one.reservationId} withdrawn while it was paid for`);
        }
        break;
      case "SalePaused":
        if (paused.has(event.data.scope)) throw new Error("paused twice");
        paused.add(event.data.scope);
        break;
      case "SaleResumed":
        if (!paused.delete(event.data.scope)) throw new Error("resumed though it was not paused");
        break;
      case "InventoryRemoved":
        if (open.size + booked.size > 0) throw new Error("removed though somebody has tickets");
        total -= event.data.capacity;
        isRemoved = true;
        break;
      case "InventoryPublished":
      case "EventTermsChanged":
      case "TicketTypeTermsChanged":
      case "WaitlistJoined":
      case "WaitlistLeft":
      case "WaitlistEnded":
        break;
      default:
        event satisfies never;
    }
    const held = [...open.values()].reduce((sum, { quantity }) => sum + quantity, 0);
    const sold = [...booked.values()].reduce((sum, { tickets }) => sum + tickets.size, 0);
    if (held + sold > total) throw new Error(`oversold at revision ${revision}: ${held} and ${sold} of ${total}`);
    return { total, held, booked: sold, available: total - held - sold };
  });
}

/** What a cancelled event has none of. */
const SELLING: ReadonlySet<string> = new Set([
  "TicketsReserved",
  "TicketsOffered",
  "ReservationExtended",
  "ReservationQuantityChanged",
  "ReservationClaimed",
  "ReservationConfirmed",
]);
