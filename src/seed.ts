import { randomUUID } from "node:crypto";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { parseArgs } from "node:util";
import { SingleBar } from "cli-progress";
import pg from "pg";
import { createLogger } from "./api/server/logger.ts";
import { type Config, readConfig } from "./config.ts";
import { startEmbeddedPostgres } from "./embedded/embedded-postgres.ts";
import { type Foundation, type OnStop, openFoundation } from "./node/foundation.ts";
import { READ_MODELS } from "./projections/read-models.ts";
import { readStandings } from "./projections/registry.ts";
import { startProjector } from "./projections/runner.ts";
import { writeEvents } from "./seed/write-events.ts";

const DAY_MS = 86_400_000;
const MAX_EVENTS = 10_000_000;
const LOOK_MS = 250;
const PROJECTOR_CONNECTIONS = 4;

/**
 * `npm run seed -- --events N [--seed TEXT]`: puts N events of several kinds, in many towns, into the log, and brings the
 * read models up to date. The same seed on the same day gives the same events, and adds nothing the second time. Same
 * settings as a node's; one that runs is joined.
 */
async function main(): Promise<void> {
  const { values } = parseArgs({
    options: { events: { type: "string", default: "1000" }, seed: { type: "string", default: "boxoffice" } },
  });
  const count = Number(values.events);
  if (!(Number.isInteger(count) && count >= 1 && count <= MAX_EVENTS)) {
    throw new Error(`--events takes a whole number from 1 to ${MAX_EVENTS}`);
  }
  const config = readConfig(process.env);
  const closers: Parameters<OnStop>[0][] = [];
  const onStop: OnStop = (close) => void closers.push(close);
  const stop = new AbortController();
  process.once("SIGINT", () =>
    stop.abort(new Error("stopped; what was recorded stays, and the same seed goes on with it")),
  );
  try {
    const databaseUrl = config.databaseUrl ?? (await embedded(config, onStop));
    const log = createLogger("error");
    const foundation = await openFoundation({ ...config, databaseUrl, databaseReadUrl: databaseUrl }, log, onStop);
    const projector = startProjector({
      ...foundation,
      pool: foundation.poolFor("boxoffice-seed", PROJECTOR_CONNECTIONS),
      holder: randomUUID(),
    });
    onStop(() => projector.stop());
    const dayMs = Math.floor(foundation.clock.nowMs() / DAY_MS) * DAY_MS;
    await write(foundation, { seed: values.seed, dayMs }, count, stop.signal);
    await project(foundation, stop.signal);
  } finally {
    for (const close of closers.toReversed()) await close();
  }
}

/** The Postgres of DATA_DIR: that of a node that runs, else one of our own. */
async function embedded({ dataDir }: Config, onStop: OnStop): Promise<string> {
  const running = await readFile(join(dataDir, "database-url"), "utf8").catch(() => null);
  if (running !== null && (await answers(running.trim()))) return running.trim();
  const postgres = await startEmbeddedPostgres({ dataDir, log: { debug() {}, info() {}, warn: console.warn } });
  onStop(() => postgres.stop());
  return postgres.connectionString;
}

async function answers(connectionString: string): Promise<boolean> {
  const client = new pg.Client({ connectionString, connectionTimeoutMillis: 2_000 });
  return client.connect().then(
    () => client.end().then(() => true),
    () => false,
  );
}

const bar = (what: string) =>
  new SingleBar({
    format: `${what} [{bar}] {percentage}%  {value} of {total}  {speed}/s  {rest} s left`,
    hideCursor: true,
    noTTYOutput: true,
    notTTYSchedule: 5_000,
  });

async function write(
  { store }: Foundation,
  seed: Parameters<typeof writeEvents>[0]["seed"],
  count: number,
  signal: AbortSignal,
): Promise<void> {
  const written = bar("events in the log     ");
  const begun = performance.now();
  let total = 0;
  written.start(count, 0, { speed: 0, rest: "?" });
  try {
    await writeEvents({
      store,
      seed,
      count,
      signal,
      onProgress(events, recorded) {
        total = recorded;
        written.update(events, pace(events, count, begun));
      },
    });
  } finally {
    written.stop();
  }
  console.log(`${count} events are ${total} domain events, recorded in ${seconds(begun)} s`);
}

/** Waits for the read models; this process's projector brings them there, or that of a node that runs. */
async function project({ head, pool }: Foundation, signal: AbortSignal): Promise<void> {
  const names = new Set(READ_MODELS.map(({ name }) => name));
  const end = (await head()) ?? 0n;
  const projected = bar("read models, of the log");
  const begun = performance.now();
  let first: bigint | null = null;
  projected.start(Number(end), 0, { speed: 0, rest: "?" });
  try {
    for (;;) {
      signal.throwIfAborted();
      const checkpoints = (await readStandings(pool))
        .filter(({ name }) => names.has(name))
        .map((one) => one.checkpoint ?? 0n);
      const lowest = checkpoints.reduce((least, one) => (one < least ? one : least), end);
      first ??= lowest;
      projected.update(Number(lowest), pace(Number(lowest - first), Number(end - first), begun));
      if (lowest >= end) break;
      await pause(LOOK_MS, undefined, { signal });
    }
  } finally {
    projected.stop();
  }
  console.log(`read models are up to date, ${seconds(begun)} s later`);
}

function pace(done: number, all: number, begun: number): { speed: number; rest: number | string } {
  const perSecond = (done * 1_000) / (performance.now() - begun);
  return { speed: Math.round(perSecond), rest: perSecond > 0 ? Math.ceil((all - done) / perSecond) : "?" };
}

const seconds = (begun: number): string => ((performance.now() - begun) / 1_000).toFixed(1);

await main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
});
process.exit(); // what closes in order leaves timers of some seconds behind
