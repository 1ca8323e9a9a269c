import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import type { Finding } from "../system/buying/verdict.ts";
import { check } from "./checker/check.ts";
import { type Progress, startWorkload } from "./clients/workload.ts";
import { faultsOf } from "./faults/all.ts";
import type { FaultGroup } from "./faults/fault.ts";
import type { Bout, Plannable } from "./faults/plan.ts";
import { type Injected, playBout } from "./faults/play-bout.ts";
import { Probe, type Recovery } from "./faults/probe.ts";
import { History } from "./history/history.ts";
import { type RunningTown, startTown, type TownOptions } from "./town/running-town.ts";

export interface TortureOptions extends Omit<TownOptions, "directory"> {
  readonly seed: number;
  /** Everything that a look afterwards needs is kept in it. */
  readonly directory: string;
  readonly clients: number;
  readonly groups: ReadonlySet<FaultGroup>;
  /** What is done to it when, from what can be done to it. */
  readonly plan: (faults: readonly Plannable[]) => Iterable<Bout>;
  /** No bout begins after so long. */
  readonly withinMs: number;
  /** A town that has not recovered so long after a bout is stuck: a finding. The run waits for it as long again. */
  readonly stuckAfterMs: number;
  readonly say: (line: string) => void;
  readonly onProgress?: (progress: TortureProgress) => void;
}

export interface TortureProgress {
  readonly kills: number;
  readonly others: number;
  readonly elapsedMs: number;
  readonly asked: number;
  readonly unknown: number;
  /** Reservations that were granted. */
  readonly reserved: number;
  /** What is going on. */
  readonly what: string;
}

/** What a town went through and what became of it. */
export interface TortureResult {
  readonly seed: number;
  readonly findings: readonly Finding[];
  readonly injected: readonly Injected[];
  readonly recoveries: readonly (Recovery & { readonly bout: number })[];
  readonly progress: Progress;
  readonly counted: Readonly<Record<string, number>>;
  /** Faults that were wanted and are not to be had here, with the reason. */
  readonly leftOut: readonly string[];
  /** Starts that ended with a line saying what they miss, and were tried again. */
  readonly refusedStarts: number;
  /** Lines that processes logged as errors, by what they say. */
  readonly loggedErrors: ReadonlyMap<string, number>;
  readonly seconds: { readonly load: number; readonly check: number };
  readonly historyPath: string;
}

const STOP_WITHIN_MS = 300_000;

/** Lets clients use a town that is being broken, heals it, and holds everything against each other. */
export async function torture(options: TortureOptions): Promise<TortureResult> {
  options.say("starting the town");
  const town = await startTown(options);
  let isClosed = false;
  const close = async () => {
    if (isClosed) return;
    isClosed = true;
    await town.close();
  };
  try {
    return await new Torture(options, town, close).run();
  } finally {
    await close();
  }
}

class Torture {
  readonly #options: TortureOptions;
  readonly #town: RunningTown;
  readonly #close: () => Promise<void>;
  readonly #history: History;
  readonly #injected: Injected[] = [];
  readonly #recoveries: (Recovery & { readonly bout: number })[] = [];
  readonly #struck = { kills: 0, others: 0 };
  #progress: Progress = { asked: 0, answered: 0, unknown: 0, byCommand: new Map(), granted: new Map() };
  #what = "";
  #beganMs = 0;

  constructor(options: TortureOptions, town: RunningTown, close: () => Promise<void>) {
    this.#options = options;
    this.#town = town;
    this.#close = close;
    this.#history = new History(join(options.directory, "history.ndjson"));
  }

  async run(): Promise<TortureResult> {
    const { seed, clients, say, groups, smallDisk, stuckAfterMs } = this.#options;
    const town = this.#town;
    const probe = await Probe.in(town);
    const first = await probe.recovery(2 * stuckAfterMs);
    if (first.ms > stuckAfterMs) throw new Error(`nothing was broken, and it does not work: ${first.last}`);

    const workload = startWorkload({ town, seed, clients, history: this.#history });
    this.#progress = workload.progress;
    this.#beganMs = performance.now();
    const telling = setInterval(() => this.#tell(), 1_000);
    const findings: Finding[] = [];
    let loadMs = 0;
    try {
      await this.#bouts(probe);
      loadMs = performance.now() - this.#beganMs;
      this.#what = "clients finish";
      say("healed; clients finish");
      const late = pause(STOP_WITHIN_MS, `no end after ${STOP_WITHIN_MS / 1_000} s`, { ref: false });
      const stopped = workload.stop().then(
        () => null,
        (error: Error) => String(error.stack),
      );
      const trouble = await Promise.race([stopped, late]);
      if (trouble !== null) findings.push({ what: "clients that could not finish", violations: [trouble] });
    } finally {
      clearInterval(telling);
    }

    say("checking");
    const checkedFromMs = performance.now();
    const { findings: found, counted } = await check({ town, history: this.#history, say }).catch((error: Error) => ({
      findings: [{ what: "the checker itself", violations: [String(error.stack)] }],
      counted: {},
    }));
    const checkMs = performance.now() - checkedFromMs;
    await this.#close();
    findings.push(...found, ...this.#ownFindings());
    const residents = [...town.nodes.map(({ resident }) => resident), town.providerProcess];
    return {
      seed,
      findings: findings.filter(({ violations }) => violations.length > 0),
      injected: this.#injected,
      recoveries: this.#recoveries,
      progress: this.#progress,
      counted,
      leftOut: smallDisk && groups.has("disk") && town.postgres.disk === null ? [NO_DISK] : [],
      refusedStarts: residents.reduce((sum, { refusedStarts }) => sum + refusedStarts, 0),
      loggedErrors: town.logs.errors(),
      seconds: { load: loadMs / 1_000, check: checkMs / 1_000 },
      historyPath: this.#history.path,
    };
  }

  async #bouts(probe: Probe): Promise<void> {
    const { groups, plan, withinMs, stuckAfterMs } = this.#options;
    const faults = faultsOf(this.#town, groups);
    const byName = new Map(faults.map((fault) => [fault.name, fault]));
    for (const bout of plan(faults)) {
      if (performance.now() - this.#beganMs > withinMs) return;
      const injected = await playBout(bout, byName, ({ name, what }) => {
        this.#what = what ?? name;
        this.#struck[byName.get(name)?.group === "kills" ? "kills" : "others"] += 1;
        this.#tell();
      });
      this.#injected.push(...injected);
      this.#what = "recovering";
      this.#recoveries.push({ bout: bout.number, ...(await probe.recovery(2 * stuckAfterMs)) });
      await pause(bout.restMs);
    }
  }

  #tell(): void {
    const { asked, unknown, granted } = this.#progress;
    const reserved = granted.get("reserve") ?? 0;
    const elapsedMs = performance.now() - this.#beganMs;
    this.#options.onProgress?.({ ...this.#struck, elapsedMs, asked, unknown, reserved, what: this.#what });
  }

  #ownFindings(): Finding[] {
    const { nodes, providerProcess } = this.#town;
    const { stuckAfterMs } = this.#options;
    const told = (bout: number) =>
      this.#injected.flatMap((one) => (one.bout === bout ? [`${one.name} (${one.what})`] : [])).join(", ");
    return [
      {
        what: "processes that ended by themselves",
        violations: [...nodes.map(({ resident }) => resident), providerProcess].flatMap(({ ends }) => ends),
      },
      {
        what: `not recovered within ${stuckAfterMs / 1_000} s`,
        violations: this.#recoveries
          .filter(({ ms }) => ms > stuckAfterMs)
          .map(({ bout, ms, last }) => `${(ms / 1_000).toFixed(1)} s after bout ${bout}: ${told(bout)}; ${last}`),
      },
      {
        what: "faults that found nobody to strike",
        violations: this.#injected.filter(({ what }) => what === null).map(({ bout, name }) => `${name}, bout ${bout}`),
      },
    ];
  }
}

const NO_DISK = "disk full: this system lets nobody mount a file system of its own (it takes root on Linux)";
