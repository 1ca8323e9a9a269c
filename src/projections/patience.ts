import { cpus } from "node:os";

/** Of the projector of what may come later. */
export const PATIENT_LEASE = "patient-projector";

/** Of what the patient projector is given at a time: large batches cost least. */
export const PATIENT_BATCH = 5_000;

/** Of the time, at most so much goes into it while others are busy, and while they are not. */
const SHARE_WHEN_BUSY = 0.1;
const SHARE_WHEN_IDLE = 0.7;
const BUSY_FROM = 0.5;
/**
 * How long others are watched before it goes on; at least once also when nothing is waiting: few transactions, and still
 * soon enough for somebody who looks.
 */
const WATCH_MS = 250;

/** With less than that much to do it does not keep anybody waiting for longer, whoever is busy: it costs little. */
const LONGEST_WITH_LITTLE_MS = 500;

/** Rests after work, by pauses that end early when it is to stop. */
export type Rest = (
  worked: {
    readonly ms: number;
    /** Whether half a batch or more waits already. */
    readonly hasMuchToDo: boolean;
  },
  pause: (ms: number) => Promise<void>,
) => Promise<void>;

/** What tells how busy others are. */
export interface Surroundings {
  readonly loop: Pick<Performance, "eventLoopUtilization">;
  readonly cpus: () => readonly Pick<ReturnType<typeof cpus>[number], "times">[];
}

/**
 * Rests for as long as what others do asks for: by the processors, because a Postgres on this machine can be busy while
 * this process waits for it, and by the process's own event loop, which is one of many processors only. Its own work is
 * not in it, since it looks only while it rests; and once a rush is over it goes on within {@link WATCH_MS}.
 */
export const restWhileBusy =
  ({ loop, cpus: look }: Surroundings = { loop: performance, cpus }): Rest =>
  async ({ ms, hasMuchToDo }, pause) => {
    const longestMs = hasMuchToDo ? Number.POSITIVE_INFINITY : LONGEST_WITH_LITTLE_MS;
    let before = { loop: loop.eventLoopUtilization(), machine: timesOf(look()) };
    for (let restedMs = WATCH_MS; ; restedMs += WATCH_MS) {
      await pause(WATCH_MS);
      const now = { loop: loop.eventLoopUtilization(), machine: timesOf(look()) };
      const { utilization } = loop.eventLoopUtilization(now.loop, before.loop);
      const busy = Math.max(utilization, busyShare(before.machine, now.machine));
      if (restedMs >= Math.min(longestMs, restFor(ms, busy))) return;
      before = now;
    }
  };

function restFor(workedMs: number, busy: number): number {
  const share = busy > BUSY_FROM ? SHARE_WHEN_BUSY : SHARE_WHEN_IDLE;
  return workedMs / share - workedMs;
}

/** Milliseconds of all processors together. */
interface Times {
  readonly idle: number;
  readonly all: number;
}

function timesOf(processors: ReturnType<Surroundings["cpus"]>): Times {
  let [idle, all] = [0, 0];
  for (const { times } of processors) {
    idle += times.idle;
    all += times.user + times.nice + times.sys + times.irq + times.idle;
  }
  return { idle, all };
}

/** 0 to 1; their clock is coarse, so that it may have stood still. */
function busyShare(before: Times, now: Times): number {
  const all = now.all - before.all;
  return all <= 0 ? 0 : 1 - (now.idle - before.idle) / all;
}
