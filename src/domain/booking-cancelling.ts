import type { At, BookingDecision, CancelTickets, CancelTicketsOfEvent, RequestRefund } from "./booking-commands.ts";
import type { BookingLine, TicketRef, TicketsCancelled } from "./booking-events.ts";
import { type OpenedBooking, refundableMinor, validTickets } from "./booking-state.ts";
import { accept, type Refused, refuse } from "./decision.ts";
import type { Money } from "./money.ts";
import { priceOf, totalMinor } from "./pricing.ts";
import { refundFor } from "./refund-policy.ts";

export function cancelTickets(command: At<CancelTickets>, state: OpenedBooking): BookingDecision {
  if (state.status === "confirmed" || state.status === "open") return refuse("payment-in-progress");
  if (state.status !== "paid") return refuse("booking-not-paid", { bookingStatus: state.status });
  const quote = quoteOf(state, command.tickets, command.cancelledEvents, command.atMs);
  if ("code" in quote) return quote;
  if (quote.tickets.length === 0) return refuse("ticket-already-cancelled", { tickets: [] });
  const { expectedTotal } = command;
  if (expectedTotal !== null && expectedTotal !== quote.total.amount) {
    return refuse("refund-changed", { total: quote.total });
  }
  return accept(ticketsCancelled(command, "customer", quote));
}

/** An open booking can't be confirmed any more and is withdrawn as a whole; one that came to nothing has no tickets. */
export function cancelTicketsOfEvent(command: At<CancelTicketsOfEvent>, state: OpenedBooking): BookingDecision {
  const { eventId } = command;
  if (!state.lines.some((line) => line.eventId === eventId)) return accept();
  if (state.status === "open") return accept({ type: "BookingWithdrawn", data: { cause: "event-cancelled" } });
  if (state.status === "confirmed") return refuse("payment-in-progress");
  if (state.status !== "paid") return accept();
  const ofEvent = new Set(state.lines.filter((line) => line.eventId === eventId).map((line) => line.reservationId));
  const left = validTickets(state).filter(({ reservationId }) => ofEvent.has(reservationId));
  if (left.length === 0) return accept();
  const quote = quoteOf(state, left, [eventId], command.atMs);
  return "code" in quote ? quote : accept(ticketsCancelled(command, "event-cancelled", quote));
}

function ticketsCancelled(
  { cancellationId, refundId }: Pick<CancelTickets, "cancellationId" | "refundId">,
  cause: TicketsCancelled["data"]["cause"],
  quote: Quote,
): TicketsCancelled {
  const refund = quote.total.amount === 0 ? null : { refundId, amount: quote.total };
  const tickets = eachOnce(quote.tickets); // of one reservation there may be several prices
  return { type: "TicketsCancelled", data: { cancellationId, tickets, cause, refund } };
}

/** What each ticket would bring; `each` may be less where other refunds have left less. */
export interface Quote {
  readonly tickets: readonly (TicketRef & { readonly each: Money })[];
  readonly total: Money;
}

/**
 * What cancelling these tickets gives back at this time. Refusals: `ticket-not-found`, `ticket-already-cancelled`.
 * @param tickets null: all that are valid; one that is named twice counts once
 */
export function quoteOf(
  state: OpenedBooking,
  tickets: readonly TicketRef[] | null,
  cancelledEvents: readonly string[],
  atMs: number,
): Quote | Refused<"ticket-not-found" | "ticket-already-cancelled"> {
  const valid = validTickets(state);
  const stillValid = new Map(valid.map(({ reservationId, ordinals }) => [reservationId, new Set(ordinals)]));
  const wanted = tickets === null ? valid : eachOnce(tickets);
  const lines = new Map(state.lines.map((line) => [line.reservationId, line]));
  const gone: TicketRef[] = [];
  for (const { reservationId, ordinals } of wanted) {
    const { quantity } = lines.get(reservationId) ?? { quantity: 0 };
    if (ordinals.some((ordinal) => ordinal >= quantity)) return refuse("ticket-not-found");
    const cancelled = ordinals.filter((ordinal) => stillValid.get(reservationId)?.has(ordinal) !== true);
    if (cancelled.length > 0) gone.push({ reservationId, ordinals: cancelled });
  }
  if (gone.length > 0) return refuse("ticket-already-cancelled", { tickets: gone });
  const quoted = wanted.flatMap((ref) => {
    const line = lines.get(ref.reservationId) as BookingLine;
    const event = state.events.find((one) => one.eventId === line.eventId);
    const inFull = cancelledEvents.includes(line.eventId) || event === undefined;
    return ofOnePrice(ref, line).map(({ ordinals, price }) => {
      return { reservationId: ref.reservationId, ordinals, each: inFull ? price : refundFor(event, price, atMs) };
    });
  });
  const promised = quoted.reduce((sum, { ordinals, each }) => sum + ordinals.length * each.amount, 0);
  const total = { amount: Math.min(promised, refundableMinor(state)), currency: state.total.currency };
  return { tickets: quoted, total };
}

/** Tickets of a line, by what they cost. */
function ofOnePrice({ ordinals }: TicketRef, line: BookingLine) {
  const byPrice = Map.groupBy(ordinals, (ordinal) => priceOf(line, ordinal).amount);
  return [...byPrice].map(([amount, some]) => ({ ordinals: some, price: { ...line.unitPrice, amount } }));
}

function eachOnce(tickets: readonly TicketRef[]): readonly TicketRef[] {
  const named = new Map<string, Set<number>>();
  for (const { reservationId, ordinals } of tickets) {
    if (ordinals.length === 0) continue;
    named.set(reservationId, new Set([...(named.get(reservationId) ?? []), ...ordinals]));
  }
  return [...named].map(([reservationId, ordinals]) => ({ reservationId, ordinals: [...ordinals] }));
}

/** Money back beyond the policy, as long as there is any left of the payment. */
export function requestRefund(command: RequestRefund, state: OpenedBooking): BookingDecision {
  const { refundId, amountMinor, organizerId } = command;
  if (state.refunds.some((one) => one.refundId === refundId)) return accept();
  if (state.status !== "paid") return refuse("booking-not-paid", { bookingStatus: state.status });
  const refundable = organizerId === undefined ? refundableMinor(state) : refundableBy(organizerId, state);
  const { currency } = state.total;
  if (amountMinor > refundable) {
    return refuse("refund-exceeds-payment", { refundable: { amount: refundable, currency } });
  }
  const data = { refundId, amount: { amount: amountMinor, currency }, cause: "goodwill" } as const;
  return accept({ type: "RefundRequested", data });
}

/**
 * What an organizer may give back where a booking is of several: no more in all than his own tickets cost, and nothing
 * that the tickets of others may yet need. Who gave what before is not asked: all goodwill counts as his.
 */
function refundableBy(organizerId: string, state: OpenedBooking): number {
  const own = new Set(state.events.filter((one) => one.organizerId === organizerId).map(({ eventId }) => eventId));
  const valid = new Map(validTickets(state).map(({ reservationId, ordinals }) => [reservationId, ordinals]));
  let paidForOwn = 0;
  let keptForOthers = 0;
  for (const line of state.lines) {
    if (own.has(line.eventId)) paidForOwn += totalMinor(line);
    else for (const ordinal of valid.get(line.reservationId) ?? []) keptForOthers += priceOf(line, ordinal).amount;
  }
  return Math.max(0, Math.min(paidForOwn - state.goodwillMinor, refundableMinor(state) - keptForOthers));
}
