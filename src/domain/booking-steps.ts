import { type Booking, cameToNothing, isSettled, type OpenedBooking, type PaymentAttempt } from "./booking-state.ts";

/**
 * What has to be done next for a booking. It follows from what is on record alone, so whoever takes over after a crash
 * goes on where it stood; every step may be done again.
 */
export type Step =
  /** Have the provider set the money aside, or ask what became of it; then book the tickets. */
  | { readonly do: "pay"; readonly payment: PaymentAttempt }
  /** Nothing to pay: book the tickets. */
  | { readonly do: "confirm" }
  | { readonly do: "capture"; readonly payment: PaymentAttempt }
  /** Keep the attempt from succeeding, or learn that it did. */
  | { readonly do: "void"; readonly payment: PaymentAttempt }
  /** End what it still has in the inventories, and give the cart back. */
  | { readonly do: "let-go"; readonly outcome: "declined" | "withdrawn" | "timed-out" }
  | { readonly do: "return-tickets"; readonly cancellation: OpenedBooking["cancellations"][number] }
  | { readonly do: "refund"; readonly refund: OpenedBooking["refunds"][number]; readonly payment: PaymentAttempt };

/** All that is open, the most urgent first; none: the booking is at rest. */
export function nextSteps(booking: Booking): readonly Step[] {
  if (booking.status === "missing" || booking.status === "abandoned") return [];
  const { payment, status } = booking;
  if (status === "open") return [payment === null ? { do: "confirm" } : { do: "pay", payment }];
  const steps: Step[] = [];
  if (payment !== null && status === "confirmed") steps.push({ do: "capture", payment });
  if (cameToNothing(booking)) steps.push(...windUp(booking));
  for (const cancellation of booking.cancellations) {
    if (!cancellation.returned) steps.push({ do: "return-tickets", cancellation });
  }
  for (const refund of booking.refunds) {
    if (payment !== null && !refund.succeeded) steps.push({ do: "refund", refund, payment });
  }
  return steps;
}

/**
 * Reservations are let go of once nothing can revive the booking: what was not paid in time may yet be, until its payment
 * is settled. Meanwhile its claims lapse by themselves, a minute after the deadline.
 */
function windUp({ payment, status, letGo }: OpenedBooking): Step[] {
  const unsettled = payment !== null && !isSettled(payment);
  const outcome = status === "declined" || status === "timed-out" ? status : "withdrawn";
  const steps: Step[] = [];
  if (!letGo && !(status === "timed-out" && unsettled)) steps.push({ do: "let-go", outcome });
  if (unsettled) steps.push({ do: "void", payment });
  return steps;
}
