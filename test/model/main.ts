/**
 * Random sequences of everything that buyers, organizers, timers and the payment provider do, against a simple model of
 * the box office: answers and records agree, and in the end the books balance. Every fourth run is a storm: several at
 * once on two nodes of which one ends in the middle, where the books have to balance all the same.
 *
 *   npm run model                       200 runs
 *   npm run model -- --runs 10000       so many; --from SEED begins there
 *   npm run model -- --seed 17          this one again, told step by step
 *
 * A run that fails is told with its seed and as short as it can be.
 */
import { parseArgs } from "node:util";
import { SingleBar } from "cli-progress";
import { playRun, type RunResult, shrunk } from "./runs.ts";

const { values } = parseArgs({
  options: { runs: { type: "string" }, from: { type: "string" }, seed: { type: "string" } },
});
const seed = wholeNumber("seed", values.seed, null);
const from = seed ?? wholeNumber("from", values.from, 1) ?? 1;
const runs = seed === null ? (wholeNumber("runs", values.runs, 200) ?? 200) : 1;

process.exitCode = await main();

async function main(): Promise<number> {
  const bar = new SingleBar({ format: "  {bar} {value} of {total} runs, {eta_formatted} left", hideCursor: true });
  const startMs = performance.now();
  const answers = new Map<string, number>();
  if (seed === null) bar.start(runs, 0);
  for (let next = from; next < from + runs; next += 1) {
    const run = await playRun(next);
    for (const [answer, times] of run.answers) answers.set(answer, (answers.get(answer) ?? 0) + times);
    if (seed !== null) console.log(run.story.map((line) => `  ${line}`).join("\n"));
    if (run.faults.length > 0) {
      bar.stop();
      await tell(run);
      return 1;
    }
    if (seed === null) bar.update(next - from + 1);
  }
  bar.stop();
  const seconds = (performance.now() - startMs) / 1_000;
  const asked = [...answers.values()].reduce((sum, times) => sum + times, 0);
  console.log(
    `\n  ${runs.toLocaleString("en")} runs, ${asked.toLocaleString("en")} things asked, ` +
      `${answers.size} kinds of answers: all as expected, in ${seconds.toFixed(1)} s.`,
  );
  return 0;
}

async function tell(run: RunResult): Promise<void> {
  console.log(`\n  Seed ${run.seed} fails (npm run model -- --seed ${run.seed}):\n`);
  console.log(run.faults.map((fault) => `    ${fault}`).join("\n"));
  const short = await shrunk(run);
  console.log(`\n  In short, ${short.kept} of ${short.of} ${run.isStorm ? "bursts" : "steps"}:\n`);
  console.log(short.played.story.map((line) => `    ${line}`).join("\n"));
  console.log(`\n${short.played.faults.map((fault) => `    ${fault}`).join("\n")}`);
}

function wholeNumber(name: string, text: string | undefined, otherwise: number | null): number | null {
  if (text === undefined) return otherwise;
  const number = Number(text);
  if (!Number.isSafeInteger(number) || number < 0) {
    console.error(`--${name} takes a whole number from 0 on`);
    process.exit(1);
  }
  return number;
}
