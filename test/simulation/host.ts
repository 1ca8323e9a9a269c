import { ClockLost, type Surroundings, type Timing } from "../../src/ports.ts";
import type { Chance } from "../model/chance.ts";
import { START_MS } from "../support/surroundings.ts";
import type { Scheduler } from "./scheduler.ts";

/** No timer is exactly on time. */
const LATEST_TIMER_MS = 1;

/** One start of one process. What it waits for are tasks of its own, so that it can be frozen, or ended at any of them. */
export class Host {
  readonly name: string;
  readonly scheduler: Scheduler;
  readonly chance: Chance;
  readonly surroundings: Surroundings;
  readonly timing: Timing;
  /** Of its clock, to the world's. */
  readonly clockOffsetMs: number;
  frozenUntilMs = 0;
  #hasClockFromMs = 0;
  #hasEnded = false;
  readonly #onEnd = new Set<() => void>();

  /**
   * @param number unlike that of any other start, because ids begin with it
   * @param skewMs by how much its clock is off, at most
   */
  constructor(name: string, number: number, scheduler: Scheduler, chance: Chance, skewMs: number) {
    this.name = name;
    this.scheduler = scheduler;
    this.chance = chance;
    this.clockOffsetMs = (2 * chance.next() - 1) * skewMs;
    this.timing = timingOf(this);
    this.surroundings = surroundingsOf(this, number);
  }

  get hasEnded(): boolean {
    return this.#hasEnded;
  }

  /** Nothing of it happens any more; what it had in memory is gone. */
  end(): void {
    this.#hasEnded = true;
    for (const told of this.#onEnd) told();
    this.#onEnd.clear();
  }

  /** Nothing of it happens for so long; then all that has come due meanwhile. */
  freeze(ms: number): void {
    this.frozenUntilMs = Math.max(this.frozenUntilMs, this.scheduler.nowMs + ms);
  }

  /** For so long it can't tell the time. */
  loseClock(ms: number): void {
    this.#hasClockFromMs = this.scheduler.nowMs + ms;
  }

  /** It goes on at once, and knows what time it is. */
  recover(): void {
    this.frozenUntilMs = 0;
    this.#hasClockFromMs = 0;
  }

  get hasClock(): boolean {
    return this.scheduler.nowMs >= this.#hasClockFromMs;
  }

  /** Tells the world when the process has ended. @returns takes it back */
  onEnd(told: () => void): () => void {
    this.#onEnd.add(told);
    return () => this.#onEnd.delete(told);
  }

  /** @returns takes it back */
  after(ms: number, what: string, run: () => void): () => void {
    return this.scheduler.after(ms, what, this, run);
  }
}

function timingOf(host: Host): Timing {
  return {
    pause(ms, signal) {
      if (signal?.aborted) return Promise.resolve();
      const { promise, resolve } = Promise.withResolvers<void>();
      const goOn = () => {
        signal?.removeEventListener("abort", goOn);
        takeBack();
        resolve();
      };
      const takeBack = host.after(ms + host.chance.next() * LATEST_TIMER_MS, "goes on", goOn);
      signal?.addEventListener("abort", goOn);
      return promise;
    },
    monotonicMs: () => host.scheduler.nowMs,
  };
}

function surroundingsOf(host: Host, number: number): Surroundings {
  const { scheduler, chance, timing } = host;
  let ids = number * 1_000_000;
  return {
    clock: {
      nowMs() {
        if (!host.hasClock) throw new ClockLost("simulated: no measurement");
        return START_MS + Math.floor(scheduler.nowMs + host.clockOffsetMs);
      },
    },
    newId() {
      ids += 1;
      return `00000000-0000-4000-8000-${String(ids).padStart(12, "0")}`;
    },
    random: () => chance.next(),
    pause: (ms) => timing.pause(ms),
    soon: (run) => void host.after(0, "soon", run),
    monotonicMs: () => scheduler.nowMs,
  };
}
