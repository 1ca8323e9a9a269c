import type { Decision } from "./decision.ts";
import type { EventTerms, InventoryEvent, InventoryOpened, PauseScope, TicketTypeTerms } from "./inventory-events.ts";
import type { Money } from "./money.ts";
import type { SeatChoice } from "./seating/seat-choice.ts";

/** Opens the inventory of a new ticket type. */
export interface OpenInventory {
  readonly type: "OpenInventory";
  readonly data: InventoryOpened["data"];
}

export interface PublishInventory {
  readonly type: "PublishInventory";
}

/** Brings the event's terms up to date; the same terms again change nothing. */
export interface ChangeEventTerms {
  readonly type: "ChangeEventTerms";
  readonly eventTerms: EventTerms;
}

/** Brings the ticket type's terms up to date: the fields that are there, and the currency that its price is in. */
export interface ChangeTicketTypeTerms {
  readonly type: "ChangeTicketTypeTerms";
  readonly changes: Partial<TicketTypeTerms>;
  readonly currency: string;
}

/** Pauses the sale or resumes it; what is so already stays so. */
export interface SetPaused {
  readonly type: "SetPaused";
  readonly scope: PauseScope;
  readonly paused: boolean;
}

export interface ChangeCapacity {
  readonly type: "ChangeCapacity";
  readonly capacity: number;
}

/** Seats that are not for sale any more, all or none; those that are blocked already stay so. */
export interface BlockSeats {
  readonly type: "BlockSeats";
  readonly seats: readonly string[];
}

/** Seats that are for sale again; those that are not blocked stay as they are. */
export interface UnblockSeats {
  readonly type: "UnblockSeats";
  readonly seats: readonly string[];
}

export interface Reserve {
  readonly type: "Reserve";
  readonly reservationId: string;
  readonly accountId: string;
  readonly guest: boolean;
  /** 1 or more. */
  readonly quantity: number;
  /** Which seats, as many as `quantity`; absent: whichever, and apart where it has to be. */
  readonly choice?: SeatChoice | undefined;
  /** null: as long as the event says. */
  readonly holdTtlSeconds: number | null;
  /** Absent: none is asked for. */
  readonly admission?: GivenAdmission | undefined;
}

/** What a buyer shows where a waiting room is: an admission, or why it is none. It is asked for in its turn among refusals. */
export type GivenAdmission =
  | { readonly admissionId: string; readonly expiresAtMs: number }
  | { readonly refusal: "admission-required" | "admission-invalid" | "admission-expired" | "admission-used" };

export interface Extend {
  readonly type: "Extend";
  readonly reservationId: string;
  readonly accountId: string;
}

export interface Release {
  readonly type: "Release";
  readonly reservationId: string;
  readonly accountId: string;
}

/** Records what is over by its time, or because the event was cancelled: at most 500 reservations at a time. */
export interface LapseDue {
  readonly type: "LapseDue";
}

/** Sets a cart's line to so many tickets, all or nothing; 0 gives them back. */
export interface SetLine {
  readonly type: "SetLine";
  /** Always the same for a cart and a ticket type. */
  readonly reservationId: string;
  readonly cartId: string;
  readonly accountId: string;
  readonly guest: boolean;
  /** 0 or more. */
  readonly quantity: number;
  /** Which seats, as many as `quantity`; absent: whichever, and apart where it has to be. */
  readonly choice?: SeatChoice | undefined;
  /** The cart's, in epoch milliseconds. */
  readonly expiresAtMs: number;
  /** For a line that is new; one that is there needs none. Absent: none is asked for. */
  readonly admission?: GivenAdmission | undefined;
}

/** Sets a held reservation aside for a booking that may be paid until `deadlineMs`. */
export interface Claim {
  readonly type: "Claim";
  readonly reservationId: string;
  readonly bookingId: string;
  readonly accountId: string;
  readonly deadlineMs: number;
}

/** Takes the tickets of a booking that was paid too late again, if they are free; claimed ones stay as they are. */
export interface HoldAgain {
  readonly type: "HoldAgain";
  readonly reservationId: string;
  readonly bookingId: string;
  readonly accountId: string;
  readonly quantity: number;
  readonly unitPrice: Money;
  readonly prices?: readonly number[] | undefined;
  /** The same as before; absent where tickets are not numbered. */
  readonly seats?: readonly string[] | undefined;
  /** A new one, ahead of now: the first has passed. */
  readonly deadlineMs: number;
}

/** Books what is claimed for the booking. */
export interface Confirm {
  readonly type: "Confirm";
  readonly reservationId: string;
  readonly bookingId: string;
}

/**
 * Ends what a booking has of a reservation.
 *
 * - `declined`, `withdrawn`, `timed-out`: the booking has come to its end on record and can't be confirmed any more, so
 *   that tickets it has booked come back, too. After `declined` a claimed one is held for its owner again, after the
 *   others the tickets are free.
 * - `abandoned`, `late`: what was claimed in vain, by a booking that may yet be confirmed by somebody else: tickets that
 *   are booked are left alone. After `abandoned` it is held for its owner again; `late` is what was taken again for a
 *   payment past the deadline.
 */
export interface LetGo {
  readonly type: "LetGo";
  readonly reservationId: string;
  readonly bookingId: string;
  readonly outcome: "declined" | "withdrawn" | "timed-out" | "abandoned" | "late";
}

/** Booked tickets come back, each once. */
export interface ReturnTickets {
  readonly type: "ReturnTickets";
  readonly reservationId: string;
  readonly bookingId: string;
  /** Which of the reservation's tickets, counted from 0. */
  readonly ordinals: readonly number[];
}

/** Ends all sales of a cancelled event; reservations and waitlist end in portions, see {@link LapseDue}. */
export interface CloseInventory {
  readonly type: "CloseInventory";
  readonly reason: "event-cancelled";
}

/** Closes the inventory of a ticket type that its organizer deletes, unless somebody has tickets or waits for some. */
export interface RemoveInventory {
  readonly type: "RemoveInventory";
}

export interface JoinWaitlist {
  readonly type: "JoinWaitlist";
  readonly entryId: string;
  readonly accountId: string;
  readonly guest: boolean;
  readonly quantity: number;
  readonly offerTtlSeconds: number;
  /** Absent: none is asked for. To wait for tickets does not use it. */
  readonly admission?: GivenAdmission | undefined;
}

export interface LeaveWaitlist {
  readonly type: "LeaveWaitlist";
  readonly entryId: string;
  readonly accountId: string;
}

/** A command and the time at which it is decided, in epoch milliseconds. */
export type InventoryCommand = { readonly atMs: number } & (
  | OpenInventory
  | PublishInventory
  | ChangeEventTerms
  | ChangeTicketTypeTerms
  | SetPaused
  | ChangeCapacity
  | BlockSeats
  | UnblockSeats
  | Reserve
  | Extend
  | Release
  | LapseDue
  | SetLine
  | Claim
  | HoldAgain
  | Confirm
  | LetGo
  | ReturnTickets
  | CloseInventory
  | RemoveInventory
  | JoinWaitlist
  | LeaveWaitlist
);

export type InventoryRefusal =
  | "already-exists"
  | "ticket-type-not-found"
  | "event-ended"
  | "event-not-published"
  | "sale-paused"
  | "sale-not-open"
  | "sale-closed"
  | "guests-not-allowed"
  | "admission-required"
  | "admission-invalid"
  | "admission-expired"
  | "admission-used"
  | "limit-exceeded"
  | "sold-out"
  | "seat-taken"
  | "no-adjacent-seats"
  | "invalid"
  | "capacity-below-commitments"
  | "has-commitments"
  | "extension-used"
  | "reservation-expired"
  | "reservation-not-held"
  | "event-cancelled"
  | "payment-in-progress"
  | "too-many-attempts"
  | "not-extendable"
  | "tickets-available"
  | "already-waiting"
  | "waitlist-full"
  | "waitlist-entry-not-found";

/** One command with its time. */
export type At<Command> = Command & { readonly atMs: number };

export type InventoryDecision = Decision<InventoryEvent, InventoryRefusal>;
