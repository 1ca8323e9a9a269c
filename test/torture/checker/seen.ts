import { bookingStream, inventoryStream } from "../../../src/eventstore/streams.ts";
import {
  boughtTickets,
  endsAtMs,
  heldTickets,
  type RecordedInventory,
} from "../../simulation/checks/recorded-inventory.ts";
import type { Entry } from "../history/history.ts";
import type { BookingStanding } from "./booking-standing.ts";
import { type Claims, isAsTold } from "./granted.ts";
import type { TortureRecord } from "./record.ts";

interface Counts {
  readonly ticketTypeId: string;
  readonly total: number;
  readonly available: number;
  readonly held: number;
  readonly booked: number;
}

/** When somebody looked, by the clock of the log. */
export interface Times {
  readonly beganAtMs: number;
  readonly endedAtMs: number;
}

const NOTHING: Claims = { inventories: [], bookings: [] };
const SLACK_MS = 2_000;

/** What an answer to somebody who looks says of the log. */
export function seenOf({ route }: Entry, body: unknown, record: TortureRecord, times: Times): Claims {
  const seen = (body ?? {}) as Readonly<Record<string, unknown>>;
  switch (route) {
    case "/events/:eventId/availability":
    case "/events/:eventId":
      return {
        ...NOTHING,
        inventories: (seen.ticketTypes as readonly Counts[]).map((one) => counts(seen.eventId, one)),
      };
    case "/reservations/:reservationId":
      return ofReservation(String(seen.reservationId), String(seen.status), Number(seen.quantity), record, times);
    case "/waitlist/:entryId":
      return ofEntry(String(seen.entryId), String(seen.status), record, times);
    case "/bookings/:id": {
      const bookingId = String(seen.bookingId);
      if (!record.bookings.has(bookingId)) return NOTHING; // it is a reservation's that was not bought
      const valid = (seen.tickets as readonly { status: string }[]).filter(({ status }) => status === "VALID").length;
      const isSo = (standing: BookingStanding) => isAsTold(standing, String(seen.status), valid);
      return { ...NOTHING, bookings: [{ stream: bookingStream(bookingId), isSo }] };
    }
    case "/cart":
      return {
        ...NOTHING,
        inventories: (seen.items as readonly { reservationId: string; quantity: number }[]).flatMap((item) => {
          const stream = record.streamOf.get(item.reservationId);
          if (stream === undefined) return [{ stream: item.reservationId, isSo: () => false }];
          const isSo = ({ held, bought }: RecordedInventory) =>
            held.get(item.reservationId)?.quantity === item.quantity || bought.has(item.reservationId);
          return seen.status === "EXPIRED" || seen.status === "COMPLETED" ? [] : [{ stream, isSo }];
        }),
      };
    default:
      return NOTHING;
  }
}

/** Counts are those of one revision, whose tickets are all of it. */
function counts(eventId: unknown, { ticketTypeId, total, available, held, booked }: Counts) {
  const isSum = total === available + held + booked && available >= 0;
  return {
    stream: inventoryStream(String(eventId), ticketTypeId),
    isSo: (state: RecordedInventory) =>
      isSum && state.capacity === total && heldTickets(state) === held && boughtTickets(state) === booked,
  };
}

function ofReservation(id: string, status: string, quantity: number, record: TortureRecord, times: Times): Claims {
  const stream = record.streamOf.get(id);
  if (stream === undefined) return { ...NOTHING, inventories: [{ stream: id, isSo: () => false }] };
  const isSo = ({ held, bought }: RecordedInventory): boolean => {
    const one = held.get(id);
    switch (status) {
      case "HELD":
        return one?.quantity === quantity && endsAtMs(one) > times.beganAtMs - SLACK_MS;
      case "CONFIRMED":
        return bought.has(id) || one === undefined; // its tickets may have come back since
      case "EXPIRED":
        return one === undefined ? !bought.has(id) : endsAtMs(one) <= times.endedAtMs + SLACK_MS;
      default:
        return one === undefined && !bought.has(id);
    }
  };
  return { ...NOTHING, inventories: [{ stream, isSo }] };
}

function ofEntry(entryId: string, status: string, record: TortureRecord, times: Times): Claims {
  const stream = record.streamOf.get(entryId);
  if (stream === undefined) return { ...NOTHING, inventories: [{ stream: entryId, isSo: () => false }] };
  const isSo = ({ held, bought, waiting }: RecordedInventory): boolean => {
    const offer = held.get(entryId);
    const isWaiting = waiting.some(({ entry }) => entry === entryId);
    switch (status) {
      case "WAITING":
        return isWaiting;
      case "OFFERED":
        return offer !== undefined && endsAtMs(offer) > times.beganAtMs - SLACK_MS;
      case "TAKEN":
        return !isWaiting && (offer === undefined || offer.claim !== null || bought.has(entryId));
      default:
        return !isWaiting && (offer === undefined || endsAtMs(offer) <= times.endedAtMs + SLACK_MS);
    }
  };
  return { ...NOTHING, inventories: [{ stream, isSo }] };
}
