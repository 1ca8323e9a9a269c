import { join } from "node:path";
import { startProduct } from "../../test/system/product.ts";
import { rounded, type Spread, shown, spreadOf } from "../support/figures.ts";
import type { Bench, Part, PartResult } from "../support/part.ts";
import { processorTime } from "../support/search-cost.ts";
import { type SearchFigures, type SearchRun, searchUnderLoad } from "../support/search-load.ts";
import { KINDS_OF_QUESTIONS, type SearchQuestion, searchQuestions } from "../support/search-questions.ts";
import { type SearchSizes, searchSizes, shownSizes } from "../support/search-sizes.ts";
import { type Programme, seededProgramme } from "../support/seeded-programme.ts";

const EVENTS = 1_000_000;
const QUICK_EVENTS = 5_000;
const CONNECTIONS = 16;
const P50_WITHIN_MS = 20;
const P99_WITHIN_MS = 150;
/** More than are asked in a round, so that hardly one is asked twice. */
const QUESTIONS_A_SECOND = 1_500;

export const search: Part = {
  name: "search",
  about: "GET /events/search over a million events, mixed questions, 16 connections",
  async run(bench) {
    const programme = await seededProgramme(bench, bench.options.quick ? QUICK_EVENTS : EVENTS);
    try {
      const sizes = await searchSizes(programme.databaseUrl);
      const rounds = await ask(bench, programme);
      return resultOf(programme, sizes, rounds);
    } finally {
      await programme.stop();
    }
  },
};

/** What was measured in a round, and what each search cost in processor time. */
interface Round extends SearchRun {
  /** Milliseconds each; null where the machine does not tell. */
  readonly nodeMs: number | null;
  readonly postgresMs: number | null;
}

/** Rounds of other questions each, after one that nobody counts. */
async function ask({ options, workDir, say }: Bench, programme: Programme): Promise<readonly Round[]> {
  const { seconds, repeats } = options;
  const aRound = seconds * QUESTIONS_A_SECOND;
  const questions = searchQuestions(programme.seed, programme.events, aRound * (repeats + 1));
  const product = await startProduct({
    databaseUrl: programme.databaseUrl,
    dataDir: join(workDir, "product"),
    roles: "api,projector",
  });
  try {
    const rounds: Round[] = [];
    for (let round = 0; round <= repeats; round += 1) {
      const own = questions.slice(round * aRound, (round + 1) * aRound) as readonly SearchQuestion[];
      const before = await processorTime(programme.databaseUrl, product.pid);
      const run = await searchUnderLoad(product.port, own, CONNECTIONS, seconds);
      const after = await processorTime(programme.databaseUrl, product.pid);
      const { perSecond, all } = run;
      const each = (key: "node" | "postgres") =>
        after[key] === null || before[key] === null ? null : (after[key] - before[key]) / 1_000 / all.searches;
      const [nodeMs, postgresMs] = [each("node"), each("postgres")];
      const figures = `${rounded(perSecond)}/s, p50 ${rounded(all.p50Ms)} ms, p99 ${rounded(all.p99Ms)} ms`;
      const cost = `${rounded(nodeMs ?? 0)} ms of the node's and ${rounded(postgresMs ?? 0)} ms of Postgres's time each`;
      say(
        `${round === 0 ? "to warm up" : `round ${round}`}: ${figures}, the longest ${rounded(all.maxMs)} ms; ${cost}`,
      );
      if (round > 0) rounds.push({ ...run, nodeMs, postgresMs });
    }
    return rounds;
  } finally {
    await product.stop(30_000);
  }
}

function resultOf({ events, seeding }: Programme, sizes: SearchSizes, rounds: readonly Round[]): PartResult {
  const spread = (value: (figures: SearchFigures) => number): Spread => spreadOf(rounds.map(({ all }) => value(all)));
  const p50 = spread(({ p50Ms }) => p50Ms);
  const p99 = spread(({ p99Ms }) => p99Ms);
  const refused = rounds.reduce((sum, one) => sum + one.refused, 0);
  const row = (kind: string, own: readonly SearchFigures[]): readonly string[] => {
    if (own.length === 0) return [kind, "0", "-", "-", "-", "-"];
    const of = (value: (figures: SearchFigures) => number) => shown(spreadOf(own.map(value)));
    const asked = own.reduce((sum, { searches }) => sum + searches, 0);
    return [
      kind,
      rounded(asked),
      of(({ foundMedian }) => foundMedian),
      of(({ p50Ms }) => p50Ms),
      of(({ p99Ms }) => p99Ms),
      rounded(Math.max(...own.map(({ maxMs }) => maxMs))),
    ];
  };
  const ofKind = (kind: string) => rounds.flatMap(({ byKind }) => byKind.filter((one) => one.kind === kind));
  return {
    table: [
      ["question", "asked", "found", "p50 ms", "p99 ms", "longest ms"],
      ...KINDS_OF_QUESTIONS.map((kind) => row(kind, ofKind(kind))),
      row(
        "all",
        rounds.map(({ all }) => all),
      ),
      ...shownSizes(sizes),
    ],
    checks: [
      {
        what: `search over ${rounded(events)} events, ${CONNECTIONS} connections, p50 ms`,
        figure: shown(p50),
        floor: `under ${P50_WITHIN_MS}`,
        met: p50.median < P50_WITHIN_MS,
      },
      { what: "the same, not found in time", figure: `${refused}`, floor: "none", met: refused === 0 },
      {
        what: "the same, p99 ms",
        figure: shown(p99),
        floor: `under ${P99_WITHIN_MS}`,
        met: p99.median < P99_WITHIN_MS,
      },
    ],
    measurements: { events, seeding, sizes, rounds },
  };
}
