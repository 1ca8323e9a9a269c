/**
 * The write path on a simulated clock, network, store and database, in one process: thousands of runs a minute, each as its
 * seed has it, with crashes, frozen processes and lost answers; then a check of what clients saw against the log.
 *
 *   npm run simulate                      1,000 seeds
 *   npm run simulate -- --seeds 10000     so many; --from SEED begins there, --threads N takes so many
 *   npm run simulate -- --seed 17         this one, told step by step
 *   npm run simulate -- --bugs            how many seeds it takes to catch each bug that is planted; 2,000 at most
 *   npm run simulate -- --bug NAME        with this bug in the code
 */
import { availableParallelism } from "node:os";
import { parseArgs } from "node:util";
import { SingleBar } from "cli-progress";
import { hunt } from "./bugs/hunt.ts";
import { plant } from "./bugs/plant.ts";
import { BUGS, bugNamed } from "./bugs/planted.ts";
import type { Ran } from "./run.ts";
import { type Failed, firstFailure } from "./seeds.ts";

const { values } = parseArgs({
  options: {
    seeds: { type: "string" },
    from: { type: "string" },
    seed: { type: "string" },
    threads: { type: "string" },
    bug: { type: "string" },
    bugs: { type: "boolean" },
  },
});
const threads = wholeNumber("threads", values.threads, availableParallelism());

process.exitCode = await main();

async function main(): Promise<number> {
  if (values.bug !== undefined && !BUGS.some(({ name }) => name === values.bug)) {
    console.error(`--bug takes one of: ${BUGS.map(({ name }) => name).join(", ")}`);
    return 1;
  }
  if (values.bugs === true) return huntAll(wholeNumber("seeds", values.seeds, 2_000));
  if (values.seed === undefined) return many();
  if (values.bug !== undefined) plant(bugNamed(values.bug));
  return tell(wholeNumber("seed", values.seed, 1));
}

async function many(): Promise<number> {
  const from = wholeNumber("from", values.from, 1);
  const seeds = wholeNumber("seeds", values.seeds, 1_000);
  const bug = values.bug === undefined ? null : bugNamed(values.bug);
  const bar = new SingleBar({ format: "  {bar} {value} of {total} seeds, {eta_formatted} left", hideCursor: true });
  const startMs = performance.now();
  const sums = { asked: 0, events: 0, simulatedMs: 0 };
  bar.start(seeds, 0);
  const onPassed = ({ asked, events, simulatedMs }: Ran) => {
    bar.increment();
    sums.asked += asked;
    sums.events += events;
    sums.simulatedMs += simulatedMs;
  };
  const failed = await firstFailure({ from, seeds, bug, threads, onPassed });
  bar.stop();
  if (failed !== null) {
    if (!failed.hasEnded) return cannotTell(failed);
    if (bug !== null) plant(bug);
    return tell(failed.seed);
  }
  const seconds = (performance.now() - startMs) / 1_000;
  console.log(
    `\n  ${count(seeds)} seeds without a violation: ${count(sums.asked)} requests, ${count(sums.events)} events in ` +
      `${count(sums.simulatedMs / 1_000)} simulated seconds; ${count(seconds)} s, ` +
      `${count((60 * seeds) / seconds)} seeds a minute.`,
  );
  return 0;
}

/** Runs it once more, step by step. */
async function tell(seed: number): Promise<number> {
  const { simulate } = await import("./run.ts"); // after a bug was planted
  const ran = await simulate(seed, (line) => console.log(line.replaceAll("00000000-0000-4000-8000-000", "~")));
  console.log(`\n  ${JSON.stringify(ran.climate)}`);
  console.log(
    `  ${ran.tasks} tasks, ${ran.events} events, ${count(ran.simulatedMs)} simulated ms, trace ${ran.hash}\n`,
  );
  for (const fault of ran.faults) console.log(`    ${fault}`);
  console.log(
    ran.faults.length === 0 ? "  No violation." : `\n  Seed ${seed} fails: npm run simulate -- --seed ${seed}`,
  );
  return ran.faults.length === 0 ? 0 : 1;
}

/** To run it here would be to run it for ever. */
function cannotTell({ seed, faults }: Failed): number {
  console.log(`\n    ${faults.join("\n    ")}`);
  console.log(
    `\n  Seed ${seed} fails: npm run simulate -- --seed ${seed} tells how it gets there, and has to be ended by hand`,
  );
  return 1;
}

/** @returns the exit code: 0 when each was caught */
async function huntAll(seeds: number): Promise<number> {
  let missed = 0;
  console.log("\n| bug | seeds until caught | the first violation says |\n| --- | ---: | --- |");
  for (const bug of BUGS) {
    const hunted = await hunt(bug, seeds, threads);
    if (hunted.seeds === null) missed += 1;
    console.log(`| ${bug.name} | ${hunted.seeds ?? `not in ${count(seeds)}`} | ${inShort(hunted.by)} |`);
  }
  console.log(`\n  ${BUGS.length - missed} of ${BUGS.length} caught.`);
  return missed === 0 ? 0 : 1;
}

/** Without ids, of which nobody remembers one. */
function inShort(fault: string): string {
  const [line = ""] = fault.split("\n", 1);
  return line
    .replaceAll(/[0-9a-f]{8}-[0-9a-f-]{27}/g, "…")
    .replaceAll("|", "/")
    .slice(0, 100);
}

function count(number: number): string {
  return Math.round(number).toLocaleString("en");
}

function wholeNumber(name: string, text: string | undefined, otherwise: number): number {
  if (text === undefined) return otherwise;
  const number = Number(text);
  if (Number.isSafeInteger(number) && number >= 0) return number;
  console.error(`--${name} takes a whole number from 0 on`);
  process.exit(1);
}
