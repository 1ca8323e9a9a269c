import type { InventoryEvent } from "../../domain/inventory-events.ts";
import { unknownEvent } from "../feed-event.ts";

/** What an event adds to the counts of its ticket type. */
export interface Effect {
  readonly total: number;
  readonly held: number;
  readonly booked: number;
}

const NOTHING: Effect = { total: 0, held: 0, booked: 0 };

/**
 * By the event alone, whatever came before it.
 * @throws UnknownEventType
 */
export function effectOf(event: InventoryEvent): Effect {
  switch (event.type) {
    case "InventoryOpened":
      return total(event.data.capacity);
    case "CapacityChanged":
      return total(event.data.capacity - event.data.previousCapacity);
    case "SeatsBlocked":
      return total(-event.data.seats.length);
    case "SeatsUnblocked":
      return total(event.data.seats.length);
    case "InventoryRemoved":
      return total(-event.data.capacity);
    case "TicketsReserved":
      return held(event.data.quantity);
    case "ReservationQuantityChanged":
      return held(event.data.quantity - event.data.previousQuantity);
    case "TicketsOffered":
      return held(together(event.data.offers));
    case "ReservationReleased":
      return held(-event.data.quantity);
    case "ReservationsExpired":
    case "ReservationsWithdrawn":
      return held(-together(event.data.reservations));
    case "ReservationConfirmed":
      return { total: 0, held: -event.data.quantity, booked: event.data.quantity };
    case "TicketsReturned":
      return { ...NOTHING, booked: -event.data.ordinals.length };
    case "InventoryPublished":
    case "InventoryClosed":
    case "EventTermsChanged":
    case "TicketTypeTermsChanged":
    case "SalePaused":
    case "SaleResumed":
    case "ReservationExtended":
    case "ReservationClaimed": // what is claimed is still held
    case "ClaimReleased":
    case "WaitlistJoined":
    case "WaitlistLeft":
    case "WaitlistEnded":
      return NOTHING;
    default:
      return unknownEvent(event);
  }
}

const total = (tickets: number): Effect => ({ ...NOTHING, total: tickets });
const held = (tickets: number): Effect => ({ ...NOTHING, held: tickets });

/** Tickets of several reservations or offers. */
export const together = (several: readonly { readonly quantity: number }[]): number =>
  several.reduce((sum, { quantity }) => sum + quantity, 0);
