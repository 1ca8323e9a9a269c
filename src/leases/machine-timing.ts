import { setTimeout as sleep } from "node:timers/promises";
import type { Timing } from "../ports.ts";

/** This machine's timers and its monotonic clock. */
export const machineTiming: Timing = {
  pause: (ms, signal) => sleep(ms, undefined, signal === undefined ? {} : { signal }).catch(() => undefined),
  monotonicMs: () => performance.now(),
};
