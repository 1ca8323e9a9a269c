import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Seed } from "../../src/seed/seeded-event.ts";
import { ROOT } from "../../test/system/child.ts";
import { rounded } from "./figures.ts";
import type { Bench } from "./part.ts";
import { type BenchPostgres, query, startBenchPostgres } from "./postgres-server.ts";

/** A database with many events in it. */
export interface Programme {
  readonly databaseUrl: string;
  readonly seed: Seed;
  readonly events: number;
  /** How long `npm run seed` took. */
  readonly seeding: Seeding;
  stop(): Promise<void>;
}

export interface Seeding {
  /** From its start to its end. */
  readonly seconds: number;
  /** What it said at its end. */
  readonly said: readonly string[];
}

/** What is written beside a database that is kept. */
interface Kept {
  readonly database: string;
  readonly seed: Seed;
  readonly events: number;
  readonly seeding: Seeding;
}

const DAY_MS = 86_400_000;
const SEED = "bench";

/**
 * Events as `npm run seed` makes them, in a database of the part's own; or, where BENCH_DATA_DIR names a folder, in one
 * that stays there for the next time.
 */
export async function seededProgramme(bench: Bench, events: number): Promise<Programme> {
  const keptIn = process.env.BENCH_DATA_DIR || null;
  if (keptIn === null) {
    const server = await bench.postgres();
    return { ...(await seeded(bench, server, events)), stop: async () => undefined };
  }
  await mkdir(keptIn, { recursive: true });
  const server = await startBenchPostgres(join(keptIn, "postgres"));
  const stop = () => server.stop();
  try {
    const file = join(keptIn, `programme-${events}.json`);
    const known = await readFile(file, "utf8").catch(() => null);
    if (known !== null) return { ...reopened(JSON.parse(known) as Kept, server), stop };
    const made = await seeded(bench, server, events);
    const { databaseUrl, ...rest } = made;
    await writeFile(file, JSON.stringify({ ...rest, database: new URL(databaseUrl).pathname } satisfies Kept));
    return { ...made, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

function reopened({ database, ...kept }: Kept, { url }: BenchPostgres): Omit<Programme, "stop"> {
  const databaseUrl = new URL(url);
  databaseUrl.pathname = database;
  return { ...kept, databaseUrl: databaseUrl.href };
}

async function seeded({ say }: Bench, server: BenchPostgres, events: number): Promise<Omit<Programme, "stop">> {
  const databaseUrl = await server.freshDatabase();
  const seed: Seed = { seed: SEED, dayMs: Math.floor(Date.now() / DAY_MS) * DAY_MS };
  const begun = performance.now();
  const said = await runSeed(databaseUrl, events);
  const seeding = { seconds: (performance.now() - begun) / 1_000, said };
  for (const line of said) say(line);
  say(`seeding took ${rounded(seeding.seconds)} s`);
  await query(databaseUrl, "vacuum analyze"); // as it is a while later by itself
  return { databaseUrl, seed, events, seeding };
}

/** @returns what it said, without its progress */
async function runSeed(databaseUrl: string, events: number): Promise<readonly string[]> {
  const child = spawn(process.execPath, ["src/seed.ts", "--events", `${events}`, "--seed", SEED], {
    cwd: ROOT,
    env: { ...process.env, DATABASE_URL: databaseUrl, EVENTSTORE_URL: undefined, NODE_ENV: undefined },
    stdio: ["ignore", "pipe", "inherit"],
  });
  let output = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    output += text;
  });
  const [code] = await once(child, "close");
  if (code !== 0) throw new Error(`seeding ended with ${code}:\n${output.slice(-2_000)}`);
  return output.split("\n").filter((line) => /^\d+ events are|^read models are/.test(line));
}
