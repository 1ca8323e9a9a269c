/** Of the projector of what may come later. */
export const PATIENT_LEASE = "patient-projector";

/** Of what the patient projector is given at a time: large batches cost least. */
export const PATIENT_BATCH = 5_000;

/** Of the time, at most so much goes into it while the process is busy, and while it is not. */
const SHARE_WHEN_BUSY = 0.1;
const SHARE_WHEN_IDLE = 0.7;
const BUSY_FROM = 0.5;
/** Also when nothing is waiting: few transactions, and still soon enough for somebody who looks. */
const AT_LEAST_MS = 250;

/**
 * How long to rest after work.
 * @param utilization of the event loop since it was asked last, 0 to 1
 */
export function restAfter(workedMs: number, utilization: number): number {
  const share = utilization > BUSY_FROM ? SHARE_WHEN_BUSY : SHARE_WHEN_IDLE;
  return Math.max(AT_LEAST_MS, workedMs / share - workedMs);
}

/** {@link restAfter} for this process, whose event loop it looks at. */
export function restWhileBusy(
  loop: Pick<Performance, "eventLoopUtilization"> = performance,
): (workedMs: number) => number {
  let before = loop.eventLoopUtilization();
  return (workedMs) => {
    const now = loop.eventLoopUtilization();
    const { utilization } = loop.eventLoopUtilization(now, before);
    before = now;
    return restAfter(workedMs, utilization);
  };
}
