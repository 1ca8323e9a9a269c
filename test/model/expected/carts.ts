import { type Cart, eventOf, granted, known, type Office, refused, typeOf, type User, type Verdict } from "./office.ts";
import { buyerRefusal, freeIn, setLine, touch } from "./tickets.ts";

/** A new cart that would end at much the same time as an empty one is no better. */
const SAME_TIME_MS = 1_000;

export const isActive = (office: Office, cart: Cart | undefined): cart is Cart =>
  cart?.status === "active" && office.nowMs < cart.endsAtMs;

/** @param newId what a cart is called that has to be opened */
export function putIntoCart(office: Office, user: User, typeId: string, quantity: number, newId: string): Verdict {
  const cart = office.carts.get(user.account);
  if (cart?.status === "checkout") return refused("payment-in-progress");
  const current = isActive(office, cart) ? cart : null;
  const type = typeOf(office, typeId);
  touch(office, type);
  const lineId = current === null ? null : office.lineId(current.id, typeId);
  if (lineId !== null && type.bought.has(lineId)) return refused("payment-in-progress");
  let into = current;
  if (lineId === null || !type.held.has(lineId)) {
    const refusal = buyerRefusal(office, type, user, quantity);
    if (refusal !== null) return refusal;
    const available = freeIn(type);
    if (quantity > available) return refused("sold-out", { available });
    into = cartFor(office, user.account, typeId, current, newId);
    if (into === null) return refused("currency-mixed");
  }
  const { id, endsAtMs } = known(into ?? undefined);
  const line = office.lineId(id, typeId);
  office.reservations.set(line, { type: typeId, account: user.account });
  return setLine(office, typeId, user, quantity, { id: line, endsAtMs });
}

/** The cart that a line goes into; null: it takes no such money. */
function cartFor(office: Office, account: string, typeId: string, current: Cart | null, newId: string): Cart | null {
  const type = typeOf(office, typeId);
  const { currency } = type;
  const endsAtMs = office.nowMs + eventOf(office, type).holdTtlMs;
  const isEmpty = current !== null && linesOf(office, current).length === 0;
  const isOld = isEmpty && (current.currency !== currency || Math.abs(endsAtMs - current.endsAtMs) > SAME_TIME_MS);
  if (current === null || isOld) {
    const cart: Cart = { id: newId, status: "active", booking: null, currency, endsAtMs, types: [typeId] };
    office.carts.set(account, cart);
    return cart;
  }
  if (current.currency !== currency) return null;
  if (!current.types.includes(typeId)) current.types.push(typeId);
  return current;
}

/** Reservations of the cart's lines that hold tickets. */
export function linesOf(office: Office, cart: Cart): readonly string[] {
  return cart.types
    .filter((typeId) => {
      const type = typeOf(office, typeId);
      touch(office, type);
      return type.held.has(office.lineId(cart.id, typeId));
    })
    .map((typeId) => office.lineId(cart.id, typeId));
}

export function takeOutOfCart(office: Office, user: User, typeId: string): Verdict {
  expireCart(office, user.account);
  const cart = office.carts.get(user.account);
  if (cart?.status === "checkout") return refused("payment-in-progress");
  if (!isActive(office, cart) || !cart.types.includes(typeId)) return granted;
  return setLine(office, typeId, user, 0, { id: office.lineId(cart.id, typeId), endsAtMs: cart.endsAtMs });
}

export function clearCart(office: Office, user: User): Verdict {
  expireCart(office, user.account);
  const cart = office.carts.get(user.account);
  if (cart === undefined) return granted;
  if (cart.status === "checkout") return refused("payment-in-progress");
  if (cart.status === "active") cart.status = "cleared";
  if (cart.status !== "completed") releaseLines(office, user, cart);
  return granted;
}

/** Gives back all that it holds and no booking has. */
function releaseLines(office: Office, user: User, cart: Cart): void {
  for (const typeId of cart.types) {
    setLine(office, typeId, user, 0, { id: office.lineId(cart.id, typeId), endsAtMs: cart.endsAtMs });
  }
}

export function expireCart(office: Office, account: string): void {
  const cart = office.carts.get(account);
  if (cart?.status === "active" && office.nowMs >= cart.endsAtMs) cart.status = "expired";
}

/** Takes the cart for a booking. */
export function checkOut(office: Office, account: string, cartId: string, booking: string): Verdict {
  const cart = office.carts.get(account);
  if (cart === undefined || cart.id !== cartId) return refused("cart-expired");
  if (cart.status === "checkout") return refused("payment-in-progress");
  if (!isActive(office, cart)) return refused("cart-expired");
  cart.status = "checkout";
  cart.booking = booking;
  return granted;
}

/** The booking ended: the cart is its owner's again. */
export function reopenCart(office: Office, account: string, booking: string): void {
  const cart = office.carts.get(account);
  if (cart?.status === "checkout" && cart.booking === booking) cart.status = "active";
}

/** It is bought; what of it is not, is given back. */
export function completeCart(office: Office, account: string, booking: string): void {
  const cart = office.carts.get(account);
  if (cart?.booking !== booking || (cart.status !== "checkout" && cart.status !== "completed")) return;
  cart.status = "completed";
  releaseLines(office, { account, guest: false }, cart);
}
