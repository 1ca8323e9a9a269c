import type { Identity } from "./wish.ts";

export interface OwnReservation {
  readonly reservationId: string;
  readonly eventId: string;
  readonly ticketTypeId: string;
  readonly totalMinor: number;
  readonly as: Identity | null;
  /** The proof of a hold of earlier systems. */
  readonly paymentToken: string | null;
}

export interface OwnBooking {
  readonly bookingId: string;
  readonly as: Identity;
  readonly eventIds: readonly string[];
  ticketIds: readonly string[];
  /** What cancelling would give back, as a quote said last. */
  quotedMinor: number | null;
}

export interface OwnEntry {
  readonly entryId: string;
  readonly eventId: string;
  readonly ticketTypeId: string;
  readonly as: Identity;
}

export interface OwnCart {
  readonly cartId: string;
  readonly as: Identity;
  readonly totalMinor: number;
  readonly ticketTypeIds: readonly string[];
}

export interface OwnEvent {
  readonly eventId: string;
  readonly as: Identity;
  isDraft: boolean;
  /** As it was answered last. */
  version: number;
  ticketTypes: readonly { readonly ticketTypeId: string; readonly total: number }[];
}

/** The newest things of a kind: of older ones nobody thinks any more, so that a client of an hour is no larger than a new one. */
export class Newest<One> {
  readonly #most: number;
  #all: One[] = [];

  constructor(most: number) {
    this.#most = most;
  }

  get all(): readonly One[] {
    return this.#all;
  }

  add(one: One): void {
    this.#all = [...this.#all, one].slice(-this.#most);
  }

  drop(which: (one: One) => boolean): void {
    this.#all = this.#all.filter((one) => !which(one));
  }
}

/** What a client has got so far, and may do something with. */
export class Belongings {
  readonly reservations = new Newest<OwnReservation>(6);
  readonly bookings = new Newest<OwnBooking>(4);
  readonly entries = new Newest<OwnEntry>(3);
  readonly events = new Newest<OwnEvent>(3);
  /** Accounts and keys that were made to be changed. */
  readonly spares = new Newest<{ readonly accountId: string; readonly email: string }>(2);
  readonly apiKeys = new Newest<string>(2);
  cart: OwnCart | null = null;

  /** Nobody can do anything as a guest who has forgotten himself. */
  forget(accountId: string): void {
    const isHis = ({ as }: { readonly as: Identity | null }) => as?.accountId === accountId;
    this.reservations.drop(isHis);
    this.bookings.drop(isHis);
    this.entries.drop(isHis);
    if (this.cart !== null && isHis(this.cart)) this.cart = null;
  }
}
