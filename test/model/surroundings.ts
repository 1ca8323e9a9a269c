import { setImmediate as turn } from "node:timers/promises";
import type { Surroundings } from "../../src/ports.ts";
import { START_MS } from "../support/surroundings.ts";

/** The one clock of all nodes, in the hands of the run. */
export interface RunClock {
  ms: number;
}

export const runClock = (): RunClock => ({ ms: START_MS });

/** Longer pauses are those of helpers that look after waiting commands: nothing waits that long here. */
const LONGEST_PAUSE_MS = 200;

/** A node's surroundings: time stands still during a step, and ids count up. */
export function surroundingsOf(clock: RunClock, node: number): Surroundings {
  let ids = node * 1_000_000_000;
  return {
    clock: { nowMs: () => clock.ms },
    newId() {
      ids += 1;
      return `00000000-0000-4000-8000-${String(ids).padStart(12, "0")}`;
    },
    random: () => 0.5,
    async pause(ms) {
      if (ms > LONGEST_PAUSE_MS) await new Promise(() => {});
      await turn();
    },
    soon: (run) => queueMicrotask(run),
    monotonicMs: () => clock.ms,
  };
}
