import { mkdtemp } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { SingleBar } from "cli-progress";
import pg from "pg";
import { startProduct } from "../../test/system/product.ts";
import { quantile, rounded } from "../support/figures.ts";
import { openListeners } from "../support/listeners.ts";
import { type MixedLoad, openMixedLoad } from "../support/mixed-load.ts";
import type { Bench, Check, Part, PartResult } from "../support/part.ts";
import { openLagMeter } from "../support/read-models.ts";
import { risesBy, type Sample, takeSample } from "../support/soak-samples.ts";

const LISTENERS = 100;
const PEAK_SECONDS = 15;
const SAMPLE_EVERY_MS = 5_000;
const HOLD_AND_TERMS = { HOLD_TTL_SECONDS: "30" };

/** Bounds on the second half; what fills caches does so in the first. */
const MOST = {
  /** Of what is resident: the collector's own waves are some 5 %. */
  residentShare: 0.1,
  /** Connections that come and go with listeners. */
  handles: 8,
  connections: 4,
  lagMs: 1_000,
  /** Of bytes an event: the log and what is read grow by what happens, and by no more. */
  bytesShare: 0.1,
  /** Of all rows: autovacuum comes at 20 % of a table, and takes its time. */
  deadShare: 0.35,
};

export const soak: Part = {
  name: "soak",
  about: "mixed load at half of what can be done, for --minutes (30): memory, handles, lag and bloat stay as they are",
  byName: true,
  async run(bench) {
    const postgres = await bench.postgres();
    const databaseUrl = await postgres.freshDatabase();
    const dataDir = await mkdtemp(join(bench.workDir, "product-"));
    const product = await startProduct({
      databaseUrl,
      dataDir,
      rateLimitPerMinute: 1_000_000_000,
      env: HOLD_AND_TERMS,
    });
    const load = await openMixedLoad(product.port);
    const listening = await openListeners(product.port, `/events/${load.sale.eventId}/availability/stream`, LISTENERS);
    try {
      await load.run(PEAK_SECONDS, null); // what has just started is slow
      const peak = await load.run(PEAK_SECONDS, null);
      const half = peak.deeds / PEAK_SECONDS / 2;
      bench.say(`at most ${rounded(peak.requests / PEAK_SECONDS)} requests/s; half of that from now on`);
      return await soaked(bench, databaseUrl, product.pid, load, half);
    } finally {
      await listening.close();
      load.close();
      await product.stop();
    }
  },
};

async function soaked(bench: Bench, databaseUrl: string, pid: number, load: MixedLoad, deedsPerSecond: number) {
  const seconds = bench.options.minutes * 60;
  const pool = new pg.Pool({ connectionString: databaseUrl, max: 1 });
  const lag = await openLagMeter(databaseUrl);
  const samples: Sample[] = [];
  const bar = new SingleBar({ format: "  {bar} {value} of {total} s, {memory} MiB, lag {lag} ms, {events} events" });
  bar.start(seconds, 0, { memory: "-", lag: "-", events: "-" });
  const begun = performance.now();
  const elapsed = () => (performance.now() - begun) / 1_000;
  const running = load.run(seconds, deedsPerSecond);
  try {
    while (elapsed() < seconds) {
      const sample = await takeSample(pool, lag, pid, elapsed());
      samples.push(sample);
      const { residentMiB, lagMs, events } = sample;
      bar.update(Math.floor(elapsed()), { memory: rounded(residentMiB), lag: rounded(lagMs), events: rounded(events) });
      await pause(SAMPLE_EVERY_MS);
    }
    bar.stop();
    const done = await running;
    for (const [how, count] of Object.entries(load.failures)) bench.say(`failed: ${how}, ${count} times`);
    return resultOf(samples, done, seconds);
  } finally {
    bar.stop();
    await lag.close();
    await pool.end();
  }
}

type Done = Awaited<ReturnType<MixedLoad["run"]>>;

function resultOf(samples: readonly Sample[], done: Done, seconds: number): PartResult {
  const second = samples.slice(Math.floor(samples.length / 2));
  const [first, middle, last] = [samples[0], second[0], samples.at(-1)] as [Sample, Sample, Sample];
  const row = (what: string, figure: (sample: Sample) => number) => [
    what,
    ...[first, middle, last].map((sample) => rounded(figure(sample))),
    rounded(risesBy(second, figure)),
  ];
  const table = [
    ["", "beginning", "middle", "end", "rise of the second half"],
    row("resident MiB", (sample) => sample.residentMiB),
    row("file handles", (sample) => sample.fileHandles),
    row("connections to Postgres", (sample) => sample.connections),
    row("lag ms", (sample) => sample.lagMs),
    row("events", (sample) => sample.events),
    row("log, bytes an event", logBytesEach),
    row("all else, bytes an event", otherBytesEach),
    row("dead rows, share", deadShare),
    ["requests/s", "", "", rounded(done.requests / seconds), ""],
  ];
  return { table, checks: checksOf(second, middle, done), measurements: { samples, done } };
}

const logBytesEach = ({ logBytes, events }: Sample): number => logBytes / Math.max(1, events);
const otherBytesEach = ({ otherBytes, events }: Sample): number => otherBytes / Math.max(1, events);
const deadShare = ({ deadRows, liveRows }: Sample): number => deadRows / Math.max(1, deadRows + liveRows);

function checksOf(second: readonly Sample[], middle: Sample, done: Done): readonly Check[] {
  const atMost = (what: string, value: number, most: number): Check => ({
    what,
    figure: rounded(value),
    floor: `at most ${rounded(most)}`,
    met: value <= most,
  });
  const rise = (figure: (sample: Sample) => number) => risesBy(second, figure);
  const lags = second.map(({ lagMs }) => lagMs).toSorted((a, b) => a - b);
  return [
    atMost("resident memory rises, share", rise((one) => one.residentMiB) / middle.residentMiB, MOST.residentShare),
    atMost(
      "file handles rise",
      rise((one) => one.fileHandles),
      MOST.handles,
    ),
    atMost(
      "connections to Postgres rise",
      rise((one) => one.connections),
      MOST.connections,
    ),
    atMost("lag, median, ms", quantile(lags, 0.5), MOST.lagMs),
    atMost("log, bytes an event rise, share", rise(logBytesEach) / logBytesEach(middle), MOST.bytesShare),
    atMost("all else, bytes an event rise, share", rise(otherBytesEach) / otherBytesEach(middle), MOST.bytesShare),
    atMost("dead rows at the end, share", deadShare(second.at(-1) ?? middle), MOST.deadShare),
    atMost("requests without an answer, or 5xx", done.failed, 0),
  ];
}
