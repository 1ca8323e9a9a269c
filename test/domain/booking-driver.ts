import type { BookingCommand } from "../../src/domain/booking.ts";
import type { Step } from "../../src/domain/booking-steps.ts";

type Untimed = BookingCommand extends infer One ? (One extends BookingCommand ? Omit<One, "atMs"> : never) : never;

/** What is recorded when a step was taken, as it may turn out: the chance says how. */
export function commandFor(step: Step, chance: number): Untimed {
  const turn = Math.floor(chance / 10);
  switch (step.do) {
    case "pay": {
      const charge = { attemptId: step.payment.attemptId, chargeId: "charge" };
      const outcomes: readonly Untimed[] = [
        { type: "ConfirmBooking", charge: { ...charge, captured: false } },
        { type: "ConfirmBooking", charge: { ...charge, captured: true } },
        { type: "NoteNotPaid", ...charge, outcome: "declined", reason: "no-money" },
        { type: "NoteNotPaid", ...charge, outcome: "action-required", reason: "" },
        { type: "TimeOut" },
        { type: "Withdraw", cause: "tickets-gone" },
      ];
      return outcomes[turn % outcomes.length] as Untimed;
    }
    case "confirm":
      return turn % 3 === 0 ? { type: "TimeOut" } : { type: "ConfirmBooking", charge: null };
    case "capture":
    case "void": {
      const { attemptId } = step.payment;
      const chargeId = "charge";
      const outcomes: readonly Untimed[] = [
        { type: "NoteCaptured", attemptId, chargeId, refundId: "unconfirmed" },
        { type: "NoteNotPaid", attemptId, chargeId, outcome: "voided", reason: "" },
        ...(step.do === "void" ? [{ type: "Revive", attemptId, chargeId } as const] : []),
      ];
      return outcomes[turn % outcomes.length] as Untimed;
    }
    case "let-go":
      return { type: "NoteLetGo" };
    case "return-tickets":
      return { type: "NoteReturned", cancellationId: step.cancellation.cancellationId };
    case "refund":
      return { type: "NoteRefunded", refundId: step.refund.refundId, providerRefundId: "re" };
  }
}
