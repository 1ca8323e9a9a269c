import { type BookingCommand, booking } from "../../src/domain/booking.ts";
import type {
  BookedEvent,
  BookingEvent,
  BookingLine,
  BookingOpened,
  BookingWithdrawn,
  TicketRef,
  TicketsCancelled,
} from "../../src/domain/booking-events.ts";
import { specsOf, stateOf } from "./given.ts";
import { later, ms, noon } from "./times.ts";

/** The words in which the specs of a booking are written; what they leave unsaid stands here. */
export const given = specsOf(booking);

export const bookingOf = (...events: readonly BookingEvent[]) => stateOf(booking, events);

/** By when the bookings of the specs have to be paid. */
export const deadline = later(noon, 900_000);
/** Until when their claims stand. */
export const graceEnds = later(deadline, 60_000);

export const eur = (amount: number) => ({ amount, currency: "EUR" });
export const price = eur(4_500);

export const line = (reservationId = "r1", quantity = 2, more: Partial<BookingLine> = {}): BookingLine => ({
  reservationId,
  eventId: "concert",
  ticketTypeId: "regular",
  quantity,
  unitPrice: price,
  ...more,
});

export const event = (eventId = "concert", more: Partial<BookedEvent> = {}): BookedEvent => ({
  eventId,
  organizerId: "olga",
  startsAt: null,
  refundPolicy: null,
  ...more,
});

const totalOf = (lines: readonly BookingLine[]) =>
  lines.reduce((sum, { quantity, unitPrice }) => sum + quantity * unitPrice.amount, 0);

export const opened = (said: Partial<BookingOpened["data"]> = {}): BookingOpened => {
  const { lines = [line()] } = said;
  return {
    type: "BookingOpened",
    data: {
      bookingId: "booking",
      accountId: "ada",
      cartId: null,
      lines,
      events: [event()],
      total: eur(totalOf(lines)),
      createdAt: noon,
      expiresAt: deadline,
      ...said,
    },
  };
};

/** Nothing has to be paid for it. */
export const openedFree = (): BookingOpened => opened({ lines: [line("r1", 2, { unitPrice: eur(0) })] });

const attempt = { attemptId: "attempt", provider: "sandbox", method: "sandbox-ok" } as const;
const charge = { attemptId: "attempt", chargeId: "charge" } as const;

export const requested = (amount = 9_000): BookingEvent => ({
  type: "PaymentRequested",
  data: { ...attempt, amount: eur(amount) },
});
export const actionRequired = (): BookingEvent => ({ type: "PaymentActionRequired", data: charge });
export const authorized = (): BookingEvent => ({ type: "PaymentAuthorized", data: charge });
export const confirmed = (): BookingEvent => ({ type: "BookingConfirmed", data: {} });
export const captured = (): BookingEvent => ({ type: "PaymentCaptured", data: charge });
export const declined = (reason = "no-money"): BookingEvent => ({
  type: "PaymentDeclined",
  data: { ...charge, reason },
});
export const voided = (): BookingEvent => ({ type: "PaymentVoided", data: charge });
export const timedOut = (): BookingEvent => ({ type: "BookingTimedOut", data: {} });
export const revived = (): BookingEvent => ({ type: "BookingRevived", data: charge });
export const withdrawn = (cause: BookingWithdrawn["data"]["cause"] = "customer"): BookingEvent => ({
  type: "BookingWithdrawn",
  data: { cause },
});
export const abandoned = (): BookingEvent => ({ type: "BookingAbandoned", data: { bookingId: "booking" } });
export const letGo = (): BookingEvent => ({ type: "ReservationsLetGo", data: {} });

export const tickets = (reservationId: string, ...ordinals: readonly number[]): TicketRef => ({
  reservationId,
  ordinals,
});

interface Cancelling {
  readonly id?: string;
  readonly cause?: TicketsCancelled["data"]["cause"];
  /** 0: nothing is given back. */
  readonly refund?: number;
}

/** The refund of cancellation `c1` is `refund-c1`. */
export const cancelled = (
  which: readonly TicketRef[],
  { id = "c1", cause = "customer", refund = 0 }: Cancelling = {},
): TicketsCancelled => ({
  type: "TicketsCancelled",
  data: {
    cancellationId: id,
    tickets: which,
    cause,
    refund: refund === 0 ? null : { refundId: `refund-${id}`, amount: eur(refund) },
  },
});

export const returned = (cancellationId = "c1"): BookingEvent => ({
  type: "CancelledTicketsReturned",
  data: { cancellationId },
});
export const refundRequested = (
  amount: number,
  { id = "refund", cause = "goodwill" }: { id?: string; cause?: "goodwill" | "unconfirmed" } = {},
): BookingEvent => ({ type: "RefundRequested", data: { refundId: id, amount: eur(amount), cause } });
export const refunded = (refundId = "refund"): BookingEvent => ({
  type: "RefundSucceeded",
  data: { refundId, providerRefundId: `re_${refundId}` },
});

/** Bookings in every state that one can be in. */
export const open = (said: Partial<BookingOpened["data"]> = {}): readonly BookingEvent[] => {
  const first = opened(said);
  return [first, requested(first.data.total.amount)];
};
export const awaitingCapture = (said: Partial<BookingOpened["data"]> = {}): readonly BookingEvent[] => [
  ...open(said),
  authorized(),
  confirmed(),
];
export const paid = (said: Partial<BookingOpened["data"]> = {}): readonly BookingEvent[] => [
  ...awaitingCapture(said),
  captured(),
];
export const paidFree = (): readonly BookingEvent[] => [openedFree(), confirmed()];
export const late = (): readonly BookingEvent[] => [...open(), timedOut()];

/** All commands come at noon unless they say otherwise. */
interface Moment {
  readonly at?: string;
}

export const openBooking = (
  { data }: BookingOpened = opened(),
  payment: typeof attempt | null = attempt,
): BookingCommand => ({ type: "OpenBooking", booking: data, payment, atMs: ms(noon) });

export const abandon = (): BookingCommand => ({ type: "AbandonBooking", bookingId: "booking", atMs: ms(noon) });

interface OfAttempt extends Moment {
  readonly attempt?: string;
  readonly chargeId?: string | null;
}

export const noteNotPaid = (
  outcome: "action-required" | "declined" | "voided",
  { attempt: attemptId = "attempt", chargeId = "charge", at = noon }: OfAttempt = {},
): BookingCommand => ({ type: "NoteNotPaid", attemptId, chargeId, outcome, reason: "no-money", atMs: ms(at) });

export const confirm = ({
  attempt: attemptId = "attempt",
  captured: isCaptured = false,
  at = noon,
}: OfAttempt & { readonly captured?: boolean } = {}): BookingCommand => ({
  type: "ConfirmBooking",
  charge: { attemptId, chargeId: "charge", captured: isCaptured },
  atMs: ms(at),
});

export const confirmFree = (): BookingCommand => ({ type: "ConfirmBooking", charge: null, atMs: ms(noon) });

export const noteCaptured = ({ attempt: attemptId = "attempt", at = noon }: OfAttempt = {}): BookingCommand => ({
  type: "NoteCaptured",
  attemptId,
  chargeId: "charge",
  refundId: "refund",
  atMs: ms(at),
});

export const timeOut = ({ at = deadline }: Moment = {}): BookingCommand => ({ type: "TimeOut", atMs: ms(at) });

export const revive = ({ attempt: attemptId = "attempt", at = deadline }: OfAttempt = {}): BookingCommand => ({
  type: "Revive",
  attemptId,
  chargeId: "charge",
  atMs: ms(at),
});

export const withdraw = (cause: BookingWithdrawn["data"]["cause"] = "customer"): BookingCommand => ({
  type: "Withdraw",
  cause,
  atMs: ms(noon),
});

export const noteLetGo = (): BookingCommand => ({ type: "NoteLetGo", atMs: ms(noon) });

interface CancelWish extends Moment {
  readonly id?: string;
  readonly of?: readonly TicketRef[] | null;
  readonly cancelledEvents?: readonly string[];
  readonly expectedTotal?: number | null;
}

export const cancel = ({
  id = "c1",
  of = null,
  cancelledEvents = [],
  expectedTotal = null,
  at = noon,
}: CancelWish = {}): BookingCommand => ({
  type: "CancelTickets",
  cancellationId: id,
  refundId: `refund-${id}`,
  tickets: of,
  cancelledEvents,
  expectedTotal,
  atMs: ms(at),
});

export const cancelForEvent = (eventId = "concert", { id = "c1", at = noon } = {}): BookingCommand => ({
  type: "CancelTicketsOfEvent",
  eventId,
  cancellationId: id,
  refundId: `refund-${id}`,
  atMs: ms(at),
});

export const noteReturned = (cancellationId = "c1"): BookingCommand => ({
  type: "NoteReturned",
  cancellationId,
  atMs: ms(noon),
});

export const requestRefund = (amountMinor: number, refundId = "refund", organizerId?: string): BookingCommand => ({
  type: "RequestRefund",
  refundId,
  amountMinor,
  ...(organizerId === undefined ? {} : { organizerId }),
  atMs: ms(noon),
});

export const noteRefunded = (refundId = "refund"): BookingCommand => ({
  type: "NoteRefunded",
  refundId,
  providerRefundId: `re_${refundId}`,
  atMs: ms(noon),
});
