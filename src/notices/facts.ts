import type { Venue } from "../domain/listing-events.ts";
import type { Money } from "../domain/money.ts";
import type { Position } from "../eventstore/port.ts";

/** A booking as the API shows it, as far as mails need it. */
export interface BookingFacts {
  readonly bookingId: string;
  readonly accountId: string;
  readonly status: "PENDING_PAYMENT" | "PAID" | "DECLINED" | "TIMED_OUT" | "CANCELLED";
  readonly lines: readonly {
    readonly reservationId: string;
    readonly eventId: string;
    readonly ticketTypeId: string;
    readonly quantity: number;
    /** One a ticket, by its id, where tickets are numbered seats; so below. */
    readonly seats?: readonly string[];
  }[];
  readonly total: Money;
  /** Until when it may, or might, be paid; RFC 3339 UTC. */
  readonly expiresAt: string;
  readonly refunds: readonly { readonly refundId: string; readonly amount: Money }[];
  readonly tickets: readonly {
    readonly ticketTypeId: string;
    readonly code: string;
    readonly seat?: string;
    readonly status: "VALID" | "CANCELLED";
  }[];
}

/** An event as it is now. */
export interface EventFacts {
  readonly eventId: string;
  readonly status: string;
  readonly name: string;
  readonly startsAt: string | null;
  readonly endsAt: string | null;
  /** IANA name; null: times are shown in UTC. */
  readonly timeZone: string | null;
  readonly venue: Venue | null;
  readonly ticketTypes: readonly { readonly ticketTypeId: string; readonly name: string }[];
}

/** A place in a waitlist. */
export interface EntryFacts {
  readonly entryId: string;
  readonly eventId: string;
  readonly ticketTypeId: string;
  readonly quantity: number;
  readonly status: "WAITING" | "OFFERED" | "TAKEN" | "LAPSED" | "LEFT" | "ENDED";
}

export interface CartFacts {
  readonly status: "ACTIVE" | "CHECKOUT" | "COMPLETED" | "EXPIRED";
  readonly items: readonly {
    readonly eventId: string;
    readonly ticketTypeId: string;
    readonly quantity: number;
    readonly seats?: readonly string[];
  }[];
}

/** The way to a new password. */
export interface ResetFacts {
  /** Kept nowhere: made when a mail is sent. */
  readonly token: string;
  /** Where it can be used by a click; null where the address of this installation is not known. */
  readonly link: string | null;
  readonly expiresAt: string;
}

/** What mails say beyond ids and amounts, as the read models know it when a mail is sent. */
export interface NoticeFacts {
  /**
   * How far all the read models that answer here have come, in the database that answers: a notice waits until they have
   * passed its event. null: one of them has seen nothing yet.
   */
  checkpoint(): Promise<Position | null>;
  /** null, here as below: there is none. */
  booking(bookingId: string): Promise<BookingFacts | null>;
  event(eventId: string): Promise<EventFacts | null>;
  entry(entryId: string): Promise<EntryFacts | null>;
  /** The account's cart with this id, with the lines that are still held. */
  cart(accountId: string, cartId: string): Promise<CartFacts | null>;
  /** null: it was used, or its time is over. */
  passwordReset(resetId: string): Promise<ResetFacts | null>;
  /**
   * The accounts that have valid tickets of an event, portion by portion in an order that stays. One may come several
   * times, e.g. for each of its bookings; it is told once.
   * @param portion `cursor`: what the portion before gave as `next`, null for the first; `limit`: at most so many, up to 200
   * @returns `next`: null with the last portion
   */
  ticketHolders(
    eventId: string,
    portion: { readonly cursor: string | null; readonly limit: number },
  ): Promise<{ readonly accountIds: readonly string[]; readonly next: string | null }>;
}
