import type { Authorization, RefundRequest } from "../port.ts";
import {
  askedAgain,
  begun,
  cameDue,
  captured,
  completed,
  type KeptCharge,
  type Refusal,
  refunded,
  refused,
  stoppedBefore,
  voided,
} from "./charge.ts";
import type { Charges } from "./charges.ts";
import type { KeptRefund, Refunds } from "./refunds.ts";

export interface LedgerParts {
  readonly charges: Charges;
  readonly refunds: Refunds;
  /** Tells of a change that nobody gets as an answer; in the same transaction. */
  readonly tell: (charge: KeptCharge) => void;
  readonly nowMs: () => number;
  readonly newId: () => string;
}

/** What the provider does, each in a transaction that the caller makes. Everything may be asked for again. */
export interface Ledger {
  authorize(authorization: Authorization): KeptCharge | Refusal;
  capture(attemptId: string): KeptCharge | Refusal;
  /** Also stops what was never asked for. */
  void(attemptId: string): KeptCharge;
  refund(request: Omit<RefundRequest, "chargeId">): KeptRefund | Refusal;
  /** The buyer's doing. @param confirm false: they refused */
  complete(attemptId: string, clientSecret: string, confirm: boolean): KeptCharge | Refusal;
  /** Authorizes those whose time has come. @returns how many */
  settleDue(limit: number): number;
}

export function ledger({ charges, refunds, tell, nowMs, newId }: LedgerParts): Ledger {
  /** Keeps what came of a charge, where that is something else. */
  function keep<Ruling extends KeptCharge | Refusal>(before: KeptCharge, ruling: Ruling): Ruling {
    if (!refused(ruling) && ruling !== before) charges.change(ruling);
    return ruling;
  }

  return {
    authorize({ attemptId, ...order }) {
      const known = charges.find(attemptId);
      if (known !== null) return keep(known, askedAgain(known, order));
      const charge = begun(order, {
        attemptId,
        chargeId: `ch_${newId()}`,
        clientSecret: `${attemptId}_secret_${newId()}`,
        nowMs: nowMs(),
      });
      charges.add(charge);
      return charge;
    },
    capture(attemptId) {
      const charge = charges.find(attemptId);
      return charge === null ? "no-such-charge" : keep(charge, captured(charge));
    },
    void(attemptId) {
      const charge = charges.find(attemptId);
      if (charge !== null) return keep(charge, voided(charge));
      const stopped = stoppedBefore({ attemptId, chargeId: `ch_${newId()}`, nowMs: nowMs() });
      charges.add(stopped);
      return stopped;
    },
    refund({ refundId, attemptId, amount }) {
      const known = refunds.find(refundId);
      if (known !== null) return isSame(known, attemptId, amount) ? known : "id-reused";
      const charge = charges.find(attemptId);
      if (charge === null) return "no-such-charge";
      const ruling = keep(charge, refunded(charge, amount));
      if (refused(ruling)) return ruling;
      const refund = { refundId, providerRefundId: `re_${newId()}`, attemptId, amount, createdMs: nowMs() };
      refunds.add(refund);
      return refund;
    },
    complete(attemptId, clientSecret, confirm) {
      const charge = charges.find(attemptId);
      if (charge === null) return "no-such-charge";
      const ruling = keep(charge, completed(charge, clientSecret, confirm));
      if (!refused(ruling) && ruling !== charge) tell(ruling);
      return ruling;
    },
    settleDue(limit) {
      const due = charges.due(nowMs(), limit);
      for (const charge of due) tell(keep(charge, cameDue(charge)));
      return due.length;
    },
  };
}

const isSame = (refund: KeptRefund, attemptId: string, amount: KeptRefund["amount"]): boolean =>
  refund.attemptId === attemptId &&
  refund.amount.amount === amount.amount &&
  refund.amount.currency === amount.currency;
