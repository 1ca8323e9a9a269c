import type { CartEvent, CartOpened } from "./cart-events.ts";
import { accept, type Decider, type Decision, refuse } from "./decision.ts";

/** How many ticket types one cart may have touched. */
export const MAX_CART_LINES = 50;

/** An empty cart whose time ends within this of a new one's is as good as a new one. */
export const SAME_TIME_MS = 1_000;

/** An account's current cart, or the last one that it had. */
export type Cart = NoCart | KnownCart;
export type KnownCart = ActiveCart | CheckedOutCart | CompletedCart | EndedCart;

export interface NoCart {
  readonly status: "none";
}

interface OpenedCart {
  readonly cartId: string;
  /** Of everything in it. */
  readonly currency: string;
  /** Of every line, in epoch milliseconds. */
  readonly expiresAtMs: number;
  /** Ticket types that may have a reservation; which of them do, and of how many tickets, only the inventories know. */
  readonly lines: readonly CartLine[];
}

export interface CartLine {
  readonly eventId: string;
  readonly ticketTypeId: string;
}

export interface ActiveCart extends OpenedCart {
  readonly status: "active";
}

/** A booking has it: nothing changes in it until that has ended. */
export interface CheckedOutCart extends OpenedCart {
  readonly status: "checkout";
  readonly bookingId: string;
}

export interface CompletedCart extends OpenedCart {
  readonly status: "completed";
  readonly bookingId: string;
}

export interface EndedCart extends OpenedCart {
  readonly status: "cleared" | "expired";
}

/** Notes that a ticket type is about to be reserved in the cart; opens a new one where there is none to put it into. */
export interface TouchLine extends CartLine {
  readonly type: "TouchLine";
  readonly accountId: string;
  /** The id of a cart that has to be opened. */
  readonly newCartId: string;
  /** Of the ticket type's price. */
  readonly currency: string;
  /** How long a cart lasts that has to be opened. */
  readonly holdTtlSeconds: number;
  /** A cart that held nothing when its inventories were asked, and how many lines it had then; null: none did. */
  readonly empty: { readonly cartId: string; readonly lines: number } | null;
}

/** Takes the cart for a booking. */
export interface CheckOut {
  readonly type: "CheckOut";
  readonly cartId: string;
  readonly bookingId: string;
}

/** Gives the cart back to its owner: the booking came to nothing. */
export interface Reopen {
  readonly type: "Reopen";
  readonly cartId: string;
  readonly bookingId: string;
}

/** The booking is paid, and the cart done with. */
export interface Complete {
  readonly type: "Complete";
  readonly cartId: string;
  readonly bookingId: string;
}

/** Done with, by its owner's wish; what it holds is released afterwards. */
export interface Clear {
  readonly type: "Clear";
  readonly cartId: string;
  /** How many lines it has as far as its owner knows; with more of them it stays, so that none is forgotten. */
  readonly lines: number;
}

/** Records that the cart's time is over, if it is. */
export interface Expire {
  readonly type: "Expire";
}

/** A command and the time at which it is decided, in epoch milliseconds. */
export type CartCommand = { readonly atMs: number } & (TouchLine | CheckOut | Reopen | Complete | Clear | Expire);

export type CartRefusal = "payment-in-progress" | "currency-mixed" | "limit-exceeded" | "cart-expired";

type At<Command> = Command & { readonly atMs: number };
type CartDecision = Decision<CartEvent, CartRefusal>;

/** The cart of one account: which ticket types it may hold, until when, and whether a booking has it. */
export const cart: Decider<Cart, CartCommand, CartEvent> = {
  initialState: () => ({ status: "none" }),
  decide,
  evolve,
  stagedIn: () => [],
};

/** Whether the cart is its owner's to change. From `expiresAt` on it isn't, on record or not. */
export const isActive = (state: Cart, atMs: number): state is ActiveCart =>
  state.status === "active" && atMs < state.expiresAtMs;

export const hasLine = ({ lines }: Pick<OpenedCart, "lines">, { eventId, ticketTypeId }: CartLine): boolean =>
  lines.some((line) => line.eventId === eventId && line.ticketTypeId === ticketTypeId);

function decide(command: CartCommand, state: Cart): CartDecision {
  switch (command.type) {
    case "TouchLine":
      return touchLine(command, state);
    case "CheckOut":
      return checkOut(command, state);
    case "Reopen":
      return isCheckedOutBy(command, state) ? accept({ type: "CartReopened", data: dataOf(command) }) : accept();
    case "Complete":
      return isCheckedOutBy(command, state) ? accept({ type: "CartCompleted", data: dataOf(command) }) : accept();
    case "Clear":
      return clear(command, state);
    case "Expire":
      return accept(...expired(state, command.atMs));
  }
}

/** Each ticket type is noted once. What has ended, or holds nothing and has lost time, makes way for a new cart. */
function touchLine(command: At<TouchLine>, state: Cart): CartDecision {
  const { eventId, ticketTypeId } = command;
  if (state.status === "checkout") return refuse("payment-in-progress");
  if (!isActive(state, command.atMs)) return accept<CartEvent>(...expired(state, command.atMs), ...openedWith(command));
  const { cartId } = state;
  if (isOutdated(state, command))
    return accept<CartEvent>({ type: "CartCleared", data: { cartId } }, ...openedWith(command));
  if (state.currency !== command.currency) return refuse("currency-mixed", { currency: state.currency });
  if (hasLine(state, command)) return accept();
  if (state.lines.length >= MAX_CART_LINES) return refuse("limit-exceeded", { maxLines: MAX_CART_LINES });
  return accept({ type: "CartLineTouched", data: { cartId, eventId, ticketTypeId } });
}

/**
 * Holds nothing, as far as its inventories were asked, and a new one would be another: with more time, or another
 * currency. One that was opened a moment ago stays: a double click on two nodes must not replace each other's.
 */
function isOutdated({ cartId, lines, currency, expiresAtMs }: ActiveCart, command: At<TouchLine>): boolean {
  const { empty } = command;
  if (empty === null || empty.cartId !== cartId || empty.lines !== lines.length) return false;
  return currency !== command.currency || Math.abs(expiryOf(command) - expiresAtMs) > SAME_TIME_MS;
}

function openedWith(command: At<TouchLine>): CartEvent[] {
  const { newCartId: cartId, accountId, currency, eventId, ticketTypeId } = command;
  const expiresAt = new Date(expiryOf(command)).toISOString();
  const opened: CartOpened = { type: "CartOpened", data: { cartId, accountId, currency, expiresAt } };
  return [opened, { type: "CartLineTouched", data: { cartId, eventId, ticketTypeId } }];
}

const expiryOf = ({ atMs, holdTtlSeconds }: At<TouchLine>): number => atMs + holdTtlSeconds * 1000;

/** The same booking may ask again; a cart that is not the current one, or whose time is over, can't be bought. */
function checkOut(command: At<CheckOut>, state: Cart): CartDecision {
  if (state.status === "none" || state.cartId !== command.cartId) return refuse("cart-expired");
  if (state.status === "checkout" || state.status === "completed") {
    if (state.bookingId === command.bookingId) return accept();
    return refuse(state.status === "checkout" ? "payment-in-progress" : "cart-expired");
  }
  if (!isActive(state, command.atMs)) return refuse("cart-expired");
  return accept({ type: "CartCheckedOut", data: dataOf(command) });
}

function clear({ cartId, lines, atMs }: At<Clear>, state: Cart): CartDecision {
  if (state.status === "none" || state.cartId !== cartId) return accept();
  if (state.status === "checkout") return refuse("payment-in-progress");
  if (!isActive(state, atMs)) return accept(...expired(state, atMs));
  return state.lines.length === lines ? accept({ type: "CartCleared", data: { cartId } }) : accept();
}

const isCheckedOutBy = ({ cartId, bookingId }: Reopen | Complete, state: Cart): boolean =>
  state.status === "checkout" && state.cartId === cartId && state.bookingId === bookingId;

const dataOf = ({ cartId, bookingId }: CheckOut | Reopen | Complete) => ({ cartId, bookingId });

/** A cart in checkout does not expire: its booking decides. */
const expired = (state: Cart, atMs: number): CartEvent[] =>
  state.status === "active" && atMs >= state.expiresAtMs
    ? [{ type: "CartExpired", data: { cartId: state.cartId } }]
    : [];

function evolve(state: Cart, event: CartEvent): Cart {
  if (event.type === "CartOpened") {
    const { cartId, currency, expiresAt } = event.data;
    return { status: "active", cartId, currency, expiresAtMs: Date.parse(expiresAt), lines: [] };
  }
  if (state.status === "none") throw new Error(`${event.type} before CartOpened`);
  const { cartId, currency, expiresAtMs, lines } = state;
  const opened: OpenedCart = { cartId, currency, expiresAtMs, lines };
  switch (event.type) {
    case "CartLineTouched": {
      const { eventId, ticketTypeId } = event.data;
      return { ...state, lines: [...lines, { eventId, ticketTypeId }] };
    }
    case "CartCheckedOut":
      return { ...opened, status: "checkout", bookingId: event.data.bookingId };
    case "CartReopened":
      return { ...opened, status: "active" };
    case "CartCompleted":
      return { ...opened, status: "completed", bookingId: event.data.bookingId };
    case "CartCleared":
      return { ...opened, status: "cleared" };
    case "CartExpired":
      return { ...opened, status: "expired" };
    default:
      return event satisfies never;
  }
}
