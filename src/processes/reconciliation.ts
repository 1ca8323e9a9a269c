import type { Pool } from "pg";
import { derivedId } from "../commands/derived-id.ts";
import type { CommandContext } from "../commands/outcome.ts";
import type { Booking, OpenedBooking } from "../domain/booking-state.ts";
import { nextSteps } from "../domain/booking-steps.ts";
import type { Charge, PaymentProvider } from "../payments/port.ts";
import type { Clock, Log } from "../ports.ts";
import type { BookingProcess } from "./bookings.ts";

export const CREATE_RECONCILIATIONS = `
  create schema if not exists processes;
  create table if not exists processes.reconciliations (
    began_at timestamptz primary key,
    ended_at timestamptz not null,
    since timestamptz not null,
    charges integer not null,
    bookings integer not null,
    differences jsonb not null
  );`;

/** Something on which provider and bookings don't agree, and what was done about it. */
export interface Difference {
  readonly kind:
    | "charge-without-booking"
    | "booking-not-at-rest"
    | "charge-of-ended-booking"
    | "booking-without-charge"
    | "amounts-differ"
    | "refunds-differ";
  readonly bookingId: string;
  readonly attemptId: string;
  readonly done: "voided" | "refunded" | "driven" | "reported";
}

export interface ReconciliationReport {
  readonly charges: number;
  readonly bookings: number;
  readonly differences: readonly Difference[];
}

export interface ReconciliationOptions {
  readonly pool: Pool;
  readonly provider: PaymentProvider;
  readonly process: BookingProcess;
  /** Attempts of bookings that were captured since, as the read model has them; in portions. */
  readonly paidSince: (sinceMs: number) => AsyncIterable<{ readonly bookingId: string; readonly attemptId: string }>;
  readonly context: () => CommandContext;
  readonly clock: Clock;
  readonly log: Log;
}

/** What is younger is under way, and its process sees to it. */
const MIN_AGE_MS = 60_000;
/** Differences that one run keeps; more are counted in the log only. */
const MAX_DIFFERENCES = 1_000;

/**
 * Holds what the provider has charged against what the bookings say, both ways. What can be repaired is: money that
 * nobody gets tickets for goes back. The rest is reported, in the log and in `processes.reconciliations`.
 *
 * Nothing is ever charged here.
 */
export async function reconcile(options: ReconciliationOptions, sinceMs: number): Promise<ReconciliationReport> {
  const { provider, process, paidSince, clock, log } = options;
  const beganMs = clock.nowMs();
  const differences: Difference[] = [];
  const note = (difference: Difference | null) => {
    if (difference === null) return;
    log.warn(difference, "provider and bookings differ");
    if (differences.length < MAX_DIFFERENCES) differences.push(difference);
  };
  const charged = new Set<string>();
  for await (const charge of provider.chargesSince(sinceMs)) {
    charged.add(charge.attemptId);
    note(await compare(options, charge, await process.look(charge.bookingId), beganMs));
  }
  let bookings = 0;
  for await (const { bookingId, attemptId } of paidSince(sinceMs)) {
    bookings += 1;
    if (charged.has(attemptId) || (await provider.lookUp(attemptId)) !== null) continue;
    note({ kind: "booking-without-charge", bookingId, attemptId, done: "reported" });
  }
  const report = { charges: charged.size, bookings, differences };
  await keep(options, report, sinceMs, beganMs);
  return report;
}

async function compare(
  options: ReconciliationOptions,
  charge: Charge,
  booking: Booking,
  nowMs: number,
): Promise<Difference | null> {
  const { bookingId, attemptId } = charge;
  if (booking.status === "missing" || booking.status === "abandoned" || booking.payment?.attemptId !== attemptId) {
    return giveBack(options, charge, "charge-without-booking");
  }
  if (nextSteps(booking).length > 0) {
    if (nowMs - Date.parse(booking.createdAt) < MIN_AGE_MS) return null;
    const { againAtMs } = await options.process.drive(bookingId, options.context());
    const isPending = charge.status === "pending" || charge.status === "requires-action";
    return isPending && againAtMs !== null
      ? null // the buyer has his time
      : { kind: "booking-not-at-rest", bookingId, attemptId, done: "driven" };
  }
  if (booking.payment.status !== "captured") return giveBack(options, charge, "charge-of-ended-booking");
  return amountsOf(charge, booking);
}

/** Money that is set aside or taken, and that no booking has a claim to. */
async function giveBack(
  { provider }: ReconciliationOptions,
  charge: Charge,
  kind: Difference["kind"],
): Promise<Difference | null> {
  const { bookingId, attemptId, chargeId, amount, refundedMinor, status } = charge;
  if (status === "declined" || status === "voided") return null;
  if (status !== "captured") {
    const { status: now } = await provider.void(charge);
    return { kind, bookingId, attemptId, done: now === "voided" ? "voided" : "reported" };
  }
  if (refundedMinor >= amount.amount) return null;
  const rest = { amount: amount.amount - refundedMinor, currency: amount.currency };
  await provider.refund({ refundId: derivedId(`reconciled/${attemptId}`), attemptId, chargeId, amount: rest });
  return { kind, bookingId, attemptId, done: "refunded" };
}

function amountsOf(charge: Charge, booking: OpenedBooking): Difference | null {
  const { bookingId, attemptId, amount, refundedMinor, status } = charge;
  const refunded = booking.refunds.reduce((sum, one) => sum + (one.succeeded ? one.amount.amount : 0), 0);
  if (status !== "captured") return { kind: "booking-without-charge", bookingId, attemptId, done: "reported" };
  if (amount.amount !== booking.total.amount || amount.currency !== booking.total.currency) {
    return { kind: "amounts-differ", bookingId, attemptId, done: "reported" };
  }
  return refunded === refundedMinor ? null : { kind: "refunds-differ", bookingId, attemptId, done: "reported" };
}

async function keep(
  { pool, clock }: ReconciliationOptions,
  { charges, bookings, differences }: ReconciliationReport,
  sinceMs: number,
  beganMs: number,
): Promise<void> {
  await pool.query(
    `insert into processes.reconciliations (began_at, ended_at, since, charges, bookings, differences)
     values ($1, $2, $3, $4, $5, $6) on conflict (began_at) do nothing`,
    [new Date(beganMs), new Date(clock.nowMs()), new Date(sinceMs), charges, bookings, JSON.stringify(differences)],
  );
}
