import { setTimeout as pause } from "node:timers/promises";
import type { KeptNode } from "./kept-node.ts";
import type { OutsideProvider } from "./provider.ts";

export type Victim = "node 1" | "node 2" | "provider" | "postgres";

export interface KillingGround {
  readonly nodes: readonly KeptNode[];
  readonly provider: OutsideProvider;
  /** `kill -9` of the database, which comes back by itself; null: it is spared. */
  readonly killPostgres: (() => Promise<boolean>) | null;
}

/** Who was killed, how often. */
export type Killed = Map<Victim, number>;

/** Kills until the signal aborts; `bought` tells how many purchases were answered by now. */
export type Killer = (ground: KillingGround, killed: Killed, bought: () => number, stop: AbortSignal) => Promise<void>;

const LOOK_MS = 50;

const MOSTLY = ["node 1", "node 2", "provider"] as const;

/** A random one each time, after a random while; the database, without which nothing goes on at all, one time of ten. */
export const randomKills =
  (fromMs: number, toMs: number, onKill: (victim: Victim) => void): Killer =>
  async (ground, killed, _bought, stop) => {
    const victims = [...MOSTLY, ...MOSTLY, ...MOSTLY, ...(ground.killPostgres === null ? [] : (["postgres"] as const))];
    while (!stop.aborted) {
      await pause(fromMs + Math.random() * (toMs - fromMs), undefined, { signal: stop }).catch(() => {});
      if (stop.aborted) return;
      const victim = victims[Math.floor(Math.random() * victims.length)] as Victim;
      if (isLastNode(ground, victim)) continue;
      if (await kill(ground, victim, killed)) onKill(victim);
    }
  };

/** With a start of several seconds on a busy machine nobody would buy anything: one node is left, as after a real fault. */
const isLastNode = ({ nodes }: KillingGround, victim: Victim): boolean =>
  victim.startsWith("node") && nodes.some((node) => !node.isUp());

/** Each as soon as so many purchases were answered. */
export const plannedKills =
  (plan: readonly { readonly victim: Victim; readonly bought: number }[]): Killer =>
  async (ground, killed, bought, stop) => {
    for (const { victim, bought: when } of plan) {
      while (!stop.aborted && bought() < when) await pause(LOOK_MS, undefined, { signal: stop }).catch(() => {});
      while (!stop.aborted && !(await kill(ground, victim, killed))) await pause(LOOK_MS);
    }
  };

/** @returns false: it did not run just now */
async function kill(
  { nodes, provider, killPostgres }: KillingGround,
  victim: Victim,
  killed: Killed,
): Promise<boolean> {
  const isDead = await died();
  if (isDead) killed.set(victim, (killed.get(victim) ?? 0) + 1);
  return isDead;

  async function died(): Promise<boolean> {
    if (victim === "provider") return provider.kill();
    if (victim !== "postgres") return (nodes[victim === "node 1" ? 0 : 1] as KeptNode).kill();
    return killPostgres === null ? false : killPostgres();
  }
}
