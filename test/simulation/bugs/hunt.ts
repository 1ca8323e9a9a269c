import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { BUGS, type Bug } from "./planted.ts";

/** What a run of seeds against a bug came to. */
export interface Hunted {
  readonly bug: Bug;
  /** Seeds until it was caught; null: it was not. */
  readonly seeds: number | null;
  /** What the first violation says. */
  readonly by: string;
}

/** Simulates with the bug in the code, in a process of its own, until a seed fails. */
export async function hunt(bug: Bug, seeds: number): Promise<Hunted> {
  const script = fileURLToPath(new URL("hunted.ts", import.meta.url));
  const said = await new Promise<string>((resolve, reject) => {
    execFile(process.execPath, [script, bug.name, String(seeds)], { maxBuffer: 2 ** 26 }, (error, out, err) =>
      error === null ? resolve(out) : reject(new Error(`${bug.name}: ${err}`)),
    );
  });
  return { bug, ...(JSON.parse(said) as Omit<Hunted, "bug">) };
}

/** @returns the exit code: 0 when each was caught */
export async function huntAll(seeds: number): Promise<number> {
  let missed = 0;
  console.log("\n  | bug | seeds until caught | by |\n  | --- | ---: | --- |");
  for (const bug of BUGS) {
    const hunted = await hunt(bug, seeds);
    if (hunted.seeds === null) missed += 1;
    const { by } = hunted;
    console.log(`  | ${bug.name} | ${hunted.seeds ?? `not in ${seeds}`} | ${by.replaceAll("|", "/").slice(0, 110)} |`);
  }
  console.log(`\n  ${BUGS.length - missed} of ${BUGS.length} caught.`);
  return missed === 0 ? 0 : 1;
}
