import type { Money } from "./money.ts";

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
    readonly capacity: number;
    readonly draft: boolean;
    readonly terms: TicketTypeTerms;
    readonly eventTerms: EventTerms;
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

export interface CapacityChanged {
  readonly type: "CapacityChanged";
  readonly data: { readonly capacity: number; readonly previousCapacity: number };
}

export interface TicketsReserved {
  readonly type: "TicketsReserved";
  readonly data: {
    readonly reservationId: string;
    readonly accountId: string;
    readonly quantity: number;
    /** The price is fixed here, whatever the ticket type costs later. */
    readonly unitPrice: Money;
    readonly expiresAt: string;
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

export type InventoryEvent =
  | InventoryOpened
  | InventoryPublished
  | EventTermsChanged
  | CapacityChanged
  | TicketsReserved
  | ReservationExtended
  | ReservationReleased
  | ReservationsExpired;
