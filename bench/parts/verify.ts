import { openEventStore } from "../../src/eventstore/open.ts";
import { BOXOFFICE_PREFIXES } from "../../src/eventstore/streams.ts";
import { ReadAhead } from "../../src/projections/read-ahead.ts";
import { launchChild } from "../../test/system/child.ts";
import { startProduct } from "../../test/system/product.ts";
import { rounded, shown, spreadOf } from "../support/figures.ts";
import type { Bench, Check, Part } from "../support/part.ts";
import { PeakMemory } from "../support/process-figures.ts";
import { writeReserved } from "../support/reserved-history.ts";
import { writeSales } from "../support/sold-history.ts";

const PURCHASES = 250_000;
const QUICK_PURCHASES = 5_000;
/** Of EventStoreDB, which is filled over its protocol. */
const RESERVED = 400_000;
const QUICK_RESERVED = 20_000;
const FLOOR = 80_000;
const SHARE_OF_RAW = 0.8;
const MOST_MIB = 256;

/** Where the log is. */
interface Log {
  readonly databaseUrl: string;
  readonly eventStoreUrl: string | null;
}

export const verify: Part = {
  name: "verify",
  about: "npm run verify over two million events in Postgres, or 400,000 in EventStoreDB",
  async run(bench) {
    const { eventStoreUrl, repeats } = bench.options;
    const log = { databaseUrl: await (await bench.postgres()).freshDatabase(), eventStoreUrl };
    await fill(bench, log);
    const raw: number[] = [];
    const verified: number[] = [];
    const memory = new PeakMemory();
    let events = 0;
    for (let repeat = 0; repeat < repeats; repeat += 1) {
      const read = await readRaw(log);
      events = read.events;
      raw.push(read.perSecond);
      verified.push(await verifyOnce(log, events, memory, bench.say));
    }
    const peak = Math.max(...memory.peaks());
    return {
      table: [
        ["", "events/s"],
        ["read only", shown(spreadOf(raw))],
        ["verified", shown(spreadOf(verified))],
      ],
      checks: [
        eventStoreUrl === null ? atLeastFloor(verified) : atLeastShare(verified, raw),
        { what: "memory at its peak, MiB", figure: rounded(peak), floor: `under ${MOST_MIB}`, met: peak < MOST_MIB },
      ],
      measurements: { events, raw, verified, peak },
    };
  },
};

async function fill(bench: Bench, { databaseUrl, eventStoreUrl }: Log): Promise<void> {
  const { quick } = bench.options;
  if (eventStoreUrl === null) {
    await writeSales(databaseUrl, quick ? QUICK_PURCHASES : PURCHASES);
    return;
  }
  const product = await startProduct({ databaseUrl, eventStoreUrl, dataDir: bench.workDir, roles: "api" });
  await writeReserved(bench, product, quick ? QUICK_RESERVED : RESERVED, databaseUrl);
}

const what = "events verified a second, the command's start and end included";

function atLeastFloor(verified: readonly number[]): Check {
  const { median } = spreadOf(verified);
  return { what, figure: rounded(median), floor: `${rounded(FLOOR)} or more`, met: median >= FLOOR };
}

function atLeastShare(verified: readonly number[], raw: readonly number[]): Check {
  const share = spreadOf(verified).median / spreadOf(raw).median;
  return { what: `${what}, times raw`, figure: rounded(share), floor: `${SHARE_OF_RAW}`, met: share >= SHARE_OF_RAW };
}

/** The same feed, with nothing done to it. */
async function readRaw(log: Log): Promise<{ readonly events: number; readonly perSecond: number }> {
  const store = await openEventStore(log);
  const done = new AbortController();
  const { signal } = done;
  const head = (await store.head(BOXOFFICE_PREFIXES)) ?? 0n;
  const began = performance.now();
  const source = store.subscribe({ after: null, streamPrefixes: BOXOFFICE_PREFIXES, maxBatch: 2_000, signal });
  const ahead = new ReadAhead(source, 4_000, signal);
  let events = 0;
  for (let checkpoint = 0n; checkpoint < head; ) {
    const batch = await ahead.next(2_000);
    if (batch === null) throw new Error("the subscription ended by itself");
    events += batch.events.length;
    checkpoint = batch.checkpoint;
  }
  const perSecond = (1_000 * events) / (performance.now() - began);
  done.abort();
  await store.close();
  return { events, perSecond };
}

async function verifyOnce(
  { databaseUrl, eventStoreUrl }: Log,
  events: number,
  memory: PeakMemory,
  say: (line: string) => void,
): Promise<number> {
  const began = performance.now();
  const child = launchChild({
    program: "src/verify.ts",
    arguments: ["--log-only"],
    env: { DATABASE_URL: databaseUrl, EVENTSTORE_URL: eventStoreUrl ?? undefined },
  });
  const looking = setInterval(() => void memory.look(child.pid), 100);
  const ended = await child.ended;
  clearInterval(looking);
  if (ended !== 0) throw new Error(`verifying ended with ${ended}: ${child.output()}`);
  const speed = (1_000 * events) / (performance.now() - began);
  say(`${rounded(speed)} events/s`);
  return speed;
}
