import { randomUUID } from "node:crypto";
import type { BookingEvent } from "../../src/domain/booking-events.ts";
import type { CartEvent } from "../../src/domain/cart-events.ts";
import type { EventTerms, InventoryEvent, PauseScope, TicketTypeTerms } from "../../src/domain/inventory-events.ts";
import type { ListingDetails, ListingEvent } from "../../src/domain/listing-events.ts";
import type { SeatMap } from "../../src/domain/seating/seat-map.ts";
import { encode, sha256 } from "../../src/eventstore/envelope.ts";
import type { Position, StoredEvent } from "../../src/eventstore/port.ts";
import { inventoryStream, listingStream, waitingRoomStream } from "../../src/eventstore/streams.ts";

/** A domain event with where and when it was recorded; {@link recordedBy} makes it one of the log. */
export interface Fact {
  readonly stream: string;
  readonly event:
    | InventoryEvent
    | ListingEvent
    | BookingEvent
    | CartEvent
    | { readonly type: string; readonly data: object };
  readonly at: string;
  /** The `Idempotency-Key` it answered. */
  readonly key: string | null;
}

export const EVENT = "018f0000-0000-7000-8000-0000000000e1";
export const REGULAR = "018f0000-0000-7000-8000-0000000000a1";
export const VIP = "018f0000-0000-7000-8000-0000000000a2";
export const ORGANIZER = "018f0000-0000-7000-8000-0000000000c1";
export const ANN = "018f0000-0000-7000-8000-0000000000b1";
export const BOB = "018f0000-0000-7000-8000-0000000000b2";

/** A reservation's id that is easy to tell from others. */
export const reservationId = (number: number): string => `018f0000-0000-7000-8000-1${String(number).padStart(11, "0")}`;

export const MORNING = "2026-03-01T09:00:00.000Z";
export const NOON = "2026-03-01T12:00:00.000Z";
export const EVENING = "2026-03-01T20:00:00.000Z";

export const DETAILS: ListingDetails = {
  name: "Winter Songs",
  description: null,
  venue: { name: "Old Hall", address: null, city: "Leipzig", country: "DE" },
  performers: [{ name: "The Larks", bio: null }],
  startsAt: EVENING,
  endsAt: null,
  timeZone: "Europe/Berlin",
  saleStartsAt: MORNING,
  saleEndsAt: null,
  capacity: null,
  additionalInfo: null,
  holdTtlSeconds: 600,
  guestsAllowed: true,
  refundPolicy: null,
};

export const PRICE = { amount: 4500, currency: "EUR" };

export const TERMS: TicketTypeTerms = {
  name: "Regular",
  description: null,
  price: PRICE,
  saleStartsAt: null,
  saleEndsAt: null,
  maxPerUser: null,
  maxPerOrder: 100,
};

const EVENT_TERMS: EventTerms = {
  saleStartsAt: MORNING,
  saleEndsAt: null,
  endsAt: EVENING,
  holdTtlSeconds: 600,
  guestsAllowed: true,
};

export interface Where {
  readonly eventId?: string;
  readonly ticketTypeId?: string;
  readonly at?: string;
}

export const inInventory = (
  { eventId = EVENT, ticketTypeId = REGULAR, at = MORNING }: Where,
  event: InventoryEvent,
): Fact => ({
  stream: inventoryStream(eventId, ticketTypeId),
  event,
  at,
  key: null,
});

export const inListing = ({ eventId = EVENT, at = MORNING }: Where, event: ListingEvent): Fact => ({
  stream: listingStream(eventId),
  event,
  at,
  key: null,
});

export function opened(
  what: Where & {
    capacity?: number;
    ordinal?: number;
    draft?: boolean;
    terms?: Partial<TicketTypeTerms>;
    seatMap?: SeatMap;
  } = {},
): Fact {
  const { capacity = 100, ordinal = 0, draft = false, terms = {}, eventId = EVENT, ticketTypeId = REGULAR } = what;
  const { seatMap } = what;
  return inInventory(what, {
    type: "InventoryOpened",
    data: {
      eventId,
      ticketTypeId,
      organizerId: ORGANIZER,
      ordinal,
      capacity,
      draft,
      terms: { ...TERMS, ...terms },
      eventTerms: EVENT_TERMS,
      ...(seatMap === undefined ? {} : { seatMap }),
    },
  });
}

export const termsChanged = ({ terms = {}, ...what }: Where & { terms?: Partial<EventTerms> } = {}): Fact =>
  inInventory(what, { type: "EventTermsChanged", data: { ...EVENT_TERMS, ...terms } });

export const typeChanged = (
  changes: Partial<TicketTypeTerms>,
  {
    saleStartsAt = MORNING,
    saleEndsAt = null,
    ...what
  }: Where & { saleStartsAt?: string; saleEndsAt?: string | null } = {},
): Fact => inInventory(what, { type: "TicketTypeTermsChanged", data: { changes, saleStartsAt, saleEndsAt } });

export const salePaused = (scope: PauseScope, what: Where = {}): Fact =>
  inInventory(what, { type: "SalePaused", data: { scope } });

export const saleResumed = (scope: PauseScope, what: Where = {}): Fact =>
  inInventory(what, { type: "SaleResumed", data: { scope } });

export const removed = (capacity: number, what: Where = {}): Fact =>
  inInventory(what, { type: "InventoryRemoved", data: { capacity } });

export const inventoryPublished = (what: Where = {}): Fact =>
  inInventory(what, { type: "InventoryPublished", data: {} });

export const capacityChanged = (from: number, to: number, what: Where = {}): Fact =>
  inInventory(what, { type: "CapacityChanged", data: { capacity: to, previousCapacity: from } });

export function reserved(
  number: number,
  what: Where & {
    quantity?: number;
    accountId?: string;
    expiresAt?: string;
    key?: string;
    cartId?: string;
    admissionId?: string;
  } = {},
): Fact {
  const { quantity = 1, accountId = ANN, expiresAt = NOON, key = null, cartId, admissionId } = what;
  const data = { reservationId: reservationId(number), accountId, quantity, unitPrice: PRICE, expiresAt };
  const admission = { id: admissionId ?? "", expiresAt };
  const fact = inInventory(what, {
    type: "TicketsReserved",
    data: {
      ...data,
      ...(cartId === undefined ? {} : { cartId }),
      ...(admissionId === undefined ? {} : { admission }),
    },
  });
  return { ...fact, key };
}

export const extended = (number: number, expiresAt: string, what: Where = {}): Fact =>
  inInventory(what, {
    type: "ReservationExtended",
    data: { reservationId: reservationId(number), previousExpiresAt: NOON, expiresAt },
  });

export const released = (number: number, quantity = 1, what: Where = {}): Fact =>
  inInventory(what, { type: "ReservationReleased", data: { reservationId: reservationId(number), quantity } });

/** One ticket each, unless said otherwise. */
export const expired = (numbers: readonly number[], what: Where & { quantity?: number } = {}): Fact =>
  inInventory(what, {
    type: "ReservationsExpired",
    data: {
      reservations: numbers.map((number) => ({
        reservationId: reservationId(number),
        quantity: what.quantity ?? 1,
      })),
    },
  });

export const created = (
  what: Where & { draft?: boolean; code?: string; organizerId?: string; details?: Partial<ListingDetails> } = {},
): Fact => {
  const { eventId = EVENT, draft = false, code = null, organizerId = ORGANIZER, details = {} } = what;
  const data = { eventId, organizerId, code, currency: "EUR", draft, details: { ...DETAILS, ...details } };
  return inListing(what, { type: "ListingCreated", data: { ...data, ticketTypes: [] } });
};

export const published = (what: Where = {}): Fact => inListing(what, { type: "ListingPublished", data: {} });

export const changed = (changes: Partial<ListingDetails>, what: Where = {}): Fact =>
  inListing(what, { type: "ListingChanged", data: { changes } });

export const capacityListed = (capacity: number, what: Where = {}): Fact =>
  inListing(what, {
    type: "TicketTypeCapacityListed",
    data: { ticketTypeId: what.ticketTypeId ?? REGULAR, capacity },
  });

export const waitingRoomSetUp = ({ eventId = EVENT, at = MORNING }: Where = {}): Fact => ({
  stream: waitingRoomStream(eventId),
  event: {
    type: "WaitingRoomSetUp",
    data: {
      round: 1,
      commitment: "a hash",
      laterCommitment: "another hash",
      terms: { opensAt: NOON, admitPerMinute: 60, paused: false, classes: [], beacon: null },
    },
  },
  at,
  key: null,
});

export const keyHashOf = (key: string): string => sha256(key);

/** Numbers facts as a log does: revisions by stream, positions ten apart. */
export function recordedBy(): (...facts: readonly Fact[]) => readonly StoredEvent[] {
  const revisions = new Map<string, number>();
  let position: Position = 0n;
  return (...facts) =>
    facts.map(({ stream, event, at, key }) => {
      const revision = revisions.get(stream) ?? 0;
      revisions.set(stream, revision + 1);
      position += 10n;
      const bytes = encode(randomUUID(), event, {
        schemaVersion: 1,
        at,
        actor: { account: ANN, role: "customer" },
        commandId: "018f0000-0000-7000-8000-0000000000d1",
        correlationId: "018f0000-0000-7000-8000-0000000000d2",
        causationId: null,
        requestId: "req-1",
        keyHash: key === null ? null : keyHashOf(key),
        bodyHash: key === null ? null : keyHashOf("body"),
        previousHash: revision === 0 ? null : sha256(`${stream} ${revision - 1}`),
      });
      return { ...bytes, stream, revision, position };
    });
}
