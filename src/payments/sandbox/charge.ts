import { timingSafeEqual } from "node:crypto";
import type { Money } from "../../domain/money.ts";
import type { Authorization, Charge, ChargeStatus } from "../port.ts";
import { methodNamed } from "./methods.ts";

/** What was asked for, beside the attempt's id. */
export type Order = Omit<Authorization, "attemptId">;

/** A charge as the provider keeps it. */
export interface KeptCharge {
  readonly attemptId: string;
  readonly chargeId: string;
  /** null: it was stopped before it was ever asked for. */
  readonly order: Order | null;
  readonly status: ChargeStatus;
  readonly refundedMinor: number;
  readonly clientSecret: string | null;
  readonly declineReason: string | null;
  /** Epoch milliseconds by the provider's clock. */
  readonly createdMs: number;
  /** When it is authorized by itself, by the provider's clock; null: never. */
  readonly dueMs: number | null;
}

/**
 * Why a call changes nothing. `id-reused`: the id is known with another body; `not-possible`: not with the charge as it
 * is, or more than is left.
 */
export type Refusal = "id-reused" | "no-such-charge" | "not-possible" | "wrong-secret";

export const refused = (ruling: object | Refusal): ruling is Refusal => typeof ruling === "string";

interface Fresh {
  readonly attemptId: string;
  readonly chargeId: string;
  readonly clientSecret: string;
  readonly nowMs: number;
}

/** A charge that was just asked for. */
export function begun(order: Order, { attemptId, chargeId, clientSecret, nowMs }: Fresh): KeptCharge {
  const { status, dueMs, declineReason } = methodNamed(order.method);
  return {
    attemptId,
    chargeId,
    order,
    status,
    refundedMinor: 0,
    clientSecret: status === "requires-action" ? clientSecret : null,
    declineReason: declineReason ?? null,
    createdMs: nowMs,
    dueMs: dueMs?.(nowMs, Date.parse(order.deadline)) ?? null,
  };
}

/** An attempt that was stopped before it was asked for: when that comes after all, it finds it voided. */
export const stoppedBefore = ({ attemptId, chargeId, nowMs }: Omit<Fresh, "clientSecret">): KeptCharge => ({
  attemptId,
  chargeId,
  order: null,
  status: "voided",
  refundedMinor: 0,
  clientSecret: null,
  declineReason: null,
  createdMs: nowMs,
  dueMs: null,
});

/** The same attempt asked for once more. */
export function askedAgain(charge: KeptCharge, order: Order): KeptCharge | Refusal {
  if (charge.order === null) return { ...charge, order };
  const { bookingId, amount, method, deadline } = charge.order;
  const same =
    bookingId === order.bookingId &&
    amount.amount === order.amount.amount &&
    amount.currency === order.amount.currency &&
    method === order.method &&
    deadline === order.deadline;
  return same ? charge : "id-reused";
}

export function captured(charge: KeptCharge): KeptCharge | Refusal {
  if (charge.status === "captured") return charge;
  return charge.status === "authorized" ? { ...charge, status: "captured" } : "not-possible";
}

/** Stopped, where it can still be; as it was otherwise. */
export function voided(charge: KeptCharge): KeptCharge {
  if (charge.status === "captured" || charge.status === "declined" || charge.status === "voided") return charge;
  const unstoppable = charge.order !== null && methodNamed(charge.order.method).unstoppable === true;
  if (charge.status === "pending" && unstoppable) return charge;
  return { ...charge, status: "voided", dueMs: null };
}

export function refunded(charge: KeptCharge, amount: Money): KeptCharge | Refusal {
  if (charge.status !== "captured" || charge.order === null) return "not-possible";
  const leftMinor = charge.order.amount.amount - charge.refundedMinor;
  if (amount.currency !== charge.order.amount.currency || amount.amount > leftMinor) return "not-possible";
  return { ...charge, refundedMinor: charge.refundedMinor + amount.amount };
}

/** Its time has come. */
export const cameDue = (charge: KeptCharge): KeptCharge => ({ ...charge, status: "authorized", dueMs: null });

/** The buyer has done, or refused to do, what `requires-action` waits for. */
export function completed(charge: KeptCharge, clientSecret: string, confirm: boolean): KeptCharge | Refusal {
  if (!isSame(charge.clientSecret ?? "", clientSecret)) return "wrong-secret";
  const status = confirm ? "authorized" : "declined";
  if (charge.status === status) return charge;
  if (charge.status !== "requires-action") return "not-possible";
  return { ...charge, status, declineReason: confirm ? null : "not-confirmed" };
}

function isSame(secret: string, given: string): boolean {
  const [right, got] = [Buffer.from(secret), Buffer.from(given)];
  return right.length > 0 && right.length === got.length && timingSafeEqual(right, got);
}

/** No amount was ever named; ISO 4217 has a code for that. */
const NO_AMOUNT: Money = { amount: 0, currency: "XXX" };

/** What is told of a charge. Of one that was stopped before it was asked for, booking and amount are not known. */
export const shown = ({ order, status, clientSecret, ...charge }: KeptCharge): Charge => ({
  chargeId: charge.chargeId,
  attemptId: charge.attemptId,
  bookingId: order?.bookingId ?? "",
  status,
  amount: order?.amount ?? NO_AMOUNT,
  refundedMinor: charge.refundedMinor,
  clientSecret: status === "requires-action" ? clientSecret : null,
  declineReason: charge.declineReason,
});
