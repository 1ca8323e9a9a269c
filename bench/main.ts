/**
 * The benchmarks: each part starts its own servers, takes turns with what it is compared with, repeats, and prints the
 * median with the least and the most.
 *
 *   npm run bench                          all parts
 *   npm run bench -- hot-reserve append    some
 *   npm run bench -- --quick               small amounts, to see that everything works
 *
 * --seconds N of each measurement under load, --repeats N, --minutes N of the soak (only where it is named), --entries N
 * over HTTP of the waiting room (ten times as many at the module's edge), --profile takes CPU profiles of the product. EVENTSTORE_URL
 * names an EventStoreDB to measure with too. What was measured also goes to bench-results/<part>.json.
 */
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { cpus, tmpdir, totalmem } from "node:os";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { PARTS } from "./parts/index.ts";
import { table } from "./support/figures.ts";
import type { BenchOptions, Part, PartResult } from "./support/part.ts";
import { type BenchPostgres, startBenchPostgres } from "./support/postgres-server.ts";

const RESULTS = "bench-results";

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    seconds: { type: "string" },
    repeats: { type: "string" },
    minutes: { type: "string" },
    entries: { type: "string" },
    quick: { type: "boolean", default: false },
    profile: { type: "boolean", default: false },
  },
});
const { quick, profile } = values;
const options: BenchOptions = {
  seconds: amount("seconds", values.seconds, quick ? 2 : 10),
  repeats: amount("repeats", values.repeats, quick ? 1 : 5),
  minutes: amount("minutes", values.minutes, quick ? 1 : 30),
  entries: amount("entries", values.entries, quick ? 10_000 : 1_000_000),
  quick,
  profileDir: profile ? resolve(RESULTS, "profiles") : null,
  eventStoreUrl: process.env.EVENTSTORE_URL || null,
};

for (const part of chosen(positionals)) await runPart(part);

function chosen(names: readonly string[]): readonly Part[] {
  const unknown = names.find((name) => !PARTS.some((part) => part.name === name));
  if (unknown !== undefined) {
    const known = PARTS.map(({ name, about }) => `  ${name.padEnd(13)} ${about}`).join("\n");
    console.error(`There is no part ${unknown}. There are:\n${known}`);
    process.exit(1);
  }
  return names.length === 0
    ? PARTS.filter(({ byName }) => byName !== true)
    : PARTS.filter(({ name }) => names.includes(name));
}

async function runPart(part: Part): Promise<void> {
  console.log(`\n${part.name}: ${part.about}\n`);
  const workDir = await mkdtemp(join(tmpdir(), `boxoffice-bench-${part.name}-`));
  let server: Promise<BenchPostgres> | undefined;
  const postgres = () => {
    server ??= startBenchPostgres(join(workDir, "postgres"));
    return server;
  };
  try {
    const result = await part.run({ options, workDir, postgres, say: (line) => console.log(`  ${line}`) });
    print(result);
    await keep(part, result);
  } finally {
    await (await server)?.stop();
    await rm(workDir, { recursive: true, force: true });
  }
}

function print({ table: rows, checks }: PartResult): void {
  console.log(`\n${table(rows)}\n`);
  if (checks.length === 0) return;
  const lines = checks.map(({ what, figure, floor, met }) => [met ? "met" : "MISSED", what, figure, floor]);
  console.log(`${table([["", "promise", "figure", "wanted"], ...lines])}\n`);
}

async function keep(part: Part, result: PartResult): Promise<void> {
  await mkdir(RESULTS, { recursive: true });
  const machine = { cpus: cpus().length, model: cpus()[0]?.model, memoryBytes: totalmem(), node: process.version };
  const file = join(RESULTS, `${part.name}.json`);
  const { eventStoreUrl, profileDir, ...measured } = options;
  const report = { part: part.name, at: new Date().toISOString(), machine, options: measured, ...result };
  await writeFile(file, `${JSON.stringify(report, null, 2)}\n`);
  console.log(`  kept in ${file}`);
}

function amount(name: string, text: string | undefined, fallback: number): number {
  if (text === undefined) return fallback;
  const value = Number(text);
  if (Number.isInteger(value) && value > 0) return value;
  console.error(`--${name} takes a whole number from 1 on`);
  process.exit(1);
}
