import { cancelTickets, cancelTicketsOfEvent, requestRefund } from "./booking-cancelling.ts";
import type {
  BookingCommand,
  BookingDecision,
  ConfirmBooking,
  NoteCaptured,
  NoteNotPaid,
  OpenBooking,
  Revive,
  Withdraw,
} from "./booking-commands.ts";
import type { BookingEvent } from "./booking-events.ts";
import { type Booking, cameToNothing, evolve, isSettled, type OpenedBooking } from "./booking-state.ts";
import { accept, type Decider, refuse } from "./decision.ts";

export { type Quote, quoteOf } from "./booking-cancelling.ts";
export type * from "./booking-commands.ts";
export { cameToNothing } from "./booking-state.ts";

/** Of one booking: each is listed wherever it is answered, and all are named in one event when they are cancelled. */
export const MAX_TICKETS = 10_000;
/** What is counted exactly; a sum that is more is never rounded below it. */
const MAX_TOTAL_MINOR = Number.MAX_SAFE_INTEGER;

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
  const tickets = booking.lines.reduce((sum, { quantity }) => sum + quantity, 0);
  const { amount, currency } = booking.total;
  if (tickets > MAX_TICKETS) return refuse("limit-exceeded", { maxTickets: MAX_TICKETS });
  if (amount > MAX_TOTAL_MINOR) return refuse("limit-exceeded", { maxTotal: { amount: MAX_TOTAL_MINOR, currency } });
  const opened = { type: "BookingOpened", data: booking } as const;
  if (booking.total.amount === 0) return accept(opened);
  if (payment === null) throw new Error("a booking that has a price needs a payment");
  return accept<BookingEvent>(opened, { type: "PaymentRequested", data: { ...payment, amount: booking.total } });
}

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
  const late = command.late === true ? ({ late: true } as const) : {};
  const voided = { type: "PaymentVoided", data: { attemptId, chargeId, ...late } } as const;
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

/** Ends an open booking with nothing charged, once. Where the payment was quicker the buyer is told, and may cancel tickets. */
function withdraw({ cause }: Withdraw, state: OpenedBooking): BookingDecision {
  if (state.status === "withdrawn") return accept();
  if (state.status === "open") return accept({ type: "BookingWithdrawn", data: { cause } });
  if (state.status === "confirmed" || state.status === "paid") return refuse("payment-in-progress");
  return refuse("booking-not-paid", { bookingStatus: state.status });
}
