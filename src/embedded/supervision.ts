import { setTimeout } from "node:timers/promises";
import type { LauncherLog } from "./log.ts";
import type { Postmaster } from "./postmaster.ts";
import { StartError } from "./start-error.ts";

const ATTEMPTS = 10;
const FIRST_PAUSE_MS = 100;
const LONGEST_PAUSE_MS = 5_000;
/** A server that ran this long was well: what comes after is a new trouble, with all its attempts. */
const WELL_AFTER_MS = 60_000;

export interface Supervision {
  /** Ends the server and the watch over it. */
  stop(): Promise<void>;
}

export interface SupervisionParts {
  readonly startAgain: () => Promise<Postmaster>;
  readonly log: LauncherLog;
  readonly onDown?: ((error: StartError) => void) | undefined;
  /** Resolves after so long, or as soon as the signal is aborted. */
  readonly pause?: (ms: number, cutShort: AbortSignal) => Promise<void>;
}

/**
 * Starts the server again when it ends by itself, on the same port: after a pause that doubles with each attempt. After
 * ten attempts without a minute of health it gives up and calls `onDown`.
 */
export function keepRunning(first: Postmaster, parts: SupervisionParts): Supervision {
  const { startAgain, log, onDown = () => {}, pause = sleep } = parts;
  const stopping = new AbortController();
  let running: Postmaster | undefined = first;
  const watch = watchOver();

  async function watchOver(): Promise<void> {
    let attempts = 0;
    for (let server = first; ; ) {
      const since = performance.now();
      let trouble = `ended by itself (${await server.ended})`;
      running = undefined;
      if (performance.now() - since > WELL_AFTER_MS) attempts = 0;
      while (running === undefined) {
        if (stopping.signal.aborted) return;
        log.warn(`The embedded Postgres ${trouble}`);
        if (attempts === ATTEMPTS) {
          onDown(new StartError(`the embedded Postgres ${trouble}, the last of ${ATTEMPTS} attempts to bring it back`));
          return;
        }
        await pause(Math.min(FIRST_PAUSE_MS * 2 ** attempts, LONGEST_PAUSE_MS), stopping.signal);
        attempts++;
        if (stopping.signal.aborted) return;
        try {
          server = await startAgain();
          running = server;
          log.info("The embedded Postgres runs again");
        } catch (error) {
          trouble = `did not start (${(error as Error).message})`;
        }
      }
      if (stopping.signal.aborted) await server.stop();
    }
  }

  return {
    async stop() {
      stopping.abort();
      await running?.stop();
      await watch; // one that was just being started is stopped there
    },
  };
}

async function sleep(ms: number, cutShort: AbortSignal): Promise<void> {
  await setTimeout(ms, undefined, { signal: cutShort }).catch(() => {});
}
