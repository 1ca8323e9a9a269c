import type { Progress } from "../../test/system/called-off/calling-off.ts";
import type { CalledOffProof } from "../../test/system/called-off/proof.ts";
import { quantile, rounded, shown, spreadOf } from "./figures.ts";
import type { PartResult } from "./part.ts";

const RESIDENT_MIB = 512;

/** How far a cancelled event had come at a moment. */
export interface Sample extends Progress {
  /** Since the 202. */
  readonly atMs: number;
  /** How long the answer took. */
  readonly tookMs: number;
}

/** Calling one event off. */
export interface CalledOffRun {
  readonly proof: Omit<CalledOffProof, "cancelledAtMs" | "refundedAtMs">;
  readonly acceptedMs: number;
  /** From the 202 to DONE, with all interruptions and restarts. */
  readonly doneMs: number;
  /** After DONE was said, until nothing was held or booked. */
  readonly emptyMs: number;
  /** Recorded in each second of work; seconds without any, such as those of a restart, are left out. */
  readonly cancelledBySecond: readonly number[];
  readonly refundedBySecond: readonly number[];
  /** Of each run of the node. */
  readonly peakMiB: readonly number[];
  readonly interruptions: readonly string[];
  readonly samples: readonly Sample[];
  /** What others saw meanwhile who reserved tickets of another event, one at a time. */
  readonly othersMs: readonly number[];
}

/** @param last the sample before; undefined: it is the first */
export function progressLine(now: Sample, last: Sample | undefined): string {
  const seconds = (now.atMs - (last?.atMs ?? 0)) / 1_000;
  const rate = (count: (sample: Progress) => number) =>
    `${rounded(count(now))} (${rounded((count(now) - (last === undefined ? 0 : count(last))) / seconds)}/s)`;
  return (
    `${rounded(now.atMs / 1_000)} s: ${now.status}, cancelled ${rate(({ cancelled }) => cancelled)}, ` +
    `refunded ${rate(({ refundsSucceeded }) => refundsSucceeded)}, pending ${rounded(now.refundsPending)} ` +
    `of ${rounded(now.bookings)} bookings; asked in ${rounded(now.tookMs)} ms`
  );
}

/** How many there were in each second from the first to the last, those with none left out. */
export function bySecond(timesMs: readonly number[]): readonly number[] {
  return [...Map.groupBy(timesMs, (ms) => Math.floor(ms / 1_000))]
    .sort(([a], [b]) => a - b)
    .map(([, ones]) => ones.length);
}

export function calledOffResult(run: CalledOffRun): PartResult {
  const { proof, acceptedMs, doneMs, emptyMs, cancelledBySecond, refundedBySecond, peakMiB, samples } = run;
  const asked = spreadOf(samples.map(({ tookMs }) => tookMs));
  const othersMs = run.othersMs.toSorted((a, b) => a - b);
  const peak = Math.max(...peakMiB);
  return {
    table: [
      ["what", "figure"],
      ["paid bookings, each paid back in full, once", rounded(proof.paidBookings)],
      ["of them with tickets of another event, which stay", rounded(proof.mixedBookings)],
      ["open purchases that came to nothing", rounded(proof.withdrawnBookings)],
      ["reservations released", rounded(proof.reservationsWithdrawn)],
      ["entries of the waitlist ended", rounded(proof.waitlistEnded)],
      ["202 after ms", rounded(acceptedMs)],
      ["DONE after s, with two kills and a provider that hangs", rounded(doneMs / 1_000)],
      ["bookings a second, over all of it", rounded((proof.paidBookings / doneMs) * 1_000)],
      ["bookings cancelled in a second of work", shown(spreadOf(cancelledBySecond))],
      ["refunds made in a second of work", shown(spreadOf(refundedBySecond))],
      ["progress asked for, ms", shown(asked)],
      ["nothing held or booked after DONE, ms", rounded(emptyMs)],
      ["who reserved elsewhere waited ms, p50", rounded(quantile(othersMs, 0.5))],
      ["who reserved elsewhere waited ms, p99", rounded(quantile(othersMs, 0.99))],
      ["peak memory of the node, MiB, each run", peakMiB.map(rounded).join(", ")],
    ],
    checks: [
      {
        what: "all paid back once, by the log and by the provider's own record",
        figure: "so it is", // the proof throws otherwise
        floor: "no violation",
        met: true,
      },
      {
        what: "peak memory of the node, MiB",
        figure: rounded(peak),
        floor: `under ${RESIDENT_MIB}`,
        met: peak < RESIDENT_MIB,
      },
    ],
    measurements: run,
  };
}
