import type { BookingEvent, BookingOpened, PaymentRequested, TicketRef, TicketsCancelled } from "./booking-events.ts";
import { type Booking, evolve, isSettled, type OpenedBooking, refundableMinor, validTickets } from "./booking-state.ts";
import { accept, type Decider, type Decision, refuse } from "./decision.ts";
import type { Money } from "./money.ts";
import { refundFor } from "./refund-policy.ts";

/** Records a purchase whose reservations are all claimed, and that it is going to be paid for. */
export interface OpenBooking {
  readonly type: "OpenBooking";
  readonly booking: BookingOpened["data"];
  /** null for a booking of total 0. */
  readonly payment: Omit<PaymentRequested["data"], "amount"> | null;
}

/** Gives up a purchase that stopped before its booking was recorded; nothing where it was. */
export interface AbandonBooking {
  readonly type: "AbandonBooking";
  readonly bookingId: string;
}

/** What the provider says became of the attempt, when it did not set the money aside. */
export interface NoteNotPaid {
  readonly type: "NoteNotPaid";
  readonly attemptId: string;
  readonly chargeId: string | null;
  readonly outcome: "action-required" | "declined" | "voided";
  /** For `declined`. */
  readonly reason: string;
}

/** All tickets are booked, after the money was set aside; or, with `captured`, taken at once. */
export interface ConfirmBooking {
  readonly type: "ConfirmBooking";
  /** null for a booking of total 0. */
  readonly charge: { readonly attemptId: string; readonly chargeId: string; readonly captured: boolean } | null;
}

/** The provider has taken the money. */
export interface NoteCaptured {
  readonly type: "NoteCaptured";
  readonly attemptId: string;
  readonly chargeId: string;
  /** Of the refund, should the booking have come to nothing. */
  readonly refundId: string;
}

export interface TimeOut {
  readonly type: "TimeOut";
}

/** Paid too late, but its tickets are held again. */
export interface Revive {
  readonly type: "Revive";
  readonly attemptId: string;
  readonly chargeId: string;
}

/** Ends it before it is paid. */
export interface Withdraw {
  readonly type: "Withdraw";
  readonly cause: "customer" | "event-cancelled" | "tickets-gone";
}

/** The reservations of a booking that came to nothing were seen to. */
export interface NoteLetGo {
  readonly type: "NoteLetGo";
}

/** Cancels tickets of a paid booking, and promises what the policy gives back. */
export interface CancelTickets {
  readonly type: "CancelTickets";
  readonly cancellationId: string;
  readonly refundId: string;
  /** null: all that are valid. */
  readonly tickets: readonly TicketRef[] | null;
  /** Events that are cancelled: their tickets are refunded in full, whatever the policy says. */
  readonly cancelledEvents: readonly string[];
  /** In minor units, what the buyer was told that he gets; null: whatever it is. */
  readonly expectedTotal: number | null;
}

/** The event is cancelled: what is left of its tickets is, too, and is refunded in full. */
export interface CancelTicketsOfEvent {
  readonly type: "CancelTicketsOfEvent";
  readonly eventId: string;
  readonly cancellationId: string;
  readonly refundId: string;
}

export interface NoteReturned {
  readonly type: "NoteReturned";
  readonly cancellationId: string;
}

/** Money back beyond the policy, by the organizer. */
export interface RequestRefund {
  readonly type: "RequestRefund";
  readonly refundId: string;
  readonly amountMinor: number;
}

export interface NoteRefunded {
  readonly type: "NoteRefunded";
  readonly refundId: string;
  readonly providerRefundId: string;
}

export type BookingCommand = { readonly atMs: number } & (
  | OpenBooking
  | AbandonBooking
  | NoteNotPaid
  | ConfirmBooking
  | NoteCaptured
  | TimeOut
  | Revive
  | Withdraw
  | NoteLetGo
  | CancelTickets
  | CancelTicketsOfEvent
  | NoteReturned
  | RequestRefund
  | NoteRefunded
);

export type BookingRefusal =
  | "already-exists"
  | "booking-not-found"
  | "booking-not-paid"
  | "payment-in-progress"
  | "ticket-not-found"
  | "ticket-already-cancelled"
  | "refund-changed"
  | "refund-exceeds-payment";

type BookingDecision = Decision<BookingEvent, BookingRefusal>;

export const booking: Decider<Booking, BookingCommand, BookingEvent> = {
  initialState: () => ({ status: "missing" }),
  decide,
  evolve,
  stagedIn: () => [],
};

function decide(command: BookingCommand, state: Booking): BookingDecision {
  if (command.type === "OpenBooking") return open(command, state);
  if (command.type === "AbandonBooking") {
    const { bookingId } = command;
    return state.status === "missing" ? accept({ type: "BookingAbandoned", data: { bookingId } }) : accept();
  }
  if (state.status === "missing" || state.status === "abandoned") return refuse("booking-not-found");
  switch (command.type) {
    case "NoteNotPaid":
      return noteNotPaid(command, state);
    case "ConfirmBooking":
      return confirm(command, state);
    case "NoteCaptured":
      return noteCaptured(command, state);
    case "TimeOut":
      return state.status === "open" && command.atMs >= Date.parse(state.expiresAt)
        ? accept({ type: "BookingTimedOut", data: {} })
        : accept();
    case "Revive":
      return revive(command, state);
    case "Withdraw":
      return withdraw(command, state);
    case "NoteLetGo":
      return cameToNothing(state) && !state.letGo ? accept({ type: "ReservationsLetGo", data: {} }) : accept();
    case "CancelTickets":
      return cancelTickets(command, state);
    case "CancelTicketsOfEvent":
      return cancelTicketsOfEvent(command, state);
    case "NoteReturned": {
      const { cancellationId } = command;
      const open = state.cancellations.some((one) => one.cancellationId === cancellationId && !one.returned);
      return open ? accept({ type: "CancelledTicketsReturned", data: { cancellationId } }) : accept();
    }
    case "RequestRefund":
      return requestRefund(command, state);
    case "NoteRefunded": {
      const { refundId, providerRefundId } = command;
      const open = state.refunds.some((one) => one.refundId === refundId && !one.succeeded);
      return open ? accept({ type: "RefundSucceeded", data: { refundId, providerRefundId } }) : accept();
    }
  }
}

function open({ booking, payment }: OpenBooking, state: Booking): BookingDecision {
  if (state.status !== "missing") return refuse("already-exists");
  const opened = { type: "BookingOpened", data: booking } as const;
  if (booking.total.amount === 0) return accept(opened);
  if (payment === null) throw new Error("a booking that has a price needs a payment");
  return accept<BookingEvent>(opened, { type: "PaymentRequested", data: { ...payment, amount: booking.total } });
}

export const cameToNothing = ({ status }: OpenedBooking): boolean =>
  status === "declined" || status === "timed-out" || status === "withdrawn";

/** Whether the attempt is this booking's and the provider has not had its last word on it yet. */
const isUnsettled = (attemptId: string, { payment }: OpenedBooking): boolean =>
  payment !== null && payment.attemptId === attemptId && !isSettled(payment);

/** What was not paid ends an open booking; one that came to nothing already has its payment settled. */
function noteNotPaid(command: NoteNotPaid, state: OpenedBooking): BookingDecision {
  const { attemptId, chargeId, outcome, reason } = command;
  if (!isUnsettled(attemptId, state)) return accept();
  if (outcome === "action-required") {
    const isNew = state.status === "open" && state.payment?.status === "requested" && chargeId !== null;
    return isNew ? accept({ type: "PaymentActionRequired", data: { attemptId, chargeId } }) : accept();
  }
  const voided = { type: "PaymentVoided", data: { attemptId, chargeId } } as const;
  if (cameToNothing(state)) return accept(voided);
  if (state.status === "open") return accept({ type: "PaymentDeclined", data: { attemptId, chargeId, reason } });
  // The provider gave up on what it had set aside: the tickets, booked already, have to come back.
  return accept<BookingEvent>(voided, { type: "BookingWithdrawn", data: { cause: "tickets-gone" } });
}

function confirm({ charge }: ConfirmBooking, state: OpenedBooking): BookingDecision {
  if (state.status === "confirmed" || state.status === "paid") return accept();
  if (state.status !== "open") return refuse("payment-in-progress", { status: state.status });
  const confirmed = { type: "BookingConfirmed", data: {} } as const;
  if (state.payment === null) return accept(confirmed);
  if (charge === null || !isUnsettled(charge.attemptId, state)) throw new Error("confirmed without a payment");
  const { attemptId, chargeId, captured } = charge;
  const authorized = { type: "PaymentAuthorized", data: { attemptId, chargeId } } as const;
  return captured
    ? accept<BookingEvent>(authorized, confirmed, { type: "PaymentCaptured", data: { attemptId, chargeId } })
    : accept<BookingEvent>(authorized, confirmed);
}

/** Money that was taken for a booking that came to nothing is given back. */
function noteCaptured(command: NoteCaptured, state: OpenedBooking): BookingDecision {
  const { attemptId, chargeId, refundId } = command;
  if (!isUnsettled(attemptId, state)) return accept();
  const captured = { type: "PaymentCaptured", data: { attemptId, chargeId } } as const;
  if (state.status === "confirmed") return accept(captured);
  if (!cameToNothing(state)) return refuse("payment-in-progress", { status: state.status });
  const refund = { refundId, amount: state.total, cause: "unconfirmed" } as const;
  return accept<BookingEvent>(captured, { type: "RefundRequested", data: refund });
}

function revive({ attemptId, chargeId }: Revive, state: OpenedBooking): BookingDecision {
  if (state.status !== "timed-out" || !isUnsettled(attemptId, state)) {
    return refuse("payment-in-progress", { status: state.status });
  }
  return accept({ type: "BookingRevived", data: { attemptId, chargeId } });
}

/** An open booking is cancelled with nothing charged; one that is cancelled already stays so. */
function withdraw({ cause }: Withdraw, state: OpenedBooking): BookingDecision {
  if (state.status === "withdrawn") return accept();
  if (state.status === "open") return accept({ type: "BookingWithdrawn", data: { cause } });
  if (state.status === "confirmed") return refuse("payment-in-progress");
  return refuse("booking-not-paid", { status: state.status });
}

function cancelTickets(command: CancelTickets & { readonly atMs: number }, state: OpenedBooking): BookingDecision {
  if (state.status === "confirmed" || state.status === "open") return refuse("payment-in-progress");
  if (state.status !== "paid") return refuse("booking-not-paid", { status: state.status });
  const quote = quoteOf(state, command.tickets, command.cancelledEvents, command.atMs);
  if ("code" in quote) return quote;
  if (quote.tickets.length === 0) return refuse("ticket-already-cancelled", { tickets: [] });
  const { expectedTotal } = command;
  if (expectedTotal !== null && expectedTotal !== quote.total.amount) {
    return refuse("refund-changed", { total: quote.total });
  }
  return accept(ticketsCancelled(command, "customer", quote));
}

/** Whatever else becomes of it: a booking that is open has its tickets refused, one that came to nothing has none. */
function cancelTicketsOfEvent(
  command: CancelTicketsOfEvent & { readonly atMs: number },
  state: OpenedBooking,
): BookingDecision {
  if (state.status === "open" || state.status === "confirmed") return refuse("payment-in-progress");
  if (state.status !== "paid") return accept();
  const { eventId } = command;
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
  const tickets = quote.tickets.map(({ reservationId, ordinals }) => ({ reservationId, ordinals }));
  return { type: "TicketsCancelled", data: { cancellationId, tickets, cause, refund } };
}

/** What each ticket would bring; `each` may be less where other refunds have left less. */
export interface Quote {
  readonly tickets: readonly (TicketRef & { readonly each: Money })[];
  readonly total: Money;
}

/**
 * What cancelling these tickets gives back at this time.
 * @param tickets null: all that are valid
 */
export function quoteOf(
  state: OpenedBooking,
  tickets: readonly TicketRef[] | null,
  cancelledEvents: readonly string[],
  atMs: number,
): Quote | Extract<BookingDecision, { readonly accepted: false }> {
  const valid = validTickets(state);
  for (const { reservationId, ordinals } of tickets ?? []) {
    const line = state.lines.find((one) => one.reservationId === reservationId);
    if (line === undefined || ordinals.some((ordinal) => ordinal >= line.quantity)) return refuse("ticket-not-found");
    const left = valid.find((one) => one.reservationId === reservationId)?.ordinals ?? [];
    const gone = ordinals.filter((ordinal) => !left.includes(ordinal));
    if (gone.length > 0) return refuse("ticket-already-cancelled", { tickets: [{ reservationId, ordinals: gone }] });
  }
  const quoted = (tickets ?? valid).map(({ reservationId, ordinals }) => {
    const { eventId, unitPrice } = state.lines.find((one) => one.reservationId === reservationId) as LineOf;
    const event = state.events.find((one) => one.eventId === eventId);
    const inFull = cancelledEvents.includes(eventId) || event === undefined;
    return { reservationId, ordinals, each: inFull ? unitPrice : refundFor(event, unitPrice, atMs) };
  });
  const promised = quoted.reduce((sum, { ordinals, each }) => sum + ordinals.length * each.amount, 0);
  const total = { amount: Math.min(promised, refundableMinor(state)), currency: state.total.currency };
  return { tickets: quoted, total };
}

type LineOf = OpenedBooking["lines"][number];

function requestRefund({ refundId, amountMinor }: RequestRefund, state: OpenedBooking): BookingDecision {
  if (state.refunds.some((one) => one.refundId === refundId)) return accept();
  if (state.status !== "paid") return refuse("booking-not-paid", { status: state.status });
  const refundable = refundableMinor(state);
  const { currency } = state.total;
  if (amountMinor > refundable) {
    return refuse("refund-exceeds-payment", { refundable: { amount: refundable, currency } });
  }
  const data = { refundId, amount: { amount: amountMinor, currency }, cause: "goodwill" } as const;
  return accept({ type: "RefundRequested", data });
}
