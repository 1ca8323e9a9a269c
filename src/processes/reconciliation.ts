import type { Pool } from "pg";
import { derivedId } from "../commands/derived-id.ts";
import type { CommandContext } from "../commands/outcome.ts";
import { nextSteps } from "../domain/booking-steps.ts";
import { type Charge, ChargeNotPossible, type PaymentProvider } from "../payments/port.ts";
import type { Clock, Log } from "../ports.ts";
import type { BookingProcess } from "./bookings.ts";
import { findingOf, isPending, onlyRefundsAreOpen } from "./reconciliation-findings.ts";
import { type Difference, keepReport, type ReconciliationReport } from "./reconciliation-reports.ts";

/** An attempt whose money was taken, as the read model has it. */
export interface PaidAttempt {
  readonly bookingId: string;
  readonly attemptId: string;
  readonly chargeId: string | null;
}

export interface ReconciliationOptions {
  readonly pool: Pool;
  readonly provider: PaymentProvider;
  readonly process: Pick<BookingProcess, "lookWithAge" | "drive">;
  /** Attempts of bookings that were captured since (epoch milliseconds), in portions. */
  readonly paidSince: (sinceMs: number) => AsyncIterable<PaidAttempt>;
  /** Refunds that were asked for before then and are not made, the oldest first. */
  readonly outstandingRefunds: (
    beforeMs: number,
    limit: number,
  ) => Promise<readonly { readonly bookingId: string; readonly attemptId: string; readonly refundId: string }[]>;
  readonly context: () => CommandContext;
  readonly clock: Clock;
  readonly log: Log;
}

/** What something was recorded of within this time is under way, and its process sees to it. */
const QUIET_MS = 60_000;
/** A refund that is not made within this time is worth a line; its booking's timer goes on asking for it. */
const OUTSTANDING_MS = 3_600_000;
/** Differences that one run keeps and logs; more are counted. */
const MAX_DIFFERENCES = 1_000;

/**
 * Holds what the provider has charged against what the bookings say, both ways. What can be repaired is: money that
 * nobody gets tickets for goes back. The rest is reported, in the log and in `processes.reconciliations`.
 *
 * Nothing is ever charged here, and what was done before is not done again.
 * @param sinceMs which charges and captures are looked at; epoch milliseconds
 * @param stop ends it in the middle, without a report
 * @throws ProviderUnavailable, Busy, StoreUnavailable, OutcomeUnknown; begin again later
 */
export async function reconcile(
  options: ReconciliationOptions,
  sinceMs: number,
  stop?: AbortSignal,
): Promise<ReconciliationReport> {
  const { pool, provider, paidSince, outstandingRefunds, clock, log } = options;
  const beganMs = clock.nowMs();
  const differences: Difference[] = [];
  let found = 0;
  const note = (difference: Difference | null) => {
    if (difference === null) return;
    found += 1;
    if (differences.length >= MAX_DIFFERENCES) return;
    log.warn(difference, "provider and bookings differ");
    differences.push(difference);
  };
  const listed = new Set<string>();
  for await (const charge of provider.chargesSince(sinceMs)) {
    stop?.throwIfAborted();
    listed.add(charge.attemptId);
    note(await ofCharge(options, charge));
  }
  let bookings = 0;
  for await (const { bookingId, attemptId, chargeId } of paidSince(sinceMs)) {
    stop?.throwIfAborted();
    bookings += 1;
    if (listed.has(attemptId)) continue;
    const charge = await provider.lookUp(attemptId, chargeId);
    const missing = { kind: "booking-without-charge", bookingId, attemptId, done: "reported" } as const;
    note(charge === null ? missing : await ofCharge(options, charge));
  }
  for (const refund of await outstandingRefunds(beganMs - OUTSTANDING_MS, MAX_DIFFERENCES)) {
    note({ kind: "refund-outstanding", ...refund, done: "reported" });
  }
  const report = { charges: listed.size, bookings, differences, found };
  await keepReport(pool, report, { beganMs, endedMs: clock.nowMs(), sinceMs });
  return report;
}

/**
 * A list of charges may be minutes old when its last one is looked at, and bookings go on meanwhile. So what seems to
 * differ is fetched once more, the charge before the booking: where nothing was recorded of the booking for a minute,
 * both are of the same time.
 */
async function ofCharge(options: ReconciliationOptions, listed: Charge): Promise<Difference | null> {
  const { provider, process } = options;
  if (findingOf(listed, (await process.lookWithAge(listed.bookingId)).booking) === null) return null;
  const charge = (await provider.lookUp(listed.attemptId, listed.chargeId)) ?? listed;
  const { booking, quietMs } = await process.lookWithAge(listed.bookingId);
  const finding = findingOf(charge, booking);
  if (finding === null || quietMs < QUIET_MS) return null;
  if (finding.todo === "drive") {
    // Its timer asks for it less and less often: see `looking-again.ts`.
    return onlyRefundsAreOpen(booking) && quietMs > OUTSTANDING_MS ? null : drive(options, charge);
  }
  const { bookingId, attemptId } = charge;
  const done = finding.todo === "report" ? "reported" : await giveBack(options, charge);
  return { kind: finding.kind, bookingId, attemptId, done };
}

/** Its process may have lost sight of it. What can't be finished now either, though nobody is at it, takes a person. */
async function drive({ process, context }: ReconciliationOptions, charge: Charge): Promise<Difference | null> {
  const { bookingId, attemptId } = charge;
  const { booking } = await process.drive(bookingId, context());
  const isAtRest = nextSteps(booking).length === 0;
  if (!isAtRest && (isPending(charge) || onlyRefundsAreOpen(booking))) return null;
  return { kind: "booking-not-at-rest", bookingId, attemptId, done: isAtRest ? "driven" : "reported" };
}

/** Money that is set aside or taken, and that no booking has a claim to. The same refund each time it is come across. */
async function giveBack({ provider }: ReconciliationOptions, charge: Charge): Promise<Difference["done"]> {
  const { attemptId, chargeId, amount, refundedMinor, status } = charge;
  try {
    const now = status === "captured" ? charge : await provider.void(charge);
    if (now.status === "voided" || now.status === "declined") return "voided";
    if (now.status !== "captured") return "reported";
    const rest = { amount: amount.amount - refundedMinor, currency: amount.currency };
    const refundId = derivedId(`reconciled/${attemptId}`);
    const refund = await provider.refund({ refundId, attemptId, chargeId, amount: rest });
    return refund.status === "failed" ? "reported" : "refunded";
  } catch (error) {
    if (error instanceof ChargeNotPossible) return "reported";
    throw error;
  }
}
