/**
 * The write path on a simulated clock, network and store, in one process: thousands of runs a minute, each as its seed has
 * it, with crashes, frozen processes and lost answers; then a check of what clients saw against the log.
 *
 *   npm run simulate                      1,000 seeds
 *   npm run simulate -- --seeds 10000     so many; --from SEED begins there
 *   npm run simulate -- --seed 17         this one, told step by step
 */
import { parseArgs } from "node:util";
import { SingleBar } from "cli-progress";
import { huntAll } from "./bugs/hunt.ts";
import { plant } from "./bugs/plant.ts";
import { BUGS } from "./bugs/planted.ts";

const { values } = parseArgs({
  options: {
    seeds: { type: "string" },
    from: { type: "string" },
    seed: { type: "string" },
    bug: { type: "string" },
    bugs: { type: "boolean" },
  },
});

if (values.bug !== undefined) plantByName(values.bug);
const { simulate } = await import("./run.ts"); // after a bug was planted
process.exitCode = await main();

async function main(): Promise<number> {
  if (values.bugs === true) return huntAll(wholeNumber("seeds", values.seeds, 2_000));
  return values.seed === undefined ? many() : one(wholeNumber("seed", values.seed, 1));
}

function plantByName(name: string): void {
  const bug = BUGS.find((one) => one.name === name);
  if (bug === undefined) {
    console.error(`--bug takes one of: ${BUGS.map((one) => one.name).join(", ")}`);
    process.exit(1);
  }
  plant(bug);
}

async function many(): Promise<number> {
  const from = wholeNumber("from", values.from, 1);
  const seeds = wholeNumber("seeds", values.seeds, 1_000);
  const bar = new SingleBar({ format: "  {bar} {value} of {total} seeds, {eta_formatted} left", hideCursor: true });
  const startMs = performance.now();
  let [simulatedMs, events, asked] = [0, 0, 0];
  bar.start(seeds, 0);
  for (let seed = from; seed < from + seeds; seed += 1) {
    const ran = await simulate(seed);
    if (ran.faults.length > 0) {
      bar.stop();
      console.log(`\n  Seed ${seed} fails:\n`);
      return one(seed);
    }
    simulatedMs += ran.simulatedMs;
    events += ran.events;
    asked += ran.asked;
    bar.update(seed - from + 1);
  }
  bar.stop();
  const seconds = (performance.now() - startMs) / 1_000;
  const count = (number: number) => number.toLocaleString("en");
  console.log(
    `\n  ${count(seeds)} seeds without a violation: ${count(asked)} requests, ${count(events)} events in ` +
      `${count(Math.round(simulatedMs / 1_000))} simulated seconds; ${seconds.toFixed(1)} s, ` +
      `${count(Math.round((60 * seeds) / seconds))} seeds a minute.`,
  );
  return 0;
}

async function one(seed: number): Promise<number> {
  const ran = await simulate(seed, (line) => console.log(line));
  console.log(`\n  Seed ${seed} in short: ${JSON.stringify(ran.climate)}`);
  console.log(
    `  ${ran.tasks} tasks, ${ran.events} events, ${ran.simulatedMs.toFixed(0)} simulated ms, trace ${ran.hash}\n`,
  );
  for (const fault of ran.faults) console.log(`    ${fault}`);
  console.log(ran.faults.length === 0 ? "  No violation." : `\n  npm run simulate -- --seed ${seed}`);
  return ran.faults.length === 0 ? 0 : 1;
}

function wholeNumber(name: string, text: string | undefined, otherwise: number): number {
  if (text === undefined) return otherwise;
  const number = Number(text);
  if (Number.isSafeInteger(number) && number >= 0) return number;
  console.error(`--${name} takes a whole number from 0 on`);
  process.exit(1);
}
