import { STEP_MS } from "../checker/idle.ts";
import { ASKED, type Asked } from "../crowd/latencies.ts";
import type { RehearsalResult } from "../rehearsal.ts";
import type { Chart, Series } from "./chart.ts";

const POINTS = 160;
const TITLES: Readonly<Record<Asked, string>> = {
  enter: "Entering the line",
  place: "Asking for one's place",
  reserve: "Reserving",
  purchase: "Buying",
};

/** The charts of a report. */
export interface Charts {
  /** In each second. */
  readonly happened: readonly Chart[];
  /** How long answers took. */
  readonly took: readonly Chart[];
}

export function chartsOf({ evidence, verdict, crowd, startedAtMs, plan }: RehearsalResult): Charts {
  const { opensAtMs, overAtMs } = evidence.terms;
  const { moments, books } = verdict;
  const from = Math.floor((startedAtMs - opensAtMs) / 1_000);
  const to = Math.ceil((overAtMs - opensAtMs) / 1_000);
  const width = Math.max(1, Math.ceil((to - from) / POINTS));
  const places = Array.from({ length: Math.ceil((to - from) / width) }, (_, n) => from + n * width);
  const each = (valueAt: (second: number) => number | null): Series["points"] =>
    places.map((second) => [second, valueAt(second)]);
  const momentAt = (second: number) =>
    second < 0 ? undefined : moments[Math.min(moments.length - 1, Math.round((second * 1_000) / STEP_MS))];
  const rate = (times: readonly number[]) => {
    const counts = new Map<number, number>();
    for (const atMs of times) {
      const bin = Math.floor(((atMs - opensAtMs) / 1_000 - from) / width);
      counts.set(bin, (counts.get(bin) ?? 0) + 1 / width);
    }
    return each((second) => counts.get((second - from) / width) ?? 0);
  };
  const entered = evidence.records.flatMap(({ enteredAtMs }) => enteredAtMs ?? []);
  const calledBetween = (second: number) =>
    second < 0 ? 0 : ((momentAt(second + width)?.called ?? 0) - (momentAt(second)?.called ?? 0)) / width;
  const inShop = steady(
    evidence.records.flatMap(({ calledAtMs, leftAtMs }) => during(calledAtMs, leftAtMs ?? overAtMs)),
  );
  const standAt = (second: number) => books.stands.findLast(({ atMs }) => atMs <= opensAtMs + second * 1_000);
  const common = { from, to };
  const happened: Chart[] = [
    {
      ...common,
      title: "At the door",
      unit: "people a second",
      series: [
        { name: "arrive", colour: "a", points: rate(entered), filled: true },
        { name: "are called in", colour: "b", points: each(calledBetween) },
      ],
    },
    {
      ...common,
      title: "Inside",
      unit: "people",
      series: [
        {
          name: "wait in the line",
          colour: "a",
          points: each((second) => momentAt(second)?.waiting ?? 0),
          filled: true,
        },
        {
          name: "have come in and are not done",
          colour: "b",
          points: each((second) => inShop(opensAtMs + second * 1_000)),
        },
      ],
    },
    {
      ...common,
      title: "Tickets",
      unit: `of ${plan.capacity.toLocaleString("en")}`,
      series: [
        { name: "sold", colour: "b", points: each((second) => standAt(second)?.booked ?? 0), filled: true },
        { name: "held", colour: "a", points: each((second) => standAt(second)?.held ?? 0) },
        {
          name: "idle, beyond the pace",
          colour: "d",
          points: each((second) => momentAt(second)?.withheld ?? 0),
        },
      ],
    },
  ];
  const took = ASKED.map((asked): Chart => {
    const within = (second: number) => crowd.latencies.within(asked, Math.floor(opensAtMs / 1_000) + second, width);
    return {
      ...common,
      title: TITLES[asked],
      unit: "ms to the answer",
      isLog: true,
      series: [
        { name: "p50", colour: "a", points: each((second) => within(second)?.p50Ms ?? null) },
        { name: "p99", colour: "c", points: each((second) => within(second)?.p99Ms ?? null) },
      ],
    };
  });
  return { happened, took };
}

const during = (fromMs: number | null, toMs: number): readonly (readonly [number, number])[] =>
  fromMs === null ? [] : [[fromMs, toMs]];

/** How many of the spans there are at a time; to be asked in ascending order. */
function steady(spans: readonly (readonly [number, number])[]): (atMs: number) => number {
  const starts = spans.map(([start]) => start).toSorted((a, b) => a - b);
  const ends = spans.map(([, end]) => end).toSorted((a, b) => a - b);
  const upTo = (times: readonly number[]) => {
    let passed = 0;
    return (atMs: number) => {
      while (passed < times.length && (times[passed] as number) <= atMs) passed += 1;
      return passed;
    };
  };
  const [begun, ended] = [upTo(starts), upTo(ends)];
  return (atMs) => begun(atMs) - ended(atMs);
}
