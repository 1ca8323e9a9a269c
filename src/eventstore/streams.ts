/** Names of Boxoffice's streams. The part before the first `-` is the category, as EventStoreDB understands it. */
export const listingStream = (eventId: string): string => `listing-${eventId}`;

export const inventoryStream = (eventId: string, ticketTypeId: string): string =>
  `inventory-${eventId}.${ticketTypeId}`;

export const cartStream = (accountId: string): string => `cart-${accountId}`;

export const bookingStream = (bookingId: string): string => `booking-${bookingId}`;

export const waitingRoomStream = (eventId: string): string => `waitingroom-${eventId}`;

export const LISTING_PREFIX = "listing-";
export const INVENTORY_PREFIX = "inventory-";
export const CART_PREFIX = "cart-";
export const BOOKING_PREFIX = "booking-";
export const WAITING_ROOM_PREFIX = "waitingroom-";

/** Every stream that Boxoffice writes; projections follow these. */
export const BOXOFFICE_PREFIXES: readonly string[] = [
  LISTING_PREFIX,
  INVENTORY_PREFIX,
  CART_PREFIX,
  BOOKING_PREFIX,
  WAITING_ROOM_PREFIX,
];

/** The event that a listing's stream is of. */
export const eventOfListing = (stream: string): string => stream.slice(LISTING_PREFIX.length);

/** The account whose cart's stream this is. */
export const accountOfCart = (stream: string): string => stream.slice(CART_PREFIX.length);

/** The booking that a stream is of. */
export const bookingOf = (stream: string): string => stream.slice(BOOKING_PREFIX.length);

/** The event whose waiting room a stream is of. */
export const eventOfWaitingRoom = (stream: string): string => stream.slice(WAITING_ROOM_PREFIX.length);

/** The event whose listing, inventory or waiting room a stream is; null for others. */
export function eventOfStream(stream: string): string | null {
  if (stream.startsWith(LISTING_PREFIX)) return eventOfListing(stream);
  if (stream.startsWith(WAITING_ROOM_PREFIX)) return eventOfWaitingRoom(stream);
  return stream.startsWith(INVENTORY_PREFIX) && stream.includes(".") ? inventoryOf(stream).eventId : null;
}

/** Takes an inventory's stream name apart. */
export function inventoryOf(stream: string): { eventId: string; ticketTypeId: string } {
  const dot = stream.indexOf(".");
  if (!stream.startsWith(INVENTORY_PREFIX) || dot < 0) throw new Error(`not an inventory: ${stream}`);
  return { eventId: stream.slice(INVENTORY_PREFIX.length, dot), ticketTypeId: stream.slice(dot + 1) };
}
