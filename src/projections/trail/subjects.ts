import {
  accountOfCart,
  BOOKING_PREFIX,
  bookingOf,
  CART_PREFIX,
  eventOfStream,
  INVENTORY_PREFIX,
  inventoryOf,
  LISTING_PREFIX,
  WAITING_ROOM_PREFIX,
} from "../../eventstore/streams.ts";
import { isUuid } from "../uuid.ts";

const UUID_LENGTH = 36;

/** What an event is about, as auditors look for it. */
export interface About {
  readonly eventId: string | null;
  /** Ids of reservations, entries of waitlists, carts with whose they are, or bookings; each once. */
  readonly subjects: readonly string[];
}

/** The fields by which events of inventories name one thing, and those that list several. */
interface NamesThings {
  readonly reservationId?: string;
  readonly entryId?: string;
  readonly reservations?: readonly { readonly reservationId: string }[];
  readonly offers?: readonly { readonly entryId: string }[];
  readonly entries?: readonly { readonly entryId: string }[];
}

/**
 * Goes by the names of fields and not by types of events, so that an event of a type that is added later is found by
 * what it is about without anybody thinking of it.
 */
export function aboutOf(stream: string, data: unknown): About {
  if (stream.startsWith(INVENTORY_PREFIX)) {
    return { eventId: inventoryOf(stream).eventId, subjects: thingsIn(data as NamesThings) };
  }
  const ofEvent = eventOfStream(stream);
  if (ofEvent !== null) return { eventId: ofEvent, subjects: [] };
  if (stream.startsWith(CART_PREFIX)) {
    const { cartId, eventId = null } = data as { cartId: string; eventId?: string };
    return { eventId, subjects: [cartId, accountOfCart(stream)] };
  }
  return { eventId: null, subjects: stream.startsWith(BOOKING_PREFIX) ? [bookingOf(stream)] : [] };
}

function thingsIn({ reservationId, entryId, reservations = [], offers = [], entries = [] }: NamesThings): string[] {
  const one = [reservationId, entryId].filter((id) => id !== undefined);
  const several = [
    ...reservations.map((reservation) => reservation.reservationId),
    ...[...offers, ...entries].map((entry) => entry.entryId),
  ];
  return [...new Set([...one, ...several])];
}

const OF_AN_EVENT = [INVENTORY_PREFIX, LISTING_PREFIX, WAITING_ROOM_PREFIX];

/** By which columns of the trail a stream's events are found, besides the stream itself; null: it is none of ours. */
export function keyOfStream(stream: string): { readonly eventId: string } | { readonly subject: string } | null {
  const id = stream.slice(stream.indexOf("-") + 1, stream.indexOf("-") + 1 + UUID_LENGTH);
  if (!isUuid(id)) return null;
  if (OF_AN_EVENT.some((prefix) => stream.startsWith(prefix))) return { eventId: id };
  return stream.startsWith(CART_PREFIX) || stream.startsWith(BOOKING_PREFIX) ? { subject: id } : null;
}
