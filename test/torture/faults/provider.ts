import type { RunningTown } from "../town/running-town.ts";
import type { Fault } from "./fault.ts";

const WELL = { failPercent: 0, delayPercent: 0, delayMs: 0, answerLostPercent: 0 };

/** The payment provider is slow, fails, or does what it is asked and its answer is lost. */
export function failingProvider({ provider }: RunningTown): readonly Fault[] {
  const common = { group: "provider", lastsMs: [2_000, 8_000], overlaps: false } as const;
  const undo = () => provider.healFaults();
  return [
    {
      ...common,
      name: "provider slow",
      weight: 2,
      async strike(chance) {
        const delayMs = 200 + chance.below(6_000);
        provider.setFaults({ ...WELL, delayPercent: 50, delayMs });
        return { what: `the provider answers every other call ${delayMs} ms later`, undo };
      },
    },
    {
      ...common,
      name: "provider fails",
      weight: 2,
      async strike(chance) {
        const failPercent = 10 + chance.below(70);
        const answerLostPercent = chance.below(20);
        provider.setFaults({ ...WELL, failPercent, answerLostPercent });
        return {
          what: `${failPercent} % of calls to the provider fail, ${answerLostPercent} % lose their answer`,
          undo,
        };
      },
    },
  ];
}
