import { randomUUID } from "node:crypto";
import { mkdtemp } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { freePort } from "../../src/embedded/free-port.ts";
import { startChild } from "../../test/system/child.ts";
import { createHttpClient, type HttpClient } from "../../test/system/http-client.ts";
import { startProduct } from "../../test/system/product.ts";
import { expectStatus, guests, openSale, reserve } from "../../test/system/shop.ts";
import { rounded, shown, spreadOf } from "../support/figures.ts";
import type { Target } from "../support/load.ts";
import type { Bench, Check, Part, PartResult } from "../support/part.ts";
import { processorMicros } from "../support/process-figures.ts";
import { type ReadLoad, type ReadResult, readUnderLoad } from "../support/read-load.ts";

const CONNECTIONS = 64;
const WARM_UP_SECONDS = 2;
/** Of the event that is read, meanwhile: each projected batch makes what is kept of it out of date. */
const RESERVATIONS_PER_SECOND = 100;
const READS_TO_A_WRITE = 100;
const ACCOUNTS = 200;
const CAPACITY = 10_000_000;
/** Registered, and never reached. */
const RATE_LIMIT_PER_MINUTE = 1_000_000_000;

const BARE = "bare Fastify GET";
const RESERVED = `GET /events/{id}, ${RESERVATIONS_PER_SECOND} reservations/s beside`;
const QUIET = "GET /events/{id}, nothing beside";
const COUNTS = `GET .../availability, ${RESERVATIONS_PER_SECOND} reservations/s beside`;
const MIXED = `${READS_TO_A_WRITE} GET /events/{id} to 1 reservation`;

interface Run extends ReadResult {
  /** Processor time of the answering process for each answer. */
  readonly processorMicros: number | null;
}

export const reads: Part = {
  name: "reads",
  about: `one hot event, ${CONNECTIONS} connections, beside a bare GET of the same size`,
  async run(bench) {
    const office = await openOffice(bench);
    const runs = new Map<string, Run[]>();
    try {
      const page = await expectStatus(200, office.client.call("GET", office.page));
      const bare = await startBare(JSON.stringify(page.body));
      const at = (port: number, path: string): Asked => ({ port, path, writes: null });
      const ours = (path: string): Asked => at(office.target.port, path);
      const writes = { afterReads: READS_TO_A_WRITE, target: office.target };
      const measure = async (name: string, pid: number, asked: Asked, beside: boolean) => {
        const run = await measured(bench, pid, asked, beside ? office : null);
        runs.set(name, [...(runs.get(name) ?? []), run]);
        bench.say(`${name}: ${rounded(run.perSecond)}/s, p99 ${rounded(run.p99Ms)} ms`);
      };
      try {
        for (let round = 1; round <= bench.options.repeats; round += 1) {
          await measure(BARE, bare.pid, at(bare.port, office.page), false);
          await measure(RESERVED, office.pid, ours(office.page), true);
          await measure(QUIET, office.pid, ours(office.page), false);
          await measure(COUNTS, office.pid, ours(`${office.page}/availability`), true);
          await measure(MIXED, office.pid, { ...ours(office.page), writes }, false);
        }
      } finally {
        await bare.stop();
      }
    } finally {
      await office.stop();
    }
    return resultOf(runs);
  },
};

type Asked = Pick<ReadLoad, "port" | "path" | "writes">;

interface Office {
  readonly target: Target;
  readonly pid: number;
  readonly page: string;
  readonly client: HttpClient;
  stop(): Promise<void>;
}

async function openOffice({ postgres, workDir, options }: Bench): Promise<Office> {
  const databaseUrl = await (await postgres()).freshDatabase();
  const product = await startProduct({
    databaseUrl,
    dataDir: await mkdtemp(join(workDir, "product-")),
    roles: "api,projector",
    rateLimitPerMinute: RATE_LIMIT_PER_MINUTE,
    nodeOptions: options.profileDir === null ? [] : ["--cpu-prof", `--cpu-prof-dir=${options.profileDir}`],
  });
  const client = createHttpClient(product.port, 8);
  const sale = await openSale(client, CAPACITY);
  const target = { port: product.port, ...sale, tokens: await guests(client, ACCOUNTS) };
  return {
    target,
    pid: product.pid,
    page: `/events/${sale.eventId}`,
    client,
    async stop() {
      client.close();
      await product.stop();
    },
  };
}

async function startBare(body: string) {
  const port = await freePort(undefined);
  const child = await startChild({ program: "bench/baselines/bare-get.ts", env: { PORT: String(port), BODY: body } });
  return { port, pid: child.pid, stop: () => child.stop() };
}

async function measured(bench: Bench, pid: number, asked: Asked, beside: Office | null): Promise<Run> {
  const load = { ...asked, connections: CONNECTIONS, workDir: bench.workDir };
  const sales = beside === null ? null : sellBeside(beside);
  try {
    await readUnderLoad({ ...load, seconds: WARM_UP_SECONDS });
    const before = await processorMicros(pid);
    const result = await readUnderLoad({ ...load, seconds: bench.options.seconds });
    const after = await processorMicros(pid);
    const micros = before === null || after === null ? null : (after - before) / result.answered;
    return { ...result, processorMicros: micros };
  } finally {
    await sales?.stop();
  }
}

/** Reserves at an even pace until it is stopped. @throws Error a reservation was refused */
function sellBeside({ client, target }: Office): { stop(): Promise<void> } {
  let stopped = false;
  const selling = (async () => {
    for (let sold = 0, dueMs = performance.now(); !stopped; sold += 1) {
      const token = target.tokens[sold % target.tokens.length] as string;
      await expectStatus(201, reserve(client, target, token, randomUUID()));
      dueMs += 1_000 / RESERVATIONS_PER_SECOND;
      await pause(Math.max(0, dueMs - performance.now()));
    }
  })();
  selling.catch(() => {}); // whoever stops it is told
  return {
    async stop() {
      stopped = true;
      await selling;
    },
  };
}

function resultOf(runs: ReadonlyMap<string, readonly Run[]>): PartResult {
  const spread = (name: string, value: (run: Run) => number) => spreadOf((runs.get(name) ?? []).map(value));
  const rate = (name: string): number => spread(name, ({ perSecond }) => perSecond).median;
  const heading = ["", "answers/s", "p50 ms", "p99 ms", "failed", "CPU µs each", "x bare"];
  const rows = [...runs.keys()].map((name) => [
    name,
    shown(spread(name, (run) => run.perSecond)),
    shown(spread(name, (run) => run.p50Ms)),
    shown(spread(name, (run) => run.p99Ms)),
    rounded(spread(name, (run) => run.failed).max),
    shown(spread(name, (run) => run.processorMicros ?? 0)),
    rounded(rate(name) / rate(BARE)),
  ]);
  const ratio = rate(RESERVED) / rate(BARE);
  const p99Ms = spread(RESERVED, (run) => run.p99Ms).median;
  const failed = Math.max(...[...runs.keys()].map((name) => spread(name, (run) => run.failed).max));
  const checks: readonly Check[] = [
    { what: `${RESERVED}, times bare`, figure: rounded(ratio), floor: "at least 0.6 (aim 0.8)", met: ratio >= 0.6 },
    { what: `${RESERVED}: p99 ms`, figure: rounded(p99Ms), floor: "under 50", met: p99Ms < 50 },
    { what: "failed, in all of them", figure: rounded(failed), floor: "none", met: failed === 0 },
  ];
  return { table: [heading, ...rows], checks, measurements: Object.fromEntries(runs) };
}
