import { setImmediate as turn } from "node:timers/promises";
import { ClockLost, type Surroundings } from "../../src/ports.ts";

/** The time at which specs begin. */
export const START_MS = Date.parse("2027-03-01T12:00:00.000Z");

/** Time, chance and ids in the hands of a spec. Nothing moves by itself. */
export interface ControlledSurroundings extends Surroundings {
  /** Moves both clocks on; pauses that end meanwhile end in their order, each at its own time. */
  advance(ms: number): Promise<void>;
  /** Sets the wall clock alone, also backwards. */
  setClock(epochMs: number): void;
  /** From now on the clock throws `ClockLost`, until {@link ControlledSurroundings.setClock}. */
  loseClock(): void;
  /** What `random` gives next; 0.5 once they are used up. */
  randomNext(...values: readonly number[]): void;
  /** Lengths of all pauses asked for so far, in milliseconds. */
  readonly pauses: readonly number[];
  /** Keeps what is to run `soon` from running until {@link ControlledSurroundings.letRun}. */
  holdSoon(): void;
  letRun(): void;
}

/** Surroundings that begin at {@link START_MS} and give ids that count up. */
export function controlledSurroundings(seed = 0): ControlledSurroundings {
  let clockMs: number | null = START_MS;
  let monotonicMs = 1_000;
  let ids = seed * 1_000_000_000;
  let held: (() => void)[] | null = null;
  const randoms: number[] = [];
  const pauses: number[] = [];
  let timers: { readonly dueMs: number; readonly wake: () => void }[] = [];

  return {
    clock: {
      nowMs() {
        if (clockMs === null) throw new ClockLost("scripted");
        return clockMs;
      },
    },
    newId() {
      ids += 1;
      return `00000000-0000-4000-8000-${String(ids).padStart(12, "0")}`;
    },
    random: () => randoms.shift() ?? 0.5,
    pause(ms) {
      pauses.push(ms);
      return new Promise((wake) => timers.push({ dueMs: monotonicMs + ms, wake }));
    },
    soon(run) {
      if (held === null) queueMicrotask(run);
      else held.push(run);
    },
    monotonicMs: () => monotonicMs,

    pauses,
    async advance(ms) {
      const endMs = monotonicMs + ms;
      const moveTo = (ms: number): void => {
        if (clockMs !== null) clockMs += ms - monotonicMs;
        monotonicMs = ms;
      };
      await settled();
      for (;;) {
        const due = timers.filter((timer) => timer.dueMs <= endMs).sort((a, b) => a.dueMs - b.dueMs)[0];
        if (due === undefined) break;
        timers = timers.filter((timer) => timer !== due);
        moveTo(due.dueMs);
        due.wake();
        await settled();
      }
      moveTo(endMs);
    },
    setClock(epochMs) {
      clockMs = epochMs;
    },
    loseClock() {
      clockMs = null;
    },
    randomNext(...values) {
      randoms.push(...values);
    },
    holdSoon() {
      held ??= [];
    },
    letRun() {
      const runs = held ?? [];
      held = null;
      for (const run of runs) queueMicrotask(run);
    },
  };
}

/**
 * Resolves when nothing moves any more that waits neither for a pause nor for a gate: with a store in memory all the
 * rest happens in microtasks, and those are done before the event loop's next turn.
 */
export async function settled(): Promise<void> {
  await turn();
}
