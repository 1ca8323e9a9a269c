import { spawnSync } from "node:child_process";

/** Whether this system can keep processes to a processor. */
export const canPin = spawnSync("taskset", ["--version"]).error === undefined;

/** A command that is kept to one processor, where the system can do so. @param core null: to none */
export const pinned = (core: number | null, command: string, args: readonly string[]): [string, string[]] =>
  core === null || !canPin ? [command, [...args]] : ["taskset", ["-c", String(core), command, ...args]];

/**
 * Keeps this process to one processor while something goes on, and with it whatever it starts meanwhile, where the system
 * can do so.
 */
export async function onCore<Result>(core: number, work: () => Promise<Result>): Promise<Result> {
  if (!canPin) return work();
  const affinity = (...to: readonly string[]) =>
    spawnSync("taskset", ["-a", "-c", "-p", ...to, String(process.pid)], { encoding: "utf8" }).stdout;
  const before = /list: (\S+)/.exec(affinity())?.[1];
  affinity(String(core));
  try {
    return await work();
  } finally {
    if (before !== undefined) affinity(before);
  }
}
