/**
 * Breaks an installation of real processes while clients use it, heals it, and holds what clients saw, the log, the
 * provider's record and the read models against each other.
 *
 *   npm run torture                                     5 minutes, a new seed
 *   npm run torture -- --seed 17 --minutes 10           the faults of this seed
 *   npm run torture -- --kills 200 --others 200         until so many of both were injected
 *   npm run torture -- --faults kills,stops             these kinds only
 *   npm run torture -- --store stand-in                 events in the stand-in for EventStoreDB, with its faults
 *
 * EVENTSTORE_URL names an EventStoreDB for the events. --nodes N API nodes (2), --projectors N, --processes N (2 each),
 * --clients N at a time (12). The report is kept in test-results/torture-<seed>.md and .json; where something is found, so
 * are all logs and histories. From one seed the same faults come in the same order at the same places in their bouts; what
 * the processes make of it is up to the machine.
 */
import { rmSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { SingleBar } from "cli-progress";
import { type FaultGroup, GROUPS } from "./faults/fault.ts";
import { planned } from "./faults/plan.ts";
import { keepReport } from "./report/keep.ts";
import { type TortureProgress, torture } from "./run.ts";
import type { TownOptions } from "./town/running-town.ts";

const RESULTS = "test-results";
/** Without a terminal a line is enough now and then. */
const LINE_EVERY_MS = 10_000;
/** A bout of three faults takes ten seconds; what has not been injected after so long won't be. */
const MOST_MINUTES = 90;
const STUCK_AFTER_MS = 60_000;

const { values } = parseArgs({
  options: {
    seed: { type: "string" },
    minutes: { type: "string" },
    kills: { type: "string" },
    others: { type: "string" },
    faults: { type: "string" },
    nodes: { type: "string" },
    projectors: { type: "string" },
    processes: { type: "string" },
    clients: { type: "string" },
    store: { type: "string" },
  },
});
const seed = wholeNumber("seed", values.seed, Math.floor(Math.random() * 2 ** 31));
const isCounted = values.kills !== undefined || values.others !== undefined;
const minutes = wholeNumber("minutes", values.minutes, isCounted ? MOST_MINUTES : 5);
const unbounded = isCounted ? 0 : Number.MAX_SAFE_INTEGER;
const amounts = {
  kills: wholeNumber("kills", values.kills, unbounded),
  others: wholeNumber("others", values.others, unbounded),
};
const population = {
  api: wholeNumber("nodes", values.nodes, 2),
  projector: wholeNumber("projectors", values.projectors, 2),
  processes: wholeNumber("processes", values.processes, 2),
};
const clients = wholeNumber("clients", values.clients, 12);
const groups = chosenGroups(values.faults);
const store = chosenStore(values.store);

// The channel to who started us would keep us here.
process.exit(await main());

async function main(): Promise<number> {
  const directory = await mkdtemp(join(tmpdir(), "boxoffice-torture-"));
  const command = `npm run torture -- --seed ${seed} ${process.argv.slice(2).filter(isNotSeed).join(" ")}`.trim();
  // However this ends, nothing stays behind: processes end with us, the disk and the directory are taken away.
  process.once("exit", () => rmSync(directory, { recursive: true, force: true }));
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.once(signal, () => process.exit(130));
  process.once("disconnect", () => process.exit(130));
  const shown = progressShown();
  const say = (line: string) => shown.say(line);
  console.log(`  seed ${seed}`);
  try {
    const result = await torture({
      seed,
      directory,
      population,
      store,
      smallDisk: groups.has("disk"),
      clients,
      groups,
      plan: (faults) => planned(seed, faults, amounts),
      withinMs: minutes * 60_000,
      stuckAfterMs: STUCK_AFTER_MS,
      say,
      onProgress: (progress) => shown.update(progress),
    }).finally(() => shown.stop());
    console.log(`\n${await keepReport(result, { directory, results: RESULTS, command })}`);
    console.log(`  kept in ${RESULTS}/torture-${seed}.md and .json`);
    return result.findings.length === 0 ? 0 : 1;
  } finally {
    await rm(directory, { recursive: true, force: true, maxRetries: 10, retryDelay: 200 });
  }
}

/** The seed stands in front, whether it was given or not. */
function isNotSeed(word: string, index: number, words: readonly string[]): boolean {
  return !word.startsWith("--seed") && words[index - 1] !== "--seed";
}

function progressShown() {
  const total = isCounted ? amounts.kills + amounts.others : minutes * 60;
  if (!process.stdout.isTTY) {
    let lastMs = 0;
    return {
      say: (line: string) => console.log(`  ${line}`),
      update(progress: TortureProgress) {
        if (progress.elapsedMs - lastMs < LINE_EVERY_MS) return;
        lastMs = progress.elapsedMs;
        const { kills, others, asked, unknown, what } = progress;
        const seconds = Math.round(progress.elapsedMs / 1_000);
        console.log(`  ${seconds} s: ${kills} kills, ${others} others; ${asked} asked, ${unknown} unknown; ${what}`);
      },
      stop() {},
    };
  }
  const bar = new SingleBar({
    format: "  {bar} {value} of {total} {unit} | {kills} kills, {others} others | {asked} asked | {what}",
    hideCursor: true,
  });
  const unit = isCounted ? "faults" : "s";
  bar.start(total, 0, { unit, kills: 0, others: 0, asked: 0, what: "" });
  return {
    say: (what: string) => bar.update({ what }),
    update({ kills, others, asked, what, elapsedMs }: TortureProgress) {
      const done = isCounted ? kills + others : Math.round(elapsedMs / 1_000);
      bar.update(Math.min(done, total), { kills, others, asked, what });
    },
    stop: () => bar.stop(),
  };
}

function chosenGroups(text: string | undefined): ReadonlySet<FaultGroup> {
  if (text === undefined) return new Set(GROUPS);
  const names = text.split(",");
  const unknown = names.find((name) => !(GROUPS as readonly string[]).includes(name));
  if (unknown !== undefined) fail(`--faults takes some of ${GROUPS.join(", ")}, by commas`);
  return new Set(names as FaultGroup[]);
}

function chosenStore(text: string | undefined): TownOptions["store"] {
  const given = process.env.EVENTSTORE_URL ?? "";
  if (text === "stand-in" || text === "postgres") return text;
  if (text !== undefined) fail("--store takes postgres or stand-in; EVENTSTORE_URL names an EventStoreDB");
  if (given === "") return "postgres";
  if (!/^esdb(\+discover)?:\/\//.test(given)) fail("EVENTSTORE_URL takes a URL such as esdb://host:2113?tls=false");
  return given as `esdb${string}`;
}

function wholeNumber(name: string, text: string | undefined, otherwise: number): number {
  if (text === undefined) return otherwise;
  const number = Number(text);
  if (Number.isSafeInteger(number) && number >= 0) return number;
  return fail(`--${name} takes a whole number from 0 on`);
}

function fail(line: string): never {
  console.error(line);
  process.exit(1);
}
