import type { RefundStep } from "./listing-events.ts";
import type { Money } from "./money.ts";
import type { SeatMap } from "./seating/seat-map.ts";

/** What an event says about selling all of its ticket types; the inventory keeps a copy, so that one decision needs one stream. */
export interface EventTerms {
  /** RFC 3339 UTC, as are all times in domain events. */
  readonly saleStartsAt: string;
  /** null: until the event ends. */
  readonly saleEndsAt: string | null;
  /** When the event ends by time; null: never. */
  readonly endsAt: string | null;
  readonly holdTtlSeconds: number;
  readonly guestsAllowed: boolean;
  /** What it says about giving tickets back, for who buys now; absent in events of before there were purchases. */
  readonly refunds?: RefundTerms;
}

export interface RefundTerms {
  readonly startsAt: string | null;
  /** null: in full until `startsAt`. */
  readonly policy: readonly RefundStep[] | null;
}

/** What is sold: one class of tickets of one event. */
export interface TicketTypeTerms {
  readonly name: string;
  readonly description: string | null;
  readonly price: Money;
  /** null: as the event's. */
  readonly saleStartsAt: string | null;
  readonly saleEndsAt: string | null;
  /** Tickets one account may have reserved or booked; null: any number. */
  readonly maxPerUser: number | null;
  readonly maxPerOrder: number;
}

export interface InventoryOpened {
  readonly type: "InventoryOpened";
  readonly data: {
    readonly eventId: string;
    readonly ticketTypeId: string;
    readonly organizerId: string;
    /** Place among the event's ticket types, from 0. */
    readonly ordinal: number;
    /** Of a seat map: its seats that are not blocked. */
    readonly capacity: number;
    readonly draft: boolean;
    readonly terms: TicketTypeTerms;
    readonly eventTerms: EventTerms;
    /** Where its tickets are numbered seats. It never changes; what is blocked later on are events of their own. */
    readonly seatMap?: SeatMap;
  };
}

export interface InventoryPublished {
  readonly type: "InventoryPublished";
  readonly data: Record<string, never>;
}

export interface EventTermsChanged {
  readonly type: "EventTermsChanged";
  readonly data: EventTerms;
}

/** Only what changed, with its new value. What is held keeps the price that it was reserved at. */
export interface TicketTypeTermsChanged {
  readonly type: "TicketTypeTermsChanged";
  readonly data: {
    readonly changes: Partial<TicketTypeTerms>;
    /** From when until when it is on sale now, by its own dates or the event's. */
    readonly saleStartsAt: string;
    readonly saleEndsAt: string | null;
  };
}

/** What is paused: the sale of all of an event's ticket types, or that of this one. */
export type PauseScope = "event" | "ticket-type";

/** Nothing more is reserved or offered until the sale is resumed in each scope; what is held can be bought. */
export interface SalePaused {
  readonly type: "SalePaused";
  readonly data: { readonly scope: PauseScope };
}

export interface SaleResumed {
  readonly type: "SaleResumed";
  readonly data: { readonly scope: PauseScope };
}

export interface CapacityChanged {
  readonly type: "CapacityChanged";
  readonly data: { readonly capacity: number; readonly previousCapacity: number };
}

/** Seats that are not for sale until they are unblocked: so many tickets fewer. */
export interface SeatsBlocked {
  readonly type: "SeatsBlocked";
  readonly data: { readonly seats: readonly string[] };
}

export interface SeatsUnblocked {
  readonly type: "SeatsUnblocked";
  readonly data: { readonly seats: readonly string[] };
}

/**
 * Seats of a reservation, by their ids: the n-th ticket is for the n-th seat. Names and not places on the map, so that
 * each event can be read by itself. Absent where tickets are not numbered.
 */
export interface Seated {
  readonly seats?: readonly string[];
  /** What each ticket costs, in minor units of the currency of `unitPrice`; absent where all cost the same. */
  readonly prices?: readonly number[];
}

export interface TicketsReserved {
  readonly type: "TicketsReserved";
  readonly data: Seated & {
    readonly reservationId: string;
    readonly accountId: string;
    readonly quantity: number;
    /** The price is fixed here, whatever the ticket type costs later; of the first ticket, where there are `prices`. */
    readonly unitPrice: Money;
    readonly expiresAt: string;
    /** The cart that it is a line of; absent for a reservation of its own. */
    readonly cartId?: string;
    /** The admission of a waiting room that it was made with, which makes no other. */
    readonly admission?: { readonly id: string; readonly expiresAt: string };
  };
}

/** A line of a cart got more tickets or fewer, or other seats; price and `expiresAt` stay. */
export interface ReservationQuantityChanged {
  readonly type: "ReservationQuantityChanged";
  readonly data: Seated & {
    readonly reservationId: string;
    readonly previousQuantity: number;
    readonly quantity: number;
    /** With `seats`: all that it had. */
    readonly previousSeats?: readonly string[];
    /** With `seats`: seats that it keeps cost what they did, new ones what they cost at that time. */
    readonly unitPrice?: Money;
  };
}

export interface ReservationExtended {
  readonly type: "ReservationExtended";
  readonly data: { readonly reservationId: string; readonly previousExpiresAt: string; readonly expiresAt: string };
}

export interface ReservationReleased {
  readonly type: "ReservationReleased";
  readonly data: { readonly reservationId: string; readonly quantity: number };
}

/** Reservations whose time was over, oldest first, at most 500 (`MAX_LAPSES_PER_EVENT`). */
export interface ReservationsExpired {
  readonly type: "ReservationsExpired";
  readonly data: { readonly reservations: readonly { readonly reservationId: string; readonly quantity: number }[] };
}

/** Set aside for one booking: it can't be released, extended or claimed by another until this ends. */
export interface ReservationClaimed {
  readonly type: "ReservationClaimed";
  readonly data: Seated & {
    readonly reservationId: string;
    readonly bookingId: string;
    readonly accountId: string;
    readonly quantity: number;
    readonly unitPrice: Money;
    /** The booking's `expiresAt`, until which it may be paid. */
    readonly deadline: string;
    /** When the claim lapses and the tickets are free, whatever became of the booking. */
    readonly claimedUntil: string;
  };
}

/** The booking came to nothing: held for its owner again, until its own time. */
export interface ClaimReleased {
  readonly type: "ClaimReleased";
  readonly data: {
    readonly reservationId: string;
    readonly bookingId: string;
    /** A payment was declined, which counts as an attempt. */
    readonly declined: boolean;
    readonly expiresAt: string;
  };
}

/** Bought: its tickets are booked. */
export interface ReservationConfirmed {
  readonly type: "ReservationConfirmed";
  readonly data: {
    readonly reservationId: string;
    readonly bookingId: string;
    readonly accountId: string;
    readonly quantity: number;
  };
}

/** Booked tickets are free again. */
export interface TicketsReturned {
  readonly type: "TicketsReturned";
  readonly data: {
    readonly reservationId: string;
    readonly bookingId: string;
    /** Which of the reservation's tickets, counted from 0. */
    readonly ordinals: readonly number[];
  };
}

/** The event is cancelled: nothing is sold or confirmed any more. */
export interface InventoryClosed {
  readonly type: "InventoryClosed";
  readonly data: { readonly reason: "event-cancelled" };
}

/** The organizer deleted the ticket type, of which nothing was held or booked and for which nobody waited: for good. */
export interface InventoryRemoved {
  readonly type: "InventoryRemoved";
  /** The tickets that are gone with it. */
  readonly data: { readonly capacity: number };
}

/** Reservations that ended because the inventory closed, at most 500 (`MAX_LAPSES_PER_EVENT`). */
export interface ReservationsWithdrawn {
  readonly type: "ReservationsWithdrawn";
  readonly data: {
    readonly reason: "event-cancelled";
    readonly reservations: readonly { readonly reservationId: string; readonly quantity: number }[];
  };
}

export interface WaitlistJoined {
  readonly type: "WaitlistJoined";
  readonly data: {
    readonly entryId: string;
    readonly accountId: string;
    readonly quantity: number;
    /** How long an offer to this entry stands. */
    readonly offerTtlSeconds: number;
    /** Among those who waited at that moment, from 1. */
    readonly place: number;
  };
}

/**
 * Tickets that came back, held for those in the waitlist who are next, at most 100 (`MAX_OFFERS_PER_EVENT`). An offer is
 * a reservation, under the entry's id; what becomes of it is what becomes of the entry.
 */
export interface TicketsOffered {
  readonly type: "TicketsOffered";
  readonly data: {
    /** Of all offers that don't say otherwise. */
    readonly unitPrice: Money;
    readonly offers: readonly (Seated & {
      readonly entryId: string;
      readonly accountId: string;
      readonly quantity: number;
      readonly expiresAt: string;
      /** With `seats`: what these cost. */
      readonly unitPrice?: Money;
    })[];
  };
}

export interface WaitlistLeft {
  readonly type: "WaitlistLeft";
  readonly data: { readonly entryId: string; readonly accountId: string };
}

/** There will be no offers to these, at most 500 (`MAX_LAPSES_PER_EVENT`). */
export interface WaitlistEnded {
  readonly type: "WaitlistEnded";
  readonly data: {
    readonly reason: "event-cancelled" | "event-ended" | "sale-closed";
    readonly entries: readonly { readonly entryId: string; readonly accountId: string }[];
  };
}

export type InventoryEvent =
  | InventoryOpened
  | InventoryPublished
  | EventTermsChanged
  | TicketTypeTermsChanged
  | SalePaused
  | SaleResumed
  | CapacityChanged
  | SeatsBlocked
  | SeatsUnblocked
  | TicketsReserved
  | ReservationExtended
  | ReservationReleased
  | ReservationsExpired
  | ReservationQuantityChanged
  | ReservationClaimed
  | ClaimReleased
  | ReservationConfirmed
  | TicketsReturned
  | InventoryClosed
  | InventoryRemoved
  | ReservationsWithdrawn
  | WaitlistJoined
  | TicketsOffered
  | WaitlistLeft
  | WaitlistEnded;
