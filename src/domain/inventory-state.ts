import type { EventTerms, PauseScope, TicketTypeTerms } from "./inventory-events.ts";
import type { InventoryTables } from "./inventory-tables.ts";
import type { Money } from "./money.ts";

/** All the tickets of one ticket type of one event: the only place where they are given out. */
export type Inventory = UnopenedInventory | OpenedInventory;

export interface UnopenedInventory {
  readonly status: "unopened";
}

export interface OpenedInventory {
  /** `closed`: the event is cancelled; `removed`: the ticket type was deleted. */
  readonly status: "draft" | "open" | "closed" | "removed";
  /** In which scopes the sale is paused: all of the event's, or this ticket type's own. */
  readonly paused: Readonly<Record<PauseScope, boolean>>;
  readonly eventId: string;
  readonly ticketTypeId: string;
  readonly organizerId: string;
  readonly terms: TicketTypeTerms;
  readonly eventTerms: EventTerms;
  /** Blocked seats are not in it. */
  readonly capacity: number;
  /** Tickets in reservations that have not ended on record; those that are due still count here. */
  readonly held: number;
  /** Those of them that are set aside for a booking. */
  readonly claimed: number;
  readonly booked: number;
  readonly tables: InventoryTables;
}

/** A reservation that has not ended on record. */
export interface HeldReservation {
  readonly accountId: string;
  readonly quantity: number;
  /** As it was when it was made; one object with the ticket type's own price where they are equal. */
  readonly unitPrice: Money;
  /** What each ticket costs, in minor units; undefined where all cost the same. */
  readonly prices?: readonly number[] | undefined;
  /** Of the plan, one a ticket; undefined where tickets are not numbered. */
  readonly seats?: readonly number[] | undefined;
  /** Its own; while it is claimed it lasts as long as the claim does, see {@link endsAtMs}. */
  readonly expiresAtMs: number;
  /** One of a cart ends with the cart, an offer with its term: only a plain one may be extended. */
  readonly kind: ReservationKind;
  readonly extended: boolean;
  /** How often it was tried to pay for it in vain. */
  readonly declined: number;
  readonly claim: ReservationClaim | null;
}

export type ReservationKind = "plain" | "cart-line" | "offer";

/** Set aside for one booking, until that ends or its time is over. */
export interface ReservationClaim {
  readonly bookingId: string;
  /** Until then the booking may be paid. */
  readonly deadlineMs: number;
  /** Then the claim lapses, and the reservation with it. */
  readonly untilMs: number;
}

/** When it ends, unless something becomes of it before. */
export const endsAtMs = ({ claim, expiresAtMs }: HeldReservation): number => claim?.untilMs ?? expiresAtMs;

/** A reservation that was bought, until all of its tickets are returned. */
export interface BookedTickets {
  readonly accountId: string;
  readonly bookingId: string;
  /** As many as were bought, returned or not. */
  readonly quantity: number;
  /** Of the plan, one a ticket, returned or not; undefined where tickets are not numbered. */
  readonly seats?: readonly number[] | undefined;
  /** Which of them are returned, counted from 0. */
  readonly returned: readonly number[];
}
