import { benchSeating } from "../seating.ts";
import { rounded, shown, spreadOf } from "../support/figures.ts";
import type { Part } from "../support/part.ts";

const CHOICES = 50_000;
const QUICK_CHOICES = 2_000;
const P99_WITHIN_MS = 0.2;

export const seating: Part = {
  name: "seating",
  about: "choosing the best seats for groups of 1 to 8 on a map of 50,000, 95 % full",
  async run({ options, say }) {
    const { quick, repeats } = options;
    const rounds = Array.from({ length: repeats + 1 }, (_, round) => {
      const figures = benchSeating(`seating ${round}`, quick ? QUICK_CHOICES : CHOICES);
      const { p50Ms, p99Ms, longestMs, none } = figures;
      const times = `p50 ${p50Ms.toFixed(4)} ms, p99 ${p99Ms.toFixed(4)} ms, the longest ${longestMs.toFixed(3)} ms`;
      say(`${round === 0 ? "to warm up" : `round ${round}`}: ${times}; ${none} groups found no seats side by side`);
      return figures;
    }).slice(1);
    const p99 = spreadOf(rounds.map(({ p99Ms }) => p99Ms));
    return {
      table: [
        ["figure", "median (least..most)"],
        ["choices a round", rounded(rounds[0]?.choices ?? 0)],
        ["p50 ms", shown(spreadOf(rounds.map(({ p50Ms }) => p50Ms)))],
        ["p99 ms", shown(p99)],
        ["longest ms", shown(spreadOf(rounds.map(({ longestMs }) => longestMs)))],
      ],
      checks: [
        {
          what: "best available, groups of 1 to 8, 50,000 seats, 95 % full, decide only, p99 ms",
          figure: shown(p99),
          floor: `under ${P99_WITHIN_MS}`,
          met: p99.median < P99_WITHIN_MS,
        },
      ],
      measurements: rounds,
    };
  },
};
