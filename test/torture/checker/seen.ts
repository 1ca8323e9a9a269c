import { bookingStream, inventoryStream } from "../../../src/eventstore/streams.ts";
import type { RecordedInventory } from "../../simulation/checks/recorded-inventory.ts";
import type { Entry } from "../history/history.ts";
import type { Claim, Claims } from "./granted.ts";
import type { TortureRecord } from "./record.ts";
import { countsAre, entryIs, isLineOrBought, never, reservationIs, stands, type Times } from "./states.ts";

interface Counts {
  readonly ticketTypeId: string;
  readonly total: number;
  readonly available: number;
  readonly held: number;
  readonly booked: number;
}

const NOTHING: Claims = { inventories: [], bookings: [] };

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
      return {
        ...NOTHING,
        bookings: [{ stream: bookingStream(bookingId), isSo: stands([String(seen.status)], valid) }],
      };
    }
    case "/cart": {
      if (seen.status === "EXPIRED" || seen.status === "COMPLETED") return NOTHING;
      const items = seen.items as readonly { readonly reservationId: string; readonly quantity: number }[];
      return { ...NOTHING, inventories: items.map((item) => inCart(item, record)) };
    }
    default:
      return NOTHING;
  }
}

/** Counts are those of one revision, whose tickets are all of it. */
function counts(eventId: unknown, { ticketTypeId, total, available, held, booked }: Counts): Claim<RecordedInventory> {
  const stream = inventoryStream(String(eventId), ticketTypeId);
  const isSum = total === available + held + booked && available >= 0;
  return { stream, isSo: isSum ? countsAre(total, held, booked) : never };
}

function inCart(
  { reservationId, quantity }: { readonly reservationId: string; readonly quantity: number },
  record: TortureRecord,
): Claim<RecordedInventory> {
  const stream = record.streamOf.get(reservationId);
  return stream === undefined
    ? { stream: reservationId, isSo: never }
    : { stream, isSo: isLineOrBought(reservationId, quantity) };
}

function ofReservation(id: string, status: string, quantity: number, record: TortureRecord, times: Times): Claims {
  const stream = record.streamOf.get(id);
  if (stream === undefined) return { ...NOTHING, inventories: [{ stream: id, isSo: never }] };
  return { ...NOTHING, inventories: [{ stream, isSo: reservationIs(id, status, quantity, times) }] };
}

function ofEntry(entryId: string, status: string, record: TortureRecord, times: Times): Claims {
  const stream = record.streamOf.get(entryId);
  if (stream === undefined) return { ...NOTHING, inventories: [{ stream: entryId, isSo: never }] };
  return { ...NOTHING, inventories: [{ stream, isSo: entryIs(entryId, status, times) }] };
}
