import { setTimeout as pause } from "node:timers/promises";
import { bare, redis, rowLock } from "../support/baseline-contenders.ts";
import type { Contender, RunningContender } from "../support/contender.ts";
import { quantile, rounded, shown, spreadOf } from "../support/figures.ts";
import { reserveUnderLoad } from "../support/load.ts";
import type { Bench, Check, Part, PartResult } from "../support/part.ts";
import { processorMicros } from "../support/process-figures.ts";
import { type ProductContender, product } from "../support/product-contender.ts";
import { hasRedis } from "../support/redis-server.ts";

const CONNECTIONS = 64;
const WARM_UP_SECONDS = 3;
const SAMPLE_LAG_MS = 100;

/** What one contender did in one run. */
interface Run {
  readonly createdPerSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly failed: number;
  /** Processor time of the answering process for each 201; what other programs do on the machine matters less to it. */
  readonly processorMicros: number | null;
  /** null where nothing projects. */
  readonly lagP99Ms: number | null;
}

export const hotReserve: Part = {
  name: "hot-reserve",
  about: `one hot ticket type, ${CONNECTIONS} connections, durable before the reply`,
  async run(bench) {
    const contenders = await contendersOf(bench);
    const runs = new Map<string, Run[]>(contenders.map(({ name }) => [name, []]));
    for (let round = 1; round <= bench.options.repeats; round += 1) {
      for (const contender of contenders) {
        const run = await measure(bench, contender);
        runs.get(contender.name)?.push(run);
        bench.say(
          `round ${round}: ${contender.name}: ${rounded(run.createdPerSecond)}/s, p99 ${rounded(run.p99Ms)} ms`,
        );
      }
    }
    return resultOf(runs);
  },
};

async function contendersOf(bench: Bench): Promise<readonly Contender[]> {
  const { workDir } = bench;
  const { profileDir, eventStoreUrl } = bench.options;
  const postgres = await bench.postgres();
  const ours = (name: string, projector: ProductContender["projector"], more: Partial<ProductContender> = {}) =>
    product({ name, postgres, workDir, projector, profileDir, ...more });
  return [
    bare(),
    rowLock(postgres),
    ...(hasRedis() ? [redis(workDir)] : []),
    ours(SAME, "in the same process"),
    ours(BESIDE, "in a process beside"),
    ours(STOPPED, "stopped"),
    ...(eventStoreUrl === null ? [] : [ours(ON_EVENTSTOREDB, "in the same process", { eventStoreUrl })]),
  ];
}

const SAME = "product, projector in the same process";
const BESIDE = "product, projector in a process beside";
const STOPPED = "product, projector stopped";
const ON_EVENTSTOREDB = "product on EventStoreDB";

async function measure(bench: Bench, contender: Contender): Promise<Run> {
  const running = await contender.start();
  try {
    const load = { ...running.target, connections: CONNECTIONS, workDir: bench.workDir };
    const warmUp = await reserveUnderLoad({ ...load, seconds: WARM_UP_SECONDS });
    const lag = sampleLag(running);
    const before = await processorMicros(running.pid);
    const result = await reserveUnderLoad({ ...load, seconds: bench.options.seconds });
    const after = await processorMicros(running.pid);
    const lags = await lag.stop();
    await running.settle([warmUp.keys, result.keys], warmUp.created + result.created);
    const { createdPerSecond, p50Ms, p99Ms } = result;
    const lagP99Ms = lags.length === 0 ? null : quantile(lags, 0.99);
    const micros = before === null || after === null ? null : (after - before) / result.created;
    const failed = warmUp.failed + result.failed;
    return { createdPerSecond, p50Ms, p99Ms, failed, processorMicros: micros, lagP99Ms };
  } finally {
    await running.stop();
  }
}

/** Looks at the lag ten times a second, from now on until it is stopped. */
function sampleLag(running: RunningContender): { stop(): Promise<readonly number[]> } {
  let stopped = false;
  const lags: number[] = [];
  const sampling = (async () => {
    while (!stopped) {
      const lagMs = await running.lagMs();
      if (lagMs === null) return;
      lags.push(lagMs);
      await pause(SAMPLE_LAG_MS);
    }
  })();
  sampling.catch(() => {}); // whoever stops it is told
  return {
    async stop() {
      stopped = true;
      await sampling;
      return lags.toSorted((a, b) => a - b);
    },
  };
}

function resultOf(runs: ReadonlyMap<string, readonly Run[]>): PartResult {
  const spread = (name: string, value: (run: Run) => number) => spreadOf((runs.get(name) ?? []).map(value));
  const rate = (name: string): number => spread(name, ({ createdPerSecond }) => createdPerSecond).median;
  const ratio = (name: string, to: string): string => (runs.has(to) ? rounded(rate(name) / rate(to)) : "-");
  const lag = (name: string): string =>
    runs.get(name)?.some(({ lagP99Ms }) => lagP99Ms !== null) ? shown(spread(name, (run) => run.lagP99Ms ?? 0)) : "-";
  const heading = [
    "",
    "201s/s",
    "p50 ms",
    "p99 ms",
    "failed",
    "CPU µs each",
    "lag p99 ms",
    "x row lock",
    "x bare",
    "x Redis",
  ];
  const rows = [...runs.keys()].map((name) => [
    name,
    shown(spread(name, (run) => run.createdPerSecond)),
    shown(spread(name, (run) => run.p50Ms)),
    shown(spread(name, (run) => run.p99Ms)),
    rounded(spread(name, (run) => run.failed).max),
    shown(spread(name, (run) => run.processorMicros ?? 0)),
    lag(name),
    ratio(name, "row lock"),
    ratio(name, "bare Fastify POST"),
    ratio(name, "Redis"),
  ]);
  return { table: [heading, ...rows], checks: checksOf(runs, rate), measurements: Object.fromEntries(runs) };
}

function checksOf(runs: ReadonlyMap<string, readonly Run[]>, rate: (name: string) => number): readonly Check[] {
  const atLeast = (name: string, to: string, floor: number): Check[] => {
    if (!runs.has(name) || !runs.has(to)) return [];
    const ratio = rate(name) / rate(to);
    return [{ what: `${name}, times ${to}`, figure: rounded(ratio), floor: `at least ${floor}`, met: ratio >= floor }];
  };
  const atMost = (name: string, what: string, value: (run: Run) => number, most: number): Check[] => {
    const { median } = spreadOf((runs.get(name) ?? []).map(value));
    return [{ what: `${name}: ${what}`, figure: rounded(median), floor: `at most ${most}`, met: median <= most }];
  };
  return [SAME, BESIDE]
    .flatMap((name) => [
      ...atLeast(name, "row lock", 10),
      ...atLeast(name, "bare Fastify POST", 0.3),
      ...atMost(name, "p99 ms", (run) => run.p99Ms, 50),
      ...atMost(name, "projection lag p99 ms", (run) => run.lagP99Ms ?? 0, 1_000),
      ...atMost(name, "failed", (run) => run.failed, 0),
    ])
    .concat(
      atLeast(STOPPED, "row lock", 15),
      atLeast(STOPPED, "bare Fastify POST", 0.4),
      atLeast(STOPPED, "Redis", 0.9),
      atLeast(ON_EVENTSTOREDB, "row lock", 6),
    );
}
