import type {
  BookedEvent,
  BookingEvent,
  BookingLine,
  BookingOpened,
  BookingWithdrawn,
  TicketRef,
} from "./booking-events.ts";
import type { Money } from "./money.ts";

/** A purchase and its life after it. */
export type Booking = { readonly status: "missing" } | { readonly status: "abandoned" } | OpenedBooking;

export interface OpenedBooking {
  /**
   * - `open`: its reservations are claimed, payment is under way
   * - `confirmed`: its tickets are booked, the money is not taken yet
   * - `paid`: so it is
   * - `declined`, `timed-out`, `withdrawn`: it came to nothing; a late payment may still make it `open` again
   */
  readonly status: "open" | "confirmed" | "paid" | "declined" | "timed-out" | "withdrawn";
  readonly bookingId: string;
  readonly accountId: string;
  readonly cartId: string | null;
  readonly lines: readonly BookingLine[];
  readonly events: readonly BookedEvent[];
  readonly total: Money;
  readonly createdAt: string;
  readonly expiresAt: string;
  /** null: nothing has to be paid. */
  readonly payment: PaymentAttempt | null;
  /** Why it was withdrawn; null when it was not. */
  readonly withdrawnBecause: BookingWithdrawn["data"]["cause"] | null;
  /** The reservations of a booking that came to nothing are seen to. */
  readonly letGo: boolean;
  readonly cancellations: readonly Cancellation[];
  readonly refunds: readonly BookedRefund[];
  /** What of the refunds was goodwill, in minor units. */
  readonly goodwillMinor: number;
}

export interface PaymentAttempt {
  readonly attemptId: string;
  readonly provider: string;
  readonly method: string;
  readonly amount: Money;
  /** `requested`, `action-required` and `authorized` are not settled: the provider has the last word. */
  readonly status: "requested" | "action-required" | "authorized" | "captured" | "declined" | "voided";
  readonly chargeId: string | null;
}

export interface Cancellation {
  readonly cancellationId: string;
  readonly tickets: readonly TicketRef[];
  /** The tickets are back in their inventories. */
  readonly returned: boolean;
}

export interface BookedRefund {
  readonly refundId: string;
  readonly amount: Money;
  readonly succeeded: boolean;
}

export const cameToNothing = ({ status }: OpenedBooking): boolean =>
  status === "declined" || status === "timed-out" || status === "withdrawn";

export const isSettled = ({ status }: PaymentAttempt): boolean =>
  status === "captured" || status === "declined" || status === "voided";

/** Tickets that are not cancelled, by reservation; reservations without any are left out. */
export function validTickets(booking: OpenedBooking): readonly TicketRef[] {
  const gone = new Map<string, Set<number>>();
  for (const { reservationId, ordinals } of booking.cancellations.flatMap(({ tickets }) => tickets)) {
    const known = gone.get(reservationId) ?? new Set();
    for (const ordinal of ordinals) known.add(ordinal);
    gone.set(reservationId, known);
  }
  return booking.lines.flatMap(({ reservationId, quantity }) => {
    const ordinals = Array.from({ length: quantity }, (_, n) => n).filter((n) => !gone.get(reservationId)?.has(n));
    return ordinals.length === 0 ? [] : [{ reservationId, ordinals }];
  });
}

/** What was taken and has not been promised back, in minor units. */
export function refundableMinor({ payment, refunds }: OpenedBooking): number {
  if (payment === null || payment.status !== "captured") return 0;
  return payment.amount.amount - refunds.reduce((sum, { amount }) => sum + amount.amount, 0);
}

export function evolve(state: Booking, event: BookingEvent): Booking {
  if (event.type === "BookingOpened") return opened(event.data);
  if (event.type === "BookingAbandoned") return { status: "abandoned" };
  if (state.status === "missing" || state.status === "abandoned") throw new Error(`${event.type} before BookingOpened`);
  switch (event.type) {
    case "PaymentRequested":
      return { ...state, payment: { ...event.data, status: "requested", chargeId: null } };
    case "PaymentActionRequired":
      return paymentIs("action-required", event.data.chargeId, state);
    case "PaymentAuthorized":
      return paymentIs("authorized", event.data.chargeId, state);
    case "BookingConfirmed":
      return { ...state, status: state.payment === null ? "paid" : "confirmed" };
    case "PaymentCaptured":
      return {
        ...paymentIs("captured", event.data.chargeId, state),
        status: state.status === "confirmed" ? "paid" : state.status,
      };
    case "PaymentDeclined":
      return { ...paymentIs("declined", event.data.chargeId, state), status: "declined" };
    case "PaymentVoided":
      return paymentIs("voided", event.data.chargeId, state);
    case "BookingTimedOut":
      return { ...state, status: "timed-out", letGo: false };
    case "BookingRevived":
      return { ...state, status: "open", letGo: false };
    case "BookingWithdrawn":
      return { ...state, status: "withdrawn", withdrawnBecause: event.data.cause, letGo: false };
    case "ReservationsLetGo":
      return { ...state, letGo: true };
    case "TicketsCancelled": {
      const { cancellationId, tickets, refund } = event.data;
      const cancellations = [...state.cancellations, { cancellationId, tickets, returned: false }];
      const refunds = refund === null ? state.refunds : [...state.refunds, { ...refund, succeeded: false }];
      return { ...state, cancellations, refunds };
    }
    case "CancelledTicketsReturned":
      return {
        ...state,
        cancellations: state.cancellations.map((one) =>
          one.cancellationId === event.data.cancellationId ? { ...one, returned: true } : one,
        ),
      };
    case "RefundRequested": {
      const { refundId, amount, cause } = event.data;
      const goodwillMinor = state.goodwillMinor + (cause === "goodwill" ? amount.amount : 0);
      return { ...state, goodwillMinor, refunds: [...state.refunds, { refundId, amount, succeeded: false }] };
    }
    case "RefundSucceeded":
      return {
        ...state,
        refunds: state.refunds.map((one) => (one.refundId === event.data.refundId ? { ...one, succeeded: true } : one)),
      };
    default:
      return event satisfies never;
  }
}

const opened = (data: BookingOpened["data"]): OpenedBooking => ({
  ...data,
  status: "open",
  payment: null,
  withdrawnBecause: null,
  letGo: false,
  cancellations: [],
  refunds: [],
  goodwillMinor: 0,
});

function paymentIs(status: PaymentAttempt["status"], chargeId: string | null, state: OpenedBooking): OpenedBooking {
  if (state.payment === null) throw new Error(`${status} without a payment`);
  return { ...state, payment: { ...state.payment, status, chargeId: chargeId ?? state.payment.chargeId } };
}
