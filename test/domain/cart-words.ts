import { type CartCommand, cart, type TouchLine } from "../../src/domain/cart.ts";
import type {
  CartCheckedOut,
  CartCleared,
  CartCompleted,
  CartExpired,
  CartLineTouched,
  CartOpened,
  CartReopened,
} from "../../src/domain/cart-events.ts";
import { specsOf } from "./given.ts";
import { later, ms, noon } from "./times.ts";

/** The words in which the specs of a cart are written; what they leave unsaid stands here. */
export const given = specsOf(cart);

export const HOLD_TTL_MS = 600_000;
/** When a cart that was opened at noon ends. */
export const end = later(noon, HOLD_TTL_MS);

interface Opening {
  readonly currency?: string;
  readonly expiresAt?: string;
}

export const opened = (cartId = "cart", { currency = "EUR", expiresAt = end }: Opening = {}): CartOpened => ({
  type: "CartOpened",
  data: { cartId, accountId: "ada", currency, expiresAt },
});

/** A ticket type of the concert. */
export const touched = (ticketTypeId = "regular", cartId = "cart"): CartLineTouched => ({
  type: "CartLineTouched",
  data: { cartId, eventId: "concert", ticketTypeId },
});

export const checkedOut = (bookingId = "booking"): CartCheckedOut => ({
  type: "CartCheckedOut",
  data: { cartId: "cart", bookingId },
});

export const reopened = (bookingId = "booking"): CartReopened => ({
  type: "CartReopened",
  data: { cartId: "cart", bookingId },
});

export const completed = (bookingId = "booking"): CartCompleted => ({
  type: "CartCompleted",
  data: { cartId: "cart", bookingId },
});

export const cleared = (cartId = "cart"): CartCleared => ({ type: "CartCleared", data: { cartId } });

export const expired = (cartId = "cart"): CartExpired => ({ type: "CartExpired", data: { cartId } });

/** All commands come at noon unless they say otherwise. */
interface Moment {
  readonly at?: string;
}

interface Touching extends Moment, Partial<Pick<TouchLine, "currency" | "empty" | "newCartId" | "holdTtlSeconds">> {
  readonly ticketTypeId?: string;
}

/** A new cart would be `next`. */
export const touch = ({
  ticketTypeId = "regular",
  newCartId = "next",
  currency = "EUR",
  holdTtlSeconds = HOLD_TTL_MS / 1000,
  empty = null,
  at = noon,
}: Touching = {}): CartCommand => ({
  type: "TouchLine",
  accountId: "ada",
  eventId: "concert",
  ticketTypeId,
  newCartId,
  currency,
  holdTtlSeconds,
  empty,
  atMs: ms(at),
});

interface OfBooking extends Moment {
  readonly cartId?: string;
  readonly by?: string;
}

const ofBooking =
  (type: "CheckOut" | "Reopen" | "Complete") =>
  ({ cartId = "cart", by: bookingId = "booking", at = noon }: OfBooking = {}): CartCommand => ({
    type,
    cartId,
    bookingId,
    atMs: ms(at),
  });

export const checkOut = ofBooking("CheckOut");
export const reopen = ofBooking("Reopen");
export const complete = ofBooking("Complete");

interface Clearing extends Moment {
  readonly cartId?: string;
  /** 1 unless told otherwise. */
  readonly lines?: number;
}

export const clear = ({ cartId = "cart", lines = 1, at = noon }: Clearing = {}): CartCommand => ({
  type: "Clear",
  cartId,
  lines,
  atMs: ms(at),
});

export const expire = ({ at = noon }: Moment = {}): CartCommand => ({ type: "Expire", atMs: ms(at) });
