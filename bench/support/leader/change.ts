import { spawn } from "node:child_process";
import { once } from "node:events";
import type { Cluster } from "./cluster.ts";

/** Makes the leader of a cluster change, and resolves when that was asked for, not when it is done. */
export type LeaderChange = () => Promise<void>;

/** A shell command of the operator's, e.g. one that kills the leader's process or cuts its network. */
export function byCommand(command: string): LeaderChange {
  return async () => {
    const child = spawn("sh", ["-c", command], { stdio: ["ignore", "inherit", "inherit"] });
    const [code] = (await once(child, "exit")) as [number | null];
    if (code !== 0) throw new Error(`\`${command}\` ended with ${code}`);
  };
}

/**
 * Asks the leader to resign. Alone that may elect it again, because all nodes are as far and something has to decide; so
 * it is given a lower priority than any leader before it. A priority is forgotten when its node starts anew.
 */
export function byResignation(cluster: Cluster): LeaderChange {
  let priority = 0;
  return async () => {
    priority -= 1;
    await cluster.setPriorityOfLeader(priority);
    await cluster.resignLeader();
  };
}
