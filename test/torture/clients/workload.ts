import { Chance } from "../../model/chance.ts";
import { createHttpClient } from "../../system/http-client.ts";
import { type History, nowMs } from "../history/history.ts";
import type { Town } from "../town.ts";
import { Asking } from "./asking.ts";
import { Buyer } from "./buyer.ts";
import { LogWatch } from "./log-watch.ts";
import { Stage } from "./stage.ts";

export interface WorkloadOptions {
  readonly town: Town;
  /** Of what clients choose; when what happens is the world's affair. */
  readonly seed: number;
  /** How many ask at the same time. */
  readonly clients: number;
  readonly history: History;
}

/** How far clients have come. */
export interface Progress {
  /** Attempts, each time that something is asked again is one more. */
  asked: number;
  answered: number;
  unknown: number;
  /** Commands that got an answer that says something, by name. */
  readonly byCommand: Map<string, number>;
  /** Those of them that were granted. */
  readonly granted: Map<string, number>;
}

export interface Workload {
  readonly progress: Progress;
  /**
   * Ends it: no new commands, and what has no answer yet is asked again with its key until it has; closes the history.
   * @throws Error a client could not go on
   */
  stop(): Promise<void>;
}

/** Events on the stage at a time: so few that clients meet. */
const EVENTS_PER_CLIENT = 0.3;
const FEWEST_EVENTS = 4;

/**
 * Starts clients that ask for everything that can be asked for. What a client chooses comes of the seed, its number and
 * what it was told before; the world's timing does not, so that the same seed gives a run alike and not the same.
 */
export function startWorkload({ town, seed, clients, history }: WorkloadOptions): Workload {
  const progress: Progress = { asked: 0, answered: 0, unknown: 0, byCommand: new Map(), granted: new Map() };
  const nodes = town.apiUrls.map((url) => createHttpClient(Number(new URL(url).port), clients * 2));
  const stage = new Stage(Math.max(FEWEST_EVENTS, Math.round(clients * EVENTS_PER_CLIENT)));
  const watch = new LogWatch(town, history.heads);
  let stoppedAtMs: number | null = null;
  let commands = 0;
  const buyers = Array.from({ length: clients }, (_, number) => {
    const chance = new Chance(seed * 1_000_003 + number);
    const nextCommand = () => ++commands;
    const common = { chance, progress };
    const asking = new Asking({
      ...{ ...common, client: number, nodes, history, nextCommand },
      stoppedAtMs: () => stoppedAtMs,
    });
    const isStopped = () => stoppedAtMs !== null;
    return new Buyer({ ...common, number, admin: town.admin, stage, asking, isStopped });
  });
  const lives = buyers.map((buyer) => buyer.live());
  for (const life of lives) life.catch(() => undefined); // told at the end
  return {
    progress,
    async stop() {
      stoppedAtMs = nowMs();
      const ends = await Promise.allSettled(lives);
      await watch.stop();
      await history.close();
      for (const node of nodes) node.close();
      for (const end of ends) if (end.status === "rejected") throw end.reason;
    },
  };
}
