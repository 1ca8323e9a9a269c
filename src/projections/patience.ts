import { cpus } from "node:os";

/** Of the projector of what may come later. */
export const PATIENT_LEASE = "patient-projector";

/** Of what the patient projector is given at a time: large batches cost least. */
export const PATIENT_BATCH = 5_000;

/** Of the time, at most so much goes into it while others are busy, and while they are not. */
const SHARE_WHEN_BUSY = 0.1;
const SHARE_WHEN_IDLE = 0.7;
const BUSY_FROM = 0.5;
/** Also when nothing is waiting: few transactions, and still soon enough for somebody who looks. */
const AT_LEAST_MS = 250;

/**
 * How long to rest after work.
 * @param busy of the time since it was asked last, 0 to 1
 */
export function restAfter(workedMs: number, busy: number): number {
  const share = busy > BUSY_FROM ? SHARE_WHEN_BUSY : SHARE_WHEN_IDLE;
  return Math.max(AT_LEAST_MS, workedMs / share - workedMs);
}

/** What tells how busy others are. */
export interface Surroundings {
  readonly loop: Pick<Performance, "eventLoopUtilization">;
  readonly cpus: () => readonly Pick<ReturnType<typeof cpus>[number], "times">[];
}

/**
 * {@link restAfter}: by the processors, because a Postgres on this machine that sells can be busy while this process waits
 * for it, and by the process's own event loop, which is one of many processors only.
 */
export function restWhileBusy(
  { loop, cpus: look }: Surroundings = { loop: performance, cpus },
): (workedMs: number) => number {
  let before = { loop: loop.eventLoopUtilization(), machine: timesOf(look()) };
  return (workedMs) => {
    const now = { loop: loop.eventLoopUtilization(), machine: timesOf(look()) };
    const { utilization } = loop.eventLoopUtilization(now.loop, before.loop);
    const all = now.machine.all - before.machine.all;
    const machine = all <= 0 ? 0 : 1 - (now.machine.idle - before.machine.idle) / all;
    before = now;
    return restAfter(workedMs, Math.max(utilization, machine));
  };
}

/** Milliseconds of all processors together. */
function timesOf(processors: ReturnType<Surroundings["cpus"]>): { readonly idle: number; readonly all: number } {
  let [idle, all] = [0, 0];
  for (const { times } of processors) {
    idle += times.idle;
    all += times.user + times.nice + times.sys + times.irq + times.idle;
  }
  return { idle, all };
}
