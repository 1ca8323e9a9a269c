import { readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import type { LauncherLog } from "./log.ts";
import { isRunning, isServerOf } from "./process-state.ts";
import { StartError } from "./start-error.ts";

const LOOK_AGAIN_MS = 25;

/** The ways to end a server, from the kind to the certain: disconnect all and checkpoint; just stop; be stopped. */
export const ENDINGS: readonly { readonly signal: NodeJS.Signals; readonly waitMs: number }[] = [
  { signal: "SIGINT", waitMs: 20_000 },
  { signal: "SIGQUIT", waitMs: 5_000 },
  { signal: "SIGKILL", waitMs: 5_000 },
];

/**
 * Ends the server that an earlier start left running on this cluster, and removes a postmaster.pid that names no such
 * server: the process is gone, a zombie, or something else that got the number later (after a reboot, say). Postgres by
 * itself believes any living process of the same user. The caller owns DATA_DIR, so whoever runs here has no owner.
 */
export async function endLeftover(clusterDir: string, log: LauncherLog): Promise<void> {
  const pidFile = join(clusterDir, "postmaster.pid");
  const content = await readFile(pidFile, "utf8").catch(() => undefined);
  if (content === undefined) return;
  const pid = Number.parseInt(content, 10);
  if (pid > 0 && (await isRunning(pid)) && (await isServerOf(clusterDir, pid))) {
    log.info(`Ending the embedded Postgres that an earlier start left running (process ${pid})`);
    await end(pid, log);
  }
  // What it still holds in shared memory Postgres finds without this file, by the directory's own number.
  await rm(pidFile, { force: true });
}

async function end(pid: number, log: LauncherLog): Promise<void> {
  for (const { signal, waitMs } of ENDINGS) {
    try {
      process.kill(pid, signal);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === "ESRCH") return;
      throw new StartError(`a Postgres that an earlier start left running (process ${pid}) cannot be ended`, {
        cause: error,
      });
    }
    const until = performance.now() + waitMs;
    while (performance.now() < until) {
      if (!(await isRunning(pid))) return;
      await setTimeout(LOOK_AGAIN_MS);
    }
    log.warn(`The leftover Postgres (process ${pid}) did not end on ${signal} within ${waitMs / 1000} s`);
  }
  throw new StartError(`a Postgres that an earlier start left running (process ${pid}) does not end, even by SIGKILL`);
}
