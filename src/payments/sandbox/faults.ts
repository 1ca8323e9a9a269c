import { setTimeout as pause } from "node:timers/promises";
import { z } from "zod";

const percent = z.number().min(0).max(100).default(0);

/** Which share of calls goes wrong, and how; for benchmarks and specs. */
export const faultsSchema = z.strictObject({
  /** Not done, and answered with 500. */
  failPercent: percent,
  delayPercent: percent,
  delayMs: z.int().min(0).max(60_000).default(0),
  /** Done, but the connection breaks instead of an answer. */
  answerLostPercent: percent,
});
export type FaultSettings = z.output<typeof faultsSchema>;

export interface Faults {
  set(settings: FaultSettings): void;
  /** Waits, if this call is to be late. @returns whether it is to fail */
  before(): Promise<boolean>;
  /** Whether the answer to this call is to be lost. */
  answerLost(): boolean;
}

/** No faults until they are set; a restart ends them. @param random from 0 to below 1 */
export function faults(random: () => number): Faults {
  let settings: FaultSettings = { failPercent: 0, delayPercent: 0, delayMs: 0, answerLostPercent: 0 };
  const hits = (share: number) => share > 0 && random() * 100 < share;
  return {
    set(to) {
      settings = to;
    },
    async before() {
      if (hits(settings.failPercent)) return true;
      if (hits(settings.delayPercent)) await pause(settings.delayMs);
      return false;
    },
    answerLost: () => hits(settings.answerLostPercent),
  };
}
