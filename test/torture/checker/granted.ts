import { bookingStream, inventoryStream } from "../../../src/eventstore/streams.ts";
import type { RecordedInventory } from "../../simulation/checks/recorded-inventory.ts";
import type { ToldPurchase } from "../../system/buying/told.ts";
import type { Entry } from "../history/history.ts";
import type { BookingStanding } from "./booking-standing.ts";
import type { TortureRecord } from "./record.ts";
import {
  hasCapacity,
  hasLineOf,
  isGone,
  isHeldAs,
  isHeldNoMore,
  isOver,
  isPausedAs,
  isRemoved,
  isWaitingAs,
  stands,
} from "./states.ts";
import { subjectOf } from "./subject.ts";
import type { Answered } from "./testimony.ts";

/** What must have been so of a stream for an answer to be true. */
export interface Claim<State> {
  readonly stream: string;
  readonly isSo: (state: State) => boolean;
}

export interface Claims {
  readonly inventories: readonly Claim<RecordedInventory>[];
  readonly bookings: readonly Claim<BookingStanding>[];
}

export interface GrantedClaims extends Claims {
  readonly purchases: readonly ToldPurchase[];
  readonly cancellations: readonly { readonly bookingId: string; readonly ticketIds: readonly string[] | null }[];
  /** What is nowhere in the log, as is known already. */
  readonly lost: readonly string[];
}

const NOTHING: GrantedClaims = { inventories: [], bookings: [], purchases: [], cancellations: [], lost: [] };

/** What an answer of success says of the log. */
export function grantedOf(
  entry: Entry,
  { status, body, replayed }: Answered,
  record: TortureRecord,
  clockAheadMs: number,
): GrantedClaims {
  const { method, route, path } = entry;
  const told = (body ?? {}) as Readonly<Record<string, unknown>>;
  const sent = (entry.body ?? {}) as Readonly<Record<string, unknown>>;
  const subject = subjectOf(entry, record);
  const about = (isSo: (state: RecordedInventory) => boolean): GrantedClaims =>
    subject === null ? NOTHING : { ...NOTHING, inventories: [{ stream: subject.stream, isSo }] };
  const held = (id: unknown, expiresAt: unknown): GrantedClaims => {
    const reservationId = String(id);
    const stream = record.streamOf.get(reservationId);
    if (stream === undefined) return { ...NOTHING, lost: [`${reservationId} is not on record`] };
    const isSo = isHeldAs(reservationId, entry.account, subject?.quantity ?? null, Date.parse(String(expiresAt)));
    return { ...NOTHING, inventories: [{ stream, isSo }] };
  };
  switch (`${method} ${route}`) {
    case "POST /events/:eventId/reservations":
      return held(told.reservationId, told.expiresAt);
    case "POST /ticket/reserve":
      return held(told.reservationId, told.expirationTime);
    case "POST /holds":
      return held(told.hold_id, told.expires_at);
    case "POST /events/reserve":
      return held(told.bookingId, told.expiresAt);
    case "POST /reservations/:reservationId/extend":
      return held(told.reservationId, told.expiresAt);
    case "POST /events/:eventId/waitlist":
      return about(isWaitingAs(String(told.entryId), entry.account, Number(told.quantity), Number(told.place)));
    case "DELETE /reservations/:reservationId":
      return about(isGone(subject?.reservationId ?? ""));
    case "DELETE /waitlist/:entryId": {
      const entryId = path.split("/")[2] ?? "";
      const stream = record.streamOf.get(entryId);
      if (stream === undefined) return { ...NOTHING, lost: [`${entryId} is not on record`] };
      return { ...NOTHING, inventories: [{ stream, isSo: isGone(entryId) }] };
    }
    case "PUT /cart/items/:ticketTypeId":
      return about(hasLineOf(entry.account, Number(sent.quantity), entry.outcome.endedAtMs + clockAheadMs));
    case "PATCH /events/:eventId/ticket-types/:ticketTypeId":
      return subject?.capacity == null ? NOTHING : about(hasCapacity(subject.capacity));
    case "DELETE /events/:eventId/ticket-types/:ticketTypeId":
      return about(isRemoved);
    case "POST /events/:eventId/ticket-types/:ticketTypeId/pause":
      return replayed ? NOTHING : paused(path, true);
    case "POST /events/:eventId/ticket-types/:ticketTypeId/resume":
      return replayed ? NOTHING : paused(path, false);
    case "POST /events/:eventId/cancel": {
      const streams = record.inventoriesOf.get(path.split("/")[2] ?? "") ?? [];
      return { ...NOTHING, inventories: streams.map((stream) => ({ stream, isSo: isOver })) };
    }
    case "POST /events": {
      const isThere = record.inventoriesOf.has(String(told.eventId)) && record.names.has(String(sent.name));
      return isThere ? NOTHING : { ...NOTHING, lost: [`event ${told.eventId} is not on record`] };
    }
    case "PATCH /events/:eventId": {
      const isThere = sent.name === undefined || record.names.has(String(sent.name));
      return isThere ? NOTHING : { ...NOTHING, lost: [`${sent.name} is not on record`] };
    }
    case "POST /purchases":
      return bought(String(told.bookingId), status === 402 ? "DECLINED" : String(told.status), entry, record);
    case "POST /book":
      return bought(String(told.booking_id), "PAID", entry, record);
    case "POST /ticket/confirmReservation":
      return about(isHeldNoMore(String(told.reservationId)));
    case "POST /bookings/:bookingId/cancel": {
      const bookingId = String(told.bookingId);
      const ticketIds = (sent.ticketIds as readonly string[] | undefined) ?? null;
      const valid = (told.tickets as readonly { status: string }[]).filter((one) => one.status === "VALID").length;
      const bookings = [{ stream: bookingStream(bookingId), isSo: stands([String(told.status)], valid) }];
      return { ...NOTHING, bookings, cancellations: [{ bookingId, ticketIds }] };
    }
    default:
      return NOTHING;
  }
}

function paused(path: string, isPaused: boolean): GrantedClaims {
  const [, , eventId = "", , ticketTypeId = ""] = path.split("/");
  return { ...NOTHING, inventories: [{ stream: inventoryStream(eventId, ticketTypeId), isSo: isPausedAs(isPaused) }] };
}

/** What earlier systems' clients call it. */
const EARLIER: Readonly<Record<string, readonly string[]>> = {
  CANCELLED: ["CANCELLED", "DECLINED"],
  TIMEOUT: ["TIMED_OUT"],
};

function bought(bookingId: string, status: string, entry: Entry, record: TortureRecord): GrantedClaims {
  const isEarlier = (entry.body as { readonly bookingId?: string } | null)?.bookingId !== undefined;
  if (isEarlier && !record.bookings.has(bookingId)) {
    // Until it is bought, or because it was not, it is the reservation's id.
    return record.streamOf.has(bookingId) && status !== "PAID"
      ? NOTHING
      : { ...NOTHING, lost: [`${status}, and there is no booking ${bookingId}`] };
  }
  const statuses = (isEarlier ? EARLIER[status] : undefined) ?? [status];
  const key = entry.key ?? `command ${entry.command}`;
  return {
    ...NOTHING,
    bookings: [{ stream: bookingStream(bookingId), isSo: stands(statuses, null) }],
    purchases: isEarlier && status !== "PAID" ? [] : [{ key, bookingId, status }],
  };
}
