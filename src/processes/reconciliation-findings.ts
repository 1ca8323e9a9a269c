import type { Booking, OpenedBooking } from "../domain/booking-state.ts";
import { nextSteps } from "../domain/booking-steps.ts";
import type { Charge } from "../payments/port.ts";

/** On what a charge and its booking don't agree, and what is to be done about it. */
export type Finding =
  /** Money is set aside or taken that nobody gets tickets for. */
  | { readonly kind: "charge-without-booking" | "charge-of-ended-booking"; readonly todo: "give-back" }
  | { readonly kind: "booking-not-at-rest"; readonly todo: "drive" }
  /** Nobody knows from here who is right. */
  | { readonly kind: "booking-without-charge" | "amounts-differ" | "refunds-differ"; readonly todo: "report" };

/** What a charge and the booking that it names say about each other; null: they agree, or will by themselves. */
export function findingOf(charge: Charge, booking: Booking): Finding | null {
  if (booking.status === "missing" || booking.status === "abandoned" || !isOf(charge, booking)) {
    return isOwed(charge) ? { kind: "charge-without-booking", todo: "give-back" } : null;
  }
  if (nextSteps(booking).length > 0) return { kind: "booking-not-at-rest", todo: "drive" };
  if (booking.payment?.status !== "captured") {
    return isOwed(charge) ? { kind: "charge-of-ended-booking", todo: "give-back" } : null;
  }
  return ofPaid(charge, booking);
}

function ofPaid({ status, amount, refundedMinor }: Charge, { total, refunds }: OpenedBooking): Finding | null {
  if (status !== "captured") return { kind: "booking-without-charge", todo: "report" };
  if (amount.amount !== total.amount || amount.currency !== total.currency) {
    return { kind: "amounts-differ", todo: "report" };
  }
  const refunded = refunds.reduce((sum, one) => sum + (one.succeeded ? one.amount.amount : 0), 0);
  return refunded === refundedMinor ? null : { kind: "refunds-differ", todo: "report" };
}

/** The buyer has his time, or the provider is still at it. */
export const isPending = ({ status }: Charge): boolean => status === "pending" || status === "requires-action";

/** All that is left to do is to give money back, which the provider may refuse. */
export const onlyRefundsAreOpen = (booking: Booking): boolean =>
  nextSteps(booking).every((step) => step.do === "refund");

const isOf = ({ attemptId }: Charge, { payment }: OpenedBooking): boolean => payment?.attemptId === attemptId;

function isOwed({ status, amount, refundedMinor }: Charge): boolean {
  if (status === "declined" || status === "voided") return false;
  return status !== "captured" || refundedMinor < amount.amount;
}
