import { mkdtemp } from "node:fs/promises";
import { join } from "node:path";
import { hasHaproxy } from "../../test/system/haproxy.ts";
import { rounded, shown, spreadOf } from "../support/figures.ts";
import { type LoadResult, reserveUnderLoad } from "../support/load.ts";
import { type NodeGroup, startNodeGroup } from "../support/node-group.ts";
import type { Bench, Check, Part, PartResult } from "../support/part.ts";
import { processorMicros } from "../support/process-figures.ts";
import { hasWrk } from "../support/wrk.ts";

/** Processes of the generator: each of several nodes has clients of its own, and none finds another's pace. */
const GENERATORS = 4;
const CONNECTIONS_EACH = 16;
const NODES = 4;
const WARM_UP_SECONDS = 3;
/** What the slowest node's clients may get at the least, of what they would get if all got the same. */
const LEAST_SHARE = 0.25;

interface Variant {
  readonly name: string;
  readonly nodes: number;
  readonly proxied: boolean;
}

const ONE = { name: "1 node", nodes: 1, proxied: false };
const UNROUTED = { name: "4 nodes, clients spread over them", nodes: NODES, proxied: false };
const ROUTED = { name: "4 nodes behind HAProxy, by the event's id", nodes: NODES, proxied: true };
const ONE_PROXIED = { name: "1 node behind HAProxy", nodes: 1, proxied: true };

interface Run {
  readonly createdPerSecond: number;
  /** The median of its generators, and the worst. */
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly failed: number;
  /** 201s of the generator that got fewest, of what each would have if all got the same. */
  readonly leastShare: number;
  /** Processor time of all nodes together for each 201. */
  readonly processorMicros: number | null;
}

export const nodes: Part = {
  name: "nodes",
  about: `one hot ticket type on ${NODES} API nodes and on one, ${GENERATORS * CONNECTIONS_EACH} connections, same cores`,
  async run(bench) {
    if (!hasWrk) throw new Error("this part needs wrk (Debian: apt-get install wrk)");
    if (!hasHaproxy) bench.say("haproxy is not there (Debian: apt-get install haproxy): no figures with routing");
    const variants = [ONE, UNROUTED, ...(hasHaproxy ? [ROUTED, ONE_PROXIED] : [])];
    const runs = new Map<string, Run[]>(variants.map(({ name }) => [name, []]));
    for (let round = 1; round <= bench.options.repeats; round += 1) {
      for (const variant of variants) {
        const run = await measure(bench, variant);
        runs.get(variant.name)?.push(run);
        const { createdPerSecond, p99Ms, leastShare } = run;
        const share = rounded(leastShare);
        bench.say(
          `round ${round}: ${variant.name}: ${rounded(createdPerSecond)}/s, p99 ${rounded(p99Ms)} ms, share ${share}`,
        );
      }
    }
    return resultOf(runs);
  },
};

async function measure(bench: Bench, { nodes: count, proxied }: Variant): Promise<Run> {
  const postgres = await bench.postgres();
  const { profileDir, seconds } = bench.options;
  const group = await startNodeGroup({ postgres, workDir: bench.workDir, nodes: count, proxied, profileDir });
  try {
    const warmUp = await reserveFromAll(bench, group, WARM_UP_SECONDS);
    const before = await microsOf(group);
    const results = await reserveFromAll(bench, group, seconds);
    const after = await microsOf(group);
    await group.settle([...warmUp, ...results].map(({ keys }) => keys));
    const created = sum(results, (result) => result.created);
    const sorted = results.map(({ p50Ms }) => p50Ms).toSorted((a, b) => a - b);
    return {
      createdPerSecond: sum(results, (result) => result.createdPerSecond),
      p50Ms: sorted[Math.floor(sorted.length / 2)] ?? 0,
      p99Ms: Math.max(...results.map(({ p99Ms }) => p99Ms)),
      failed: sum([...warmUp, ...results], (result) => result.failed),
      leastShare: (Math.min(...results.map((result) => result.created)) * results.length) / created,
      processorMicros: before === null || after === null ? null : (after - before) / created,
    };
  } finally {
    await group.stop();
  }
}

/** All generators at once, each at an entrance of its own where there are as many. */
const reserveFromAll = ({ workDir }: Bench, group: NodeGroup, seconds: number): Promise<LoadResult[]> =>
  Promise.all(
    Array.from({ length: GENERATORS }, async (_, index) =>
      reserveUnderLoad({
        ...group.sale,
        tokens: group.tokens,
        port: group.entrances[index % group.entrances.length] as number,
        connections: CONNECTIONS_EACH,
        seconds,
        workDir: await mkdtemp(join(workDir, "generator-")),
      }),
    ),
  );

async function microsOf({ nodes: of }: NodeGroup): Promise<number | null> {
  const each = await Promise.all(of.map(({ pid }) => processorMicros(pid)));
  return each.reduce((total, one) => (total === null || one === null ? null : total + one), 0);
}

const sum = (results: readonly LoadResult[], value: (result: LoadResult) => number): number =>
  results.reduce((total, result) => total + value(result), 0);

function resultOf(runs: ReadonlyMap<string, readonly Run[]>): PartResult {
  const spread = (name: string, value: (run: Run) => number) => spreadOf((runs.get(name) ?? []).map(value));
  const rate = (name: string) => spread(name, (run) => run.createdPerSecond).median;
  const heading = ["", "201s/s", "p50 ms", "p99 ms", "failed", "slowest's share", "CPU µs each", "x 1 node"];
  const rows = [...runs.keys()].map((name) => [
    name,
    shown(spread(name, (run) => run.createdPerSecond)),
    shown(spread(name, (run) => run.p50Ms)),
    shown(spread(name, (run) => run.p99Ms)),
    rounded(spread(name, (run) => run.failed).max),
    shown(spread(name, (run) => run.leastShare)),
    shown(spread(name, (run) => run.processorMicros ?? 0)),
    rounded(rate(name) / rate(ONE.name)),
  ]);
  return { table: [heading, ...rows], checks: checksOf(runs), measurements: Object.fromEntries(runs) };
}

function checksOf(runs: ReadonlyMap<string, readonly Run[]>): Check[] {
  const median = (name: string, value: (run: Run) => number) => spreadOf((runs.get(name) ?? []).map(value)).median;
  const rate = (name: string) => median(name, (run) => run.createdPerSecond);
  const times = (name: string, floor: number): Check[] => {
    if (!runs.has(name)) return [];
    const ratio = rate(name) / rate(ONE.name);
    return [{ what: `${name}, times 1 node`, figure: rounded(ratio), floor: `at least ${floor}`, met: ratio >= floor }];
  };
  const least = Math.min(...(runs.get(UNROUTED.name) ?? []).map(({ leastShare }) => leastShare));
  const failed = Math.max(...[...runs.values()].flat().map((run) => run.failed));
  return [
    ...times(UNROUTED.name, 0.5),
    ...times(ROUTED.name, 0.9),
    {
      what: `${UNROUTED.name}: the slowest's share, in the worst round`,
      figure: rounded(least),
      floor: `at least ${LEAST_SHARE}`,
      met: least >= LEAST_SHARE,
    },
    { what: "failed, anywhere", figure: rounded(failed), floor: "at most 0", met: failed === 0 },
  ];
}
