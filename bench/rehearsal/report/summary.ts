import { rounded, table } from "../../support/figures.ts";
import { ASKED } from "../crowd/latencies.ts";
import type { RehearsalResult } from "../rehearsal.ts";

/** How many buyers ended how, most first. */
export function endingsOf({ evidence }: RehearsalResult): readonly (readonly [string, number])[] {
  const counts = new Map<string, number>();
  for (const { ending } of evidence.records) {
    const name = ending ?? "broken off";
    counts.set(name, (counts.get(name) ?? 0) + 1);
  }
  return [...counts].toSorted(([, a], [, b]) => b - a);
}

/** Figures of a run, by name. */
export function figuresOf({
  evidence,
  verdict,
  crowd,
  lateMs,
  weight,
  plan,
}: RehearsalResult): readonly (readonly [string, string])[] {
  const { opensAtMs, overAtMs } = evidence.terms;
  const { books, moments } = verdict;
  const last = books.stands.at(-1) ?? { held: 0, booked: 0 };
  const soldOut = books.stands.find(({ held, booked }) => held + booked >= books.capacity);
  const requests = [...evidence.answers.values()].reduce((sum, count) => sum + count, 0);
  const withheldSeconds = moments.reduce((sum, { withheld }) => sum + withheld / 4, 0);
  const times = ASKED.flatMap((asked): [string, string][] => {
    const overall = crowd.latencies.overall(asked);
    if (overall === null) return [];
    return [
      [`${asked}: p50, p99`, `${rounded(overall.p50Ms)} ms, ${rounded(overall.p99Ms)} ms (${rounded(overall.count)})`],
    ];
  });
  return [
    ["sold", `${rounded(last.booked)} of ${rounded(books.capacity)} tickets in ${rounded(books.bought.size)} bookings`],
    [
      "first taken to the last",
      soldOut === undefined ? "never" : `${rounded((soldOut.atMs - opensAtMs) / 1_000)} s after the opening`,
    ],
    ["over", `${rounded((overAtMs - opensAtMs) / 1_000)} s after the opening`],
    ["called", `${rounded(moments.at(-1)?.called ?? 0)} people, ${rounded(plan.admitPerMinute)} a minute at most`],
    ["requests", rounded(requests)],
    ...times,
    [
      "most tickets idle at a time",
      `${rounded(Math.max(0, ...moments.map(({ withheld }) => withheld)))}; ${rounded(withheldSeconds)} ticket-seconds in all`,
    ],
    ["the buyers' own process late, p99", `${rounded(lateMs)} ms`],
    ...(weight === null
      ? []
      : ([
          [
            "the node",
            `${rounded(weight.processorMicros / 1e6)} s of processor time, ${rounded(weight.peakMiB)} MiB at most`,
          ],
        ] as const)),
  ];
}

/** What the terminal says at the end. */
export function summaryOf(result: RehearsalResult): string {
  const { findings, isWell } = result.verdict;
  const verdict = findings.flatMap(({ what, figure, met, examples }) => [
    [met ? "ok" : "FAILED", what, rounded(figure)],
    ...examples.map((example) => ["", `  ${example}`, ""]),
  ]);
  const parts = [
    table([["", "buyers", ""], ...endingsOf(result).map(([name, count]) => ["", name, rounded(count)])]),
    table([["", "figure", ""], ...figuresOf(result).map(([name, figure]) => ["", name, figure])]),
    table([["", "verdict", ""], ...verdict]),
    isWell ? "All as it has to be." : "NOT as it has to be.",
  ];
  return parts
    .join("\n\n")
    .split("\n")
    .map((line) => `  ${line}`.trimEnd())
    .join("\n");
}
