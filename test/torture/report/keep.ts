import { createReadStream } from "node:fs";
import { cp, mkdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { createInterface } from "node:readline";
import type { TortureResult } from "../run.ts";
import { figuresOf } from "./figures.ts";
import { reportOf } from "./report.ts";

const IDS = /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g;
/** Of the lines of histories about what was found. */
const MOST_LINES = 2_000;

/**
 * Writes a run's report as text and as JSON; where something was found, also the logs of all processes, the whole history
 * and what of it is about the ids in the findings.
 * @param directory of the run @param results where reports are kept
 * @returns the text
 */
export async function keepReport(
  result: TortureResult,
  { directory, results, command }: { directory: string; results: string; command: string },
): Promise<string> {
  const base = join(results, `torture-${result.seed}`);
  await mkdir(results, { recursive: true });
  await rm(base, { recursive: true, force: true });
  const isWell = result.findings.length === 0;
  const text = reportOf(result, command, isWell ? null : base);
  const { progress, loggedErrors, ...rest } = result;
  const machine = { node: process.version, platform: process.platform };
  const whole = {
    command,
    machine,
    figures: figuresOf(result),
    ...rest,
    loggedErrors: Object.fromEntries(loggedErrors),
  };
  await writeFile(`${base}.json`, `${JSON.stringify(whole, null, 2)}\n`);
  await writeFile(`${base}.md`, text);
  if (isWell) return text;
  await mkdir(base);
  await cp(join(directory, "logs"), join(base, "logs"), { recursive: true });
  await cp(result.historyPath, join(base, "history.ndjson"));
  const concerned = await linesAbout(result.historyPath, idsIn(result));
  await writeFile(join(base, "concerned.ndjson"), concerned.map((line) => `${line}\n`).join(""));
  return text;
}

const idsIn = ({ findings }: TortureResult): ReadonlySet<string> =>
  new Set(findings.flatMap(({ violations }) => violations.flatMap((one) => one.match(IDS) ?? [])));

async function linesAbout(path: string, ids: ReadonlySet<string>): Promise<string[]> {
  const found: string[] = [];
  if (ids.size === 0) return found;
  for await (const line of createInterface({ input: createReadStream(path) })) {
    if ((line.match(IDS) ?? []).some((id) => ids.has(id))) found.push(line);
    if (found.length === MOST_LINES) break;
  }
  return found;
}
