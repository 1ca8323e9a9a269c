import { openPostgresEventStore } from "../../src/eventstore/postgres/index.ts";
import { BOXOFFICE_PREFIXES } from "../../src/eventstore/streams.ts";
import { ReadAhead } from "../../src/projections/read-ahead.ts";
import { launchChild } from "../../test/system/child.ts";
import { rounded, shown, spreadOf } from "../support/figures.ts";
import type { Part } from "../support/part.ts";
import { PeakMemory } from "../support/process-figures.ts";
import { writeSales } from "../support/sold-history.ts";

const PURCHASES = 250_000;
const QUICK_PURCHASES = 5_000;
const FLOOR = 80_000;
const MOST_MIB = 256;

export const verify: Part = {
  name: "verify",
  about: "npm run verify over two million events in Postgres",
  async run(bench) {
    const databaseUrl = await (await bench.postgres()).freshDatabase();
    const events = await writeSales(databaseUrl, bench.options.quick ? QUICK_PURCHASES : PURCHASES);
    bench.say(`${events} events written`);
    const raw: number[] = [];
    const verified: number[] = [];
    const memory = new PeakMemory();
    for (let repeat = 0; repeat < bench.options.repeats; repeat += 1) {
      raw.push(await readRaw(databaseUrl, events));
      verified.push(await verifyOnce(databaseUrl, events, memory, bench.say));
    }
    const speed = spreadOf(verified);
    const peak = Math.max(...memory.peaks());
    return {
      table: [
        ["", "events/s"],
        ["read only", shown(spreadOf(raw))],
        ["verified", shown(speed)],
      ],
      checks: [
        {
          what: "events verified a second, the command's start and end included",
          figure: rounded(speed.median),
          floor: `${rounded(FLOOR)} or more`,
          met: speed.median >= FLOOR,
        },
        { what: "memory at its peak, MiB", figure: rounded(peak), floor: `under ${MOST_MIB}`, met: peak < MOST_MIB },
      ],
      measurements: { events, raw, verified, peak },
    };
  },
};

/** The same feed, with nothing done to it. @returns events a second */
async function readRaw(databaseUrl: string, events: number): Promise<number> {
  const store = await openPostgresEventStore({ connectionString: databaseUrl });
  const done = new AbortController();
  const { signal } = done;
  const began = performance.now();
  const source = store.subscribe({ after: null, streamPrefixes: BOXOFFICE_PREFIXES, maxBatch: 2_000, signal });
  const ahead = new ReadAhead(source, 4_000, signal);
  for (let count = 0; count < events; ) count += (await ahead.next(2_000))?.events.length ?? 0;
  const speed = (1_000 * events) / (performance.now() - began);
  done.abort();
  await store.close();
  return speed;
}

async function verifyOnce(
  databaseUrl: string,
  events: number,
  memory: PeakMemory,
  say: (line: string) => void,
): Promise<number> {
  const began = performance.now();
  const child = launchChild({
    program: "src/verify.ts",
    arguments: ["--log-only"],
    env: { DATABASE_URL: databaseUrl },
  });
  const looking = setInterval(() => void memory.look(child.pid), 100);
  const ended = await child.ended;
  clearInterval(looking);
  if (ended !== 0) throw new Error(`verifying ended with ${ended}: ${child.output()}`);
  const speed = (1_000 * events) / (performance.now() - began);
  say(`${rounded(speed)} events/s`);
  return speed;
}
