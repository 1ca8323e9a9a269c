import { mkdtemp } from "node:fs/promises";
import { join } from "node:path";
import { createHttpClient } from "../../test/system/http-client.ts";
import { type Product, startProduct } from "../../test/system/product.ts";
import { guests, openSale } from "../../test/system/shop.ts";
import { rounded } from "../support/figures.ts";
import { type Arrivals, type OpenLoopResult, runOpenLoop } from "../support/open-loop.ts";
import type { Bench, Check, Part, PartResult } from "../support/part.ts";
import { canPin, onCore } from "../support/pinning.ts";
import { processorMicros, residentMemory } from "../support/process-figures.ts";

const SERVER_CORE = 0;
const GENERATOR_CORE = 1;
const ACCOUNTS = 1_000;
const CAPACITY = 10_000_000;
/** More than enough for three times the load, if refusals take a few milliseconds. */
const CONNECTIONS = 2_000;
const TIMEOUT_MS = 10_000;
/** Where the search for the peak begins, and how it goes on. */
const FIRST_RATE = 1_000;
const STEP = 1.3;
/** The peak is found when so many steps in a row bring less than was asked for. */
const STEPS_BEYOND = 2;
const KEPT_UP = 0.95;
const TIMES_OVER = 3;
const LEAST_GOODPUT = 0.8;
const SAMPLE_EVERY_MS = 500;
/** Of the middle third of the overload: what the last third may have more. */
const FLAT = 1.1;

/** One load at one rate. */
interface Step {
  readonly name: string;
  readonly ratePerSecond: number;
  readonly goodPerSecond: number;
  /** Of the processor that it is kept to, without Postgres; null where it can't be told. */
  readonly serverBusy: number | null;
  /** Resident, twice a second, in MiB. */
  readonly residentMiB: readonly number[];
  readonly result: OpenLoopResult;
}

interface Site {
  readonly product: Product;
  /** Half of them reserve, half of them look. */
  arrivals(ratePerSecond: number): readonly Arrivals[];
}

export const overload: Part = {
  name: "overload",
  about: `${TIMES_OVER} times what the server can do, from an open-loop generator: what it still does`,
  run: (bench) => onCore(SERVER_CORE, () => measure(bench)),
};

async function measure(bench: Bench): Promise<PartResult> {
  bench.say(
    canPin
      ? `server, projector and Postgres on processor ${SERVER_CORE}, the generator on ${GENERATOR_CORE}`
      : "this system can't keep processes to a processor (no taskset): figures mean little",
  );
  const site = await open(bench);
  try {
    const { seconds } = bench.options;
    const climbed = await climb(bench, site);
    const peak = climbed.reduce((best, step) => (step.goodPerSecond > best.goodPerSecond ? step : best));
    const over = await load(bench, site, "overload", peak.goodPerSecond * TIMES_OVER, seconds * 3);
    const after = await load(bench, site, "half of the peak, after it", peak.goodPerSecond / 2, seconds);
    return resultOf(climbed, peak, over, after);
  } finally {
    await site.product.stop(60_000);
  }
}

async function open(bench: Bench): Promise<Site> {
  const postgres = await bench.postgres();
  const databaseUrl = await postgres.freshDatabase();
  const dataDir = await mkdtemp(join(bench.workDir, "product-"));
  const { profileDir } = bench.options;
  const nodeOptions = profileDir === null ? [] : ["--cpu-prof", `--cpu-prof-dir=${profileDir}`];
  const product = await startProduct({ databaseUrl, dataDir, roles: "api,projector", nodeOptions });
  const client = createHttpClient(product.port, 16);
  const { eventId, ticketTypeId } = await openSale(client, CAPACITY);
  const tokens = await guests(client, ACCOUNTS);
  client.close();
  const body = JSON.stringify({ ticketTypeId, quantity: 1 });
  const path = `/events/${eventId}`;
  return {
    product,
    arrivals: (ratePerSecond) => [
      {
        kind: "reserve",
        perSecond: ratePerSecond / 2,
        method: "POST",
        paths: [`${path}/reservations`],
        tokens,
        body,
        keyed: true,
        success: 201,
      },
      { kind: "view", perSecond: ratePerSecond / 2, method: "GET", paths: [path], success: 200 },
    ],
  };
}

/** Asks for more and more until no more comes of it. */
async function climb(bench: Bench, site: Site): Promise<readonly Step[]> {
  const steps: Step[] = [];
  let beyond = 0;
  for (let rate = FIRST_RATE; beyond < STEPS_BEYOND; rate *= STEP) {
    const step = await load(bench, site, "on the way to the peak", rate, bench.options.seconds);
    steps.push(step);
    beyond = step.goodPerSecond < rate * KEPT_UP ? beyond + 1 : 0;
  }
  return steps;
}

async function load(bench: Bench, site: Site, name: string, ratePerSecond: number, seconds: number): Promise<Step> {
  const residentMiB: number[] = [];
  const sampling = setInterval(async () => {
    const resident = await residentMemory(site.product.pid);
    if (resident !== null) residentMiB.push(resident.nowMiB);
  }, SAMPLE_EVERY_MS);
  const before = await processorMicros(site.product.pid);
  const beganMs = performance.now();
  const result = await runOpenLoop({
    port: site.product.port,
    arrivals: site.arrivals(ratePerSecond),
    seconds,
    warmUpSeconds: Math.max(1, Math.floor(seconds / 5)),
    connections: CONNECTIONS,
    timeoutMs: TIMEOUT_MS,
    core: GENERATOR_CORE,
  }).finally(() => clearInterval(sampling));
  const after = await processorMicros(site.product.pid);
  const tookMs = performance.now() - beganMs;
  const serverBusy = before === null || after === null ? null : (after - before) / 1_000 / tookMs;
  const good = Object.values(result.kinds).reduce((sum, { succeeded }) => sum + succeeded, 0);
  const goodPerSecond = good / seconds;
  bench.say(
    `${name}: ${rounded(ratePerSecond)}/s asked for, ${rounded(goodPerSecond)}/s succeeded, server ${share(serverBusy)} busy`,
  );
  return { name, ratePerSecond, goodPerSecond, serverBusy, residentMiB, result };
}

function resultOf(climbed: readonly Step[], peak: Step, over: Step, after: Step): PartResult {
  const heading = [
    "",
    "asked for /s",
    "kind",
    "succeeded /s",
    "p50 ms",
    "p99 ms",
    "max ms",
    "refused p99 ms",
    "statuses",
  ];
  const rowsOf = (step: Step, seconds: number) =>
    Object.entries(step.result.kinds).map(([kind, of], index) => [
      index === 0 ? step.name : "",
      index === 0 ? rounded(step.ratePerSecond) : "",
      kind,
      rounded(of.succeeded / seconds),
      rounded(of.p50Ms),
      rounded(of.p99Ms),
      rounded(of.maxMs),
      rounded(of.refusedP99Ms),
      statusesOf(of.statuses, of.unanswered),
    ]);
  const secondsOf = ({ result, ratePerSecond }: Step) =>
    Object.values(result.kinds).reduce((sum, { scheduled }) => sum + scheduled, 0) / ratePerSecond;
  const shownSteps: readonly Step[] = [{ ...peak, name: "peak" }, over, after];
  return {
    table: [heading, ...shownSteps.flatMap((step) => rowsOf(step, secondsOf(step)))],
    checks: checksOf(peak, over, after),
    measurements: { climbed, over, after },
  };
}

const share = (busy: number | null): string => (busy === null ? "?" : `${Math.round(busy * 100)} %`);

const statusesOf = (statuses: Readonly<Record<string, number>>, unanswered: number): string =>
  [...Object.entries(statuses), ...(unanswered > 0 ? [["none", unanswered] as const] : [])]
    .map(([status, count]) => `${status}: ${rounded(Number(count))}`)
    .join(", ");

function checksOf(peak: Step, over: Step, after: Step): readonly Check[] {
  const ratio = over.goodPerSecond / peak.goodPerSecond;
  const kinds = Object.values(over.result.kinds);
  const otherwise = kinds.reduce((sum, kind) => {
    const { "200": ok = 0, "201": made = 0, "429": limited = 0, "503": busy = 0 } = kind.statuses;
    const answered = Object.values(kind.statuses).reduce((all, count) => all + count, 0);
    return sum + answered - ok - made - limited - busy + kind.withoutRetryAfter + kind.unanswered;
  }, 0);
  const third = Math.floor(over.residentMiB.length / 3);
  const middle = Math.max(0, ...over.residentMiB.slice(third, 2 * third));
  const last = Math.max(0, ...over.residentMiB.slice(2 * third));
  const afterwards = Object.values(after.result.kinds);
  const missed = afterwards.reduce((sum, { scheduled, succeeded }) => sum + scheduled - succeeded, 0);
  return [
    {
      what: `goodput at ${TIMES_OVER} times the peak, of the peak`,
      figure: rounded(ratio),
      floor: `at least ${LEAST_GOODPUT}`,
      met: ratio >= LEAST_GOODPUT,
    },
    {
      what: "neither a success nor 429 or 503 with Retry-After",
      figure: rounded(otherwise),
      floor: "none",
      met: otherwise === 0,
    },
    {
      what: "resident MiB, last third after middle third",
      figure: `${rounded(middle)}, then ${rounded(last)}`,
      floor: `at most ${FLAT} times`,
      met: last > 0 && last <= middle * FLAT,
    },
    { what: "refused afterwards, at half of the peak", figure: rounded(missed), floor: "none", met: missed === 0 },
    {
      what: "generator: p99 of how late it was, ms",
      figure: rounded(over.result.generatorLateP99Ms),
      floor: "under 20, or it was too busy to tell",
      met: over.result.generatorLateP99Ms < 20,
    },
  ];
}
