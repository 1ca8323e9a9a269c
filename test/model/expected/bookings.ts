import { checkOut, completeCart, linesOf, reopenCart } from "./carts.ts";
import { book, claim, giveBack, holdAgain, letGo } from "./claims.ts";
import { authorize, capture, refund, refundable, shareOf, stop } from "./money.ts";
import {
  type Booking,
  eventOf,
  granted,
  known,
  type Line,
  type Office,
  refused,
  sum,
  typeOf,
  type Verdict,
} from "./office.ts";
import { touch } from "./tickets.ts";

/** What was held again for a late payment has to be booked within this. */
const REVIVED_MS = 60_000;

export type Buying = { readonly reservations: readonly string[] } | { readonly cart: string };

/** Opens a booking under this id; paying for it is for {@link drive}. */
export function purchase(office: Office, account: string, of: Buying, method: string | null, id: string): Verdict {
  if ("reservations" in of) {
    const own = of.reservations.every((one) => office.reservations.get(one)?.account === account);
    return own ? buy(office, account, null, of.reservations, method, id) : refused("reservation-not-found");
  }
  const out = checkOut(office, account, of.cart, id);
  if (!out.granted) return out;
  const lines = linesOf(office, known(office.carts.get(account)));
  const verdict = lines.length === 0 ? refused("cart-empty") : buy(office, account, of.cart, lines, method, id);
  if (verdict.granted) return verdict;
  reopenCart(office, account, id);
  return verdict.code === "reservation-not-held" ? refused("cart-expired") : verdict;
}

function buy(
  office: Office,
  account: string,
  cart: string | null,
  wanted: readonly string[],
  method: string | null,
  id: string,
): Verdict {
  const typeIds = wanted.map((one) => known(office.reservations.get(one)).type);
  const heldOf = (index: number) => typeOf(office, known(typeIds[index])).held.get(known(wanted[index]));
  if (method === null) {
    for (const typeId of typeIds) touch(office, typeOf(office, typeId));
    const hasPrice = wanted.some((_, index) => (heldOf(index)?.price ?? 0) > 0);
    if (hasPrice) return refused("invalid");
  }
  const claimed = { booking: id, deadlineMs: office.nowMs + office.paymentWindowMs };
  const claims = wanted.map((one, index) => claim(office, known(typeIds[index]), account, one, claimed));
  const refusal = claims.find((verdict) => !verdict.granted);
  const currencies = new Set(typeIds.map((typeId) => typeOf(office, typeId).currency));
  if (refusal !== undefined || currencies.size > 1) {
    for (const [index, one] of wanted.entries()) letGo(office, known(typeIds[index]), one, id, "abandoned");
    return refusal ?? refused("currency-mixed");
  }
  const lines = wanted.map((reservation, index): Line => {
    const { quantity, price } = known(heldOf(index));
    const type = known(typeIds[index]);
    return { reservation, type, event: typeOf(office, type).eventId, quantity, price };
  });
  const total = sum(lines.map(({ quantity, price }) => quantity * price));
  const events = typeIds.map((typeId) => eventOf(office, typeOf(office, typeId)));
  office.bookings.set(id, {
    id,
    account,
    cart,
    lines,
    total,
    currency: typeOf(office, known(typeIds[0])).currency,
    method,
    deadlineMs: claimed.deadlineMs,
    said: new Map(events.map((event) => [event.id, { startsAtMs: event.startsAtMs, policy: event.policy }])),
    status: "open",
    money: total === 0 ? "none" : "asked",
    isLetGo: false,
    cancelled: new Set(),
    cancellations: [],
    refunds: [],
  });
  return granted;
}

/** All that can be done for a booking now. */
export function drive(office: Office, booking: Booking): void {
  if (booking.status === "open") pay(office, booking);
  if (booking.status === "confirmed") takeMoney(office, booking);
  if (cameToNothing(booking)) windUp(office, booking);
  for (const cancellation of booking.cancellations) {
    if (cancellation.isReturned) continue;
    for (const { reservation, type } of booking.lines) {
      const tickets = cancellation.tickets.filter((one) => one.startsWith(`${reservation}/`));
      const numbers = tickets.map((one) => Number(one.slice(reservation.length + 1)));
      if (numbers.length > 0) giveBack(office, type, reservation, booking.id, numbers);
    }
    cancellation.isReturned = true;
  }
  for (const one of booking.refunds) if (!one.isDone) refund(office, booking, one);
}

export const cameToNothing = ({ status }: Booking): boolean => ["declined", "timed-out", "withdrawn"].includes(status);
const isLate = (office: Office, { deadlineMs }: Booking): boolean => office.nowMs >= deadlineMs;

function pay(office: Office, booking: Booking): void {
  if (booking.money === "none") {
    confirm(office, booking);
    return;
  }
  let status = office.charges.get(booking.id)?.status ?? "pending";
  if (!office.charges.has(booking.id) && !isLate(office, booking)) {
    const answer = authorize(office, booking);
    if (answer === null) return;
    status = answer;
  }
  if (status === "authorized" || status === "captured") confirm(office, booking);
  else if (status === "declined" || status === "voided") {
    booking.status = "declined";
    booking.money = "declined";
  } else if (isLate(office, booking)) booking.status = "timed-out";
}

function confirm(office: Office, booking: Booking): void {
  const { id, account, lines } = booking;
  const refusal = lines.map(({ type, reservation }) => book(office, type, reservation, id)).find((one) => !one.granted);
  if (refusal !== undefined) {
    booking.status = isLate(office, booking) ? "timed-out" : "withdrawn";
    return;
  }
  completeCart(office, account, id);
  const isTaken = office.charges.get(id)?.status === "captured";
  booking.status = booking.money === "none" || isTaken ? "paid" : "confirmed";
  if (isTaken) booking.money = "captured";
}

function takeMoney(office: Office, booking: Booking): void {
  const answer = capture(office, booking);
  if (answer === "captured") {
    booking.status = "paid";
    booking.money = "captured";
  } else if (answer === "voided" || answer === "declined") {
    booking.status = "withdrawn";
    booking.money = "voided";
  }
}

/** Its tickets are free again when no payment can bring it back, and no money of it stays anywhere. */
function windUp(office: Office, booking: Booking): void {
  const mayComeBack = booking.status === "timed-out" && booking.money === "asked";
  if (!booking.isLetGo && !mayComeBack) letGoOf(office, booking);
  if (booking.money !== "asked") return;
  const charge = office.charges.get(booking.id)?.status;
  if (mayComeBack && (charge === "authorized" || charge === "captured") && tookAgain(office, booking)) {
    booking.status = "open";
    booking.isLetGo = false;
    drive(office, booking);
    return;
  }
  const answer = stop(office, booking);
  if (answer === null || answer === "pending" || answer === "requires-action") return;
  booking.money = answer === "captured" ? "captured" : "voided";
  if (answer === "captured") booking.refunds.push({ amount: booking.total, isGiven: false, isDone: false });
  if (!booking.isLetGo) letGoOf(office, booking);
}

function letGoOf(office: Office, booking: Booking): void {
  const { id, account, lines, status } = booking;
  for (const { type, reservation } of lines) {
    letGo(office, type, reservation, id, status as "declined" | "withdrawn" | "timed-out");
  }
  reopenCart(office, account, id);
  booking.isLetGo = true;
}

/** All tickets of a booking that was paid too late, or none. */
function tookAgain(office: Office, booking: Booking): boolean {
  const { id, account, lines } = booking;
  const verdicts = lines.map(({ type, reservation, quantity, price }) =>
    holdAgain(office, type, reservation, { account, quantity, price, booking: id }, office.nowMs + REVIVED_MS),
  );
  if (verdicts.every((one) => one.granted)) return true;
  for (const { type, reservation } of lines) letGo(office, type, reservation, id, "late");
  return false;
}

/** @param tickets as `reservation/number`; null: all that are valid */
export function cancel(
  office: Office,
  booking: Booking,
  tickets: readonly string[] | null,
  expectedTotal: number | null,
): Verdict {
  if (booking.status === "open" && tickets !== null) return refused("payment-in-progress");
  if (booking.status === "open" || booking.status === "withdrawn") {
    booking.status = "withdrawn";
    return granted;
  }
  if (tickets?.some((one) => !ticketsOf(booking).includes(one)) === true) return refused("ticket-not-found");
  if (booking.status === "confirmed") return refused("payment-in-progress");
  if (booking.status !== "paid") return refused("booking-not-paid");
  const wanted = tickets ?? validTickets(booking);
  if (wanted.length === 0 || wanted.some((one) => booking.cancelled.has(one))) {
    return refused("ticket-already-cancelled");
  }
  const total = quoteOf(office, booking, wanted);
  if (expectedTotal !== null && expectedTotal !== total) return refused("refund-changed", { total });
  return cancelTickets(booking, wanted, total);
}

/** What cancelling these tickets gives back now. */
export function quoteOf(office: Office, booking: Booking, tickets: readonly string[]): number {
  const cancelled = new Set([...office.events.values()].filter(({ isCancelled }) => isCancelled).map(({ id }) => id));
  const shares = tickets.map((one) => shareOf(office, booking, lineOf(booking, one), cancelled));
  return Math.min(sum(shares), refundable(booking));
}

/** The event does not take place: its tickets are cancelled and refunded in full, or not paid for any more. */
export function cancelForEvent(booking: Booking, eventId: string): Verdict {
  if (booking.status === "open") booking.status = "withdrawn";
  if (booking.status === "confirmed") return refused("payment-in-progress");
  if (booking.status !== "paid") return granted;
  const left = validTickets(booking).filter((one) => lineOf(booking, one).event === eventId);
  if (left.length === 0) return granted;
  return cancelTickets(
    booking,
    left,
    Math.min(sum(left.map((one) => lineOf(booking, one).price)), refundable(booking)),
  );
}

function cancelTickets(booking: Booking, tickets: readonly string[], amount: number): Verdict {
  for (const one of tickets) booking.cancelled.add(one);
  booking.cancellations.push({ tickets, isReturned: false });
  if (amount > 0) booking.refunds.push({ amount, isGiven: false, isDone: false });
  return granted;
}

/** Money back beyond the policy. */
export function goodwill(booking: Booking, amount: number): Verdict {
  if (booking.status !== "paid") return refused("booking-not-paid");
  if (amount > refundable(booking)) return refused("refund-exceeds-payment", { refundable: refundable(booking) });
  booking.refunds.push({ amount, isGiven: false, isDone: false });
  return granted;
}

export const ticketsOf = ({ lines }: Booking): readonly string[] =>
  lines.flatMap(({ reservation, quantity }) => Array.from({ length: quantity }, (_, n) => `${reservation}/${n}`));

export const validTickets = (booking: Booking): readonly string[] =>
  ticketsOf(booking).filter((one) => !booking.cancelled.has(one));

const lineOf = ({ lines }: Booking, ticket: string): Line =>
  known(lines.find(({ reservation }) => ticket.startsWith(`${reservation}/`)));
