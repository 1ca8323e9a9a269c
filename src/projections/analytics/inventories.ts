import type { InventoryEvent } from "../../domain/inventory-events.ts";
import { effectOf, together } from "../availability/effect.ts";
import { unknownEvent } from "../feed-event.ts";
import { type Batch, count, type Peak, stockOf } from "./batch.ts";
import { slotOf } from "./table.ts";

/** What an event of an inventory says of its tickets; where tickets of one reservation change, it counts as more of them. */
export function applyInventory(event: InventoryEvent, stream: string, at: string, batch: Batch): void {
  const slot = slotOf(at);
  const counted = (amounts: Parameters<typeof count>[2]) => count(stream, slot, amounts, batch);
  applyToStock(event, stream, at, batch);
  switch (event.type) {
    case "InventoryOpened": {
      const stock = stockOf(stream, batch);
      const { organizerId, ordinal, terms, eventTerms } = event.data;
      const saleStartsAt = terms.saleStartsAt ?? eventTerms.saleStartsAt;
      Object.assign(stock, { organizerId, ordinal, openedAt: at, saleStartsAt });
      return;
    }
    case "TicketTypeTermsChanged":
      stockOf(stream, batch).saleStartsAt = event.data.saleStartsAt;
      return;
    case "TicketsReserved": {
      const { reservationId, quantity, admission } = event.data;
      counted({ reservations_made: 1, tickets_reserved: quantity });
      stockOf(stream, batch).firstReservedAt ??= at;
      if (admission !== undefined) {
        batch.admissions.push({ admissionId: admission.id, reservationId, stream, at, tickets: quantity });
      }
      return;
    }
    case "TicketsOffered": {
      const tickets = together(event.data.offers);
      const { length } = event.data.offers;
      counted({
        reservations_made: length,
        tickets_reserved: tickets,
        reservations_offered: length,
        tickets_offered: tickets,
      });
      return;
    }
    case "ReservationQuantityChanged":
      counted({ tickets_reserved: event.data.quantity - event.data.previousQuantity });
      return;
    case "ReservationConfirmed":
      counted({ reservations_confirmed: 1, tickets_confirmed: event.data.quantity });
      return;
    case "ReservationReleased":
      counted({ reservations_released: 1, tickets_released: event.data.quantity });
      return;
    case "ReservationsExpired": {
      const { reservations } = event.data;
      counted({ reservations_expired: reservations.length, tickets_expired: together(reservations) });
      return;
    }
    case "ReservationsWithdrawn": {
      const { reservations } = event.data;
      counted({ reservations_withdrawn: reservations.length, tickets_withdrawn: together(reservations) });
      return;
    }
    case "TicketsReturned":
      counted({ tickets_returned: event.data.ordinals.length });
      return;
    case "WaitlistJoined":
      counted({ waitlist_joined: 1, waitlist_tickets_joined: event.data.quantity });
      return;
    case "WaitlistLeft":
      counted({ waitlist_left: 1 });
      return;
    case "WaitlistEnded":
      counted({ waitlist_ended: event.data.entries.length });
      return;
    case "InventoryPublished":
    case "InventoryClosed":
    case "InventoryRemoved":
    case "EventTermsChanged":
    case "SalePaused":
    case "SaleResumed":
    case "CapacityChanged":
    case "SeatsBlocked":
    case "SeatsUnblocked":
    case "ReservationExtended":
    case "ReservationClaimed":
    case "ClaimReleased": // what was declined is told by the booking
      return;
    default:
      unknownEvent(event);
  }
}

function applyToStock(event: InventoryEvent, stream: string, at: string, batch: Batch): void {
  const { total, held, booked } = effectOf(event);
  if (total === 0 && held === 0 && booked === 0) return;
  const stock = stockOf(stream, batch);
  stock.total += total;
  stock.held += held;
  stock.booked += booked;
  if (event.type === "InventoryOpened" || event.type === "InventoryRemoved") return; // with no tickets, nothing is sold out
  note(stock.taken, stock.held + stock.booked - stock.total, at);
  note(stock.bought, stock.booked - stock.total, at);
}

/** Only what is more than ever before in the batch can be the first time that it was enough. */
function note(peaks: Peak[], more: number, at: string): void {
  const last = peaks.at(-1);
  if (last === undefined || more > last.more) peaks.push({ more, at });
}
