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

/** Tickets of a booking that was not paid in time stay claimed so much longer, for a payment that is on its way. */
export const CLAIM_GRACE_MS = 60_000;

/** All that is open at this time, the most urgent first; none: the booking is at rest. */
export function nextSteps(booking: Booking, atMs: number): readonly Step[] {
  if (booking.status === "missing" || booking.status === "abandoned") return [];
  const { payment, status } = booking;
  if (status === "open") return [payment === null ? { do: "confirm" } : { do: "pay", payment }];
  const steps: Step[] = [];
  if (payment !== null && status === "confirmed") steps.push({ do: "capture", payment });
  if (cameToNothing(booking)) steps.push(...windUp(booking, atMs));
  for (const cancellation of booking.cancellations) {
    if (!cancellation.returned) steps.push({ do: "return-tickets", cancellation });
  }
  for (const refund of booking.refunds) {
    if (payment !== null && !refund.succeeded) steps.push({ do: "refund", refund, payment });
  }
  return steps;
}

/**
 * What was not paid in time keeps its claims while a payment may still come, until they lapse by themselves; everything
 * else lets go of them first.
 */
function windUp(booking: OpenedBooking, atMs: number): Step[] {
  const { payment, status, expiresAt, letGo } = booking;
  const unsettled = payment !== null && !isSettled(payment);
  const ends = status === "declined" || status === "timed-out" ? status : "withdrawn";
  const steps: Step[] = [];
  const isLate = status === "timed-out" && unsettled && atMs < Date.parse(expiresAt) + CLAIM_GRACE_MS;
  if (!letGo && !isLate) steps.push({ do: "let-go", outcome: ends });
  if (unsettled) steps.push({ do: "void", payment });
  return steps;
}
