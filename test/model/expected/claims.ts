import { granted, known, type Office, refused, typeOf, type Verdict } from "./office.ts";
import { freeForOthers, hasEnded, isCalledOff, newHeld, passOn, touch } from "./tickets.ts";

/** Sets a held reservation aside for a booking. */
export function claim(
  office: Office,
  typeId: string,
  account: string,
  id: string,
  claimed: { readonly booking: string; readonly deadlineMs: number },
): Verdict {
  const type = typeOf(office, typeId);
  touch(office, type);
  if (isCalledOff(office, type)) return refused("event-cancelled");
  const held = type.held.get(id);
  if (held === undefined || held.account !== account) return refused("reservation-not-held");
  if (held.claim !== null) return refused("payment-in-progress");
  if (held.declined >= 3) return refused("too-many-attempts");
  held.claim = claimed;
  return granted;
}

/** Books what is claimed for the booking. */
export function book(office: Office, typeId: string, id: string, booking: string): Verdict {
  const type = typeOf(office, typeId);
  touch(office, type);
  if (type.bought.get(id)?.booking === booking) return granted;
  if (isCalledOff(office, type)) return refused("event-cancelled");
  const held = type.held.get(id);
  if (held?.claim?.booking !== booking) return refused("reservation-not-held");
  type.held.delete(id);
  const tickets = Array.from({ length: held.quantity }, (_, n) => n);
  type.bought.set(id, { account: held.account, booking, tickets });
  return granted;
}

/** Takes the tickets of a booking that was paid late once more. */
export function holdAgain(
  office: Office,
  typeId: string,
  id: string,
  wish: { readonly account: string; readonly quantity: number; readonly price: number; readonly booking: string },
  deadlineMs: number,
): Verdict {
  const type = typeOf(office, typeId);
  touch(office, type);
  const { account, quantity, price, booking } = wish;
  const bought = type.bought.get(id);
  if (bought?.booking === booking) return granted;
  if (isCalledOff(office, type)) return refused("event-cancelled");
  if (bought !== undefined) return refused("reservation-not-held");
  const held = type.held.get(id);
  if (held?.claim?.booking === booking) return granted;
  if (held !== undefined) {
    const isSame = held.account === account && held.quantity === quantity && held.price === price;
    if (held.claim !== null || !isSame) return refused("reservation-not-held");
    held.claim = { booking, deadlineMs };
    return granted;
  }
  if (type.isDeleted) return refused("ticket-type-not-found");
  if (hasEnded(office, type)) return refused("event-ended");
  if (quantity > freeForOthers(office, type)) return refused("sold-out");
  type.held.set(id, { ...newHeld(account, quantity, price, deadlineMs), claim: { booking, deadlineMs } });
  return granted;
}

/** Ends what a booking that came to nothing has of a reservation; `late`: what was held again in vain. */
export function letGo(
  office: Office,
  typeId: string,
  id: string,
  booking: string,
  why: "abandoned" | "declined" | "withdrawn" | "timed-out" | "late",
): void {
  const type = typeOf(office, typeId);
  touch(office, type);
  if (type.bought.get(id)?.booking === booking) {
    if (why !== "abandoned" && why !== "late") type.bought.delete(id);
  } else if (type.held.get(id)?.claim?.booking === booking) {
    const held = known(type.held.get(id));
    const isHeldAgain = (why === "abandoned" || why === "declined") && office.nowMs < held.endsAtMs;
    if (!isHeldAgain) type.held.delete(id);
    held.claim = null;
    if (why === "declined") held.declined += 1;
  }
  passOn(office, type);
}

/** Bought tickets come back. */
export function giveBack(
  office: Office,
  typeId: string,
  id: string,
  booking: string,
  tickets: readonly number[],
): void {
  const type = typeOf(office, typeId);
  touch(office, type);
  const bought = type.bought.get(id);
  if (bought?.booking === booking) {
    bought.tickets = bought.tickets.filter((ticket) => !tickets.includes(ticket));
    if (bought.tickets.length === 0) type.bought.delete(id);
  }
  passOn(office, type);
}
