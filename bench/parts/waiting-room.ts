import { execFile } from "node:child_process";
import { mkdtemp } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { freePort } from "../../src/embedded/free-port.ts";
import { ROOT, startChild } from "../../test/system/child.ts";
import { createHttpClient } from "../../test/system/http-client.ts";
import { startProduct } from "../../test/system/product.ts";
import { expectStatus, organizer } from "../../test/system/shop.ts";
import { rounded, shown, spreadOf } from "../support/figures.ts";
import { newcomers } from "../support/newcomers.ts";
import type { Bench, Check, Part, PartResult } from "../support/part.ts";
import { processorMicros, residentMemory } from "../support/process-figures.ts";
import { sendTokens, type TokenLoad, type TokenResult } from "../support/token-load.ts";
import { hasWrk } from "../support/wrk.ts";
import type { EdgeFigures } from "../waiting-room-entries.ts";

const CONNECTIONS = 64;
/** More sessions than a node keeps in mind, so that their place in memory is taken before it is looked at. */
const WARM_UP = 60_000;
const QUICK_WARM_UP = 2_000;
/** Of whom the node knows who they are. */
const KNOWN = 1_000;
const MOST_MIB = 64;
const EDGE_FACTOR = 10;
const LONGEST_SECONDS = 600;

const BARE_POST = "bare Fastify POST";
const CROWD = "entries, each of another account";
const AGAIN = "entries, of accounts that are known";
const BARE_GET = "bare Fastify GET";
const PLACES = "places";

interface Run extends TokenResult {
  readonly processorMicros: number | null;
}

export const waitingRoom: Part = {
  name: "waiting-room",
  about: `a crowd at the door, ${CONNECTIONS} connections, beside bare routes: --entries N (1,000,000)`,
  async run(bench) {
    if (!hasWrk) throw new Error("this part needs wrk");
    const { entries } = bench.options;
    const edge = await atTheEdge(entries * EDGE_FACTOR);
    bench.say(`module's edge: ${rounded(edge.perSecond)}/s, ${rounded(Math.max(...edge.residentRiseMiB))} MiB more`);
    const runs = new Map<string, Run[]>();
    const memory = await overHttp(bench, entries, runs);
    return resultOf(edge, memory, runs);
  },
};

async function atTheEdge(entries: number): Promise<EdgeFigures> {
  const args = ["--expose-gc", "bench/waiting-room-entries.ts", String(entries)];
  const { stdout } = await promisify(execFile)(process.execPath, args, { cwd: ROOT });
  return JSON.parse(stdout);
}

/** Resident memory of the node beyond what it was before the crowd came, after each round. */
async function overHttp(bench: Bench, entries: number, runs: Map<string, Run[]>): Promise<readonly number[]> {
  const { workDir, options } = bench;
  const databaseUrl = await (await bench.postgres()).freshDatabase();
  const product = await startProduct({ databaseUrl, dataDir: await mkdtemp(join(workDir, "product-")) });
  const client = createHttpClient(product.port, 8);
  const bares = [await startBare("bare.ts"), await startBare("bare-get.ts")] as const;
  try {
    const token = await organizer(client);
    const event = { name: "Opening Night", ticketTypes: [{ name: "Regular", capacity: 1_000_000 }] };
    const made = await expectStatus(201, client.call("POST", "/events", { token, body: event }));
    const room = `/events/${(made.body as { eventId: string }).eventId}/waiting-room`;
    const wish = {
      enabled: true,
      admitPerMinute: 1,
      opensAt: new Date(Date.now() + 1_000).toISOString(),
      paused: true,
    };
    await expectStatus(200, client.call("PUT", room, { token, body: wish }));
    const crowd = (count: number) => comers(databaseUrl, count);
    const known = await crowd(KNOWN);
    const entered = await Promise.all(
      known.map((authorization) =>
        expectStatus(201, client.call("POST", `${room}/entries`, { headers: { authorization } })),
      ),
    );
    const entryTokens = entered.map(({ body }) => (body as { entryToken: string }).entryToken);
    const timed = { seconds: options.seconds, most: null, connections: CONNECTIONS, workDir };
    const enter = {
      ...timed,
      port: product.port,
      method: "POST",
      path: `${room}/entries`,
      header: "authorization",
    } as const;
    const places = {
      ...timed,
      port: product.port,
      method: "GET",
      path: `${room}/place`,
      header: "entry-token",
    } as const;
    const measure = async (name: string, pid: number, load: TokenLoad) => {
      const run = await measured(pid, load);
      runs.set(name, [...(runs.get(name) ?? []), run]);
      bench.say(`${name}: ${rounded(run.perSecond)}/s, p99 ${rounded(run.p99Ms)} ms, ${run.failed} failed`);
    };
    const warmUp = await crowd(options.quick ? QUICK_WARM_UP : WARM_UP);
    await sendTokens({ ...enter, values: warmUp, seconds: LONGEST_SECONDS, most: warmUp.length });
    await sendTokens({ ...places, values: entryTokens });
    const beforeMiB = await residentMiB(product.pid);
    const rises: number[] = [];
    for (let round = 1; round <= options.repeats; round += 1) {
      const values = await crowd(Math.ceil(entries / options.repeats));
      const [post, get] = bares;
      await measure(BARE_POST, post.pid, { ...enter, port: post.port, path: "/events/1/reservations", values: known });
      await measure(CROWD, product.pid, { ...enter, values, seconds: LONGEST_SECONDS, most: values.length });
      rises.push((await residentMiB(product.pid)) - beforeMiB);
      await measure(AGAIN, product.pid, { ...enter, values: known });
      await measure(BARE_GET, get.pid, { ...places, port: get.port, path: "/events/1", values: entryTokens });
      await measure(PLACES, product.pid, { ...places, values: entryTokens });
    }
    return rises;
  } finally {
    client.close();
    for (const one of bares) await one.stop();
    await product.stop();
  }
}

/** So many guests who have just signed in, by their `Authorization`. */
const comers = async (databaseUrl: string, count: number): Promise<readonly string[]> =>
  (await newcomers(databaseUrl, count)).map(({ token }) => `Bearer ${token}`);

async function startBare(program: string) {
  const port = await freePort(undefined);
  const body = JSON.stringify({ place: 123_456, estimatedWaitSeconds: 12_346, tickets: "AVAILABLE" });
  const env = { PORT: String(port), BODY: body };
  const child = await startChild({ program: `bench/baselines/${program}`, env });
  return { port, pid: child.pid, stop: () => child.stop() };
}

async function measured(pid: number, load: TokenLoad): Promise<Run> {
  const before = await processorMicros(pid);
  const result = await sendTokens(load);
  const after = await processorMicros(pid);
  return { ...result, processorMicros: before === null || after === null ? null : (after - before) / result.answered };
}

async function residentMiB(pid: number): Promise<number> {
  const resident = await residentMemory(pid);
  if (resident === null) throw new Error("this part needs Linux, for what a process has in memory");
  return resident.nowMiB;
}

function resultOf(edge: EdgeFigures, rises: readonly number[], runs: ReadonlyMap<string, readonly Run[]>): PartResult {
  const spread = (name: string, value: (run: Run) => number) => spreadOf((runs.get(name) ?? []).map(value));
  const rate = (name: string): number => spread(name, ({ perSecond }) => perSecond).median;
  const bareOf = (name: string) => (name === BARE_GET || name === PLACES ? BARE_GET : BARE_POST);
  const rows = [...runs.keys()].map((name) => [
    name,
    shown(spread(name, (run) => run.perSecond)),
    shown(spread(name, (run) => run.p50Ms)),
    shown(spread(name, (run) => run.p99Ms)),
    rounded(spread(name, (run) => run.failed).max),
    shown(spread(name, (run) => run.processorMicros ?? 0)),
    rounded(rate(name) / rate(bareOf(name))),
  ]);
  const answered = (runs.get(CROWD) ?? []).reduce((sum, run) => sum + run.answered, 0);
  const half = (name: string): Check => {
    const ratio = rate(name) / rate(bareOf(name));
    return { what: `${name}, times bare`, figure: rounded(ratio), floor: "at least 0.5", met: ratio >= 0.5 };
  };
  const memory = (what: string, riseMiB: number): Check => ({
    what: `${what}: MiB more`,
    figure: rounded(riseMiB),
    floor: `under ${MOST_MIB}`,
    met: riseMiB < MOST_MIB,
  });
  const failed = Math.max(...[...runs.keys()].map((name) => spread(name, (run) => run.failed).max));
  return {
    table: [["", "answers/s", "p50 ms", "p99 ms", "failed", "CPU µs each", "x bare"], ...rows],
    checks: [
      half(CROWD),
      half(AGAIN),
      half(PLACES),
      memory(`${edge.entries} entries at the module's edge`, Math.max(...edge.residentRiseMiB)),
      memory(`${answered} entries over HTTP`, Math.max(...rises)),
      { what: "failed, in all of them", figure: rounded(failed), floor: "none", met: failed === 0 },
    ],
    measurements: { edge, residentRiseMiB: rises, runs: Object.fromEntries(runs) },
  };
}
