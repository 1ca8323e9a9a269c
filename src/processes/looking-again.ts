/** What a booking waits for, which says how long it may rest before it is looked at again. */
export type Awaited = "payment" | "settlement" | "refused";

/**
 * - `payment`: tickets are kept from others meanwhile, and a buyer waits
 * - `settlement`: money is to go back, and the provider does not answer or takes its time
 * - `refused`: the provider won't; only a person can change that, there or here
 */
const PAUSES: Readonly<Record<Awaited, { readonly leastMs: number; readonly mostMs: number }>> = {
  payment: { leastMs: 5_000, mostMs: 60_000 },
  settlement: { leastMs: 5_000, mostMs: 3_600_000 },
  refused: { leastMs: 60_000, mostMs: 4 * 3_600_000 },
};

/**
 * When to look at a booking again (epoch milliseconds): soon at first, then the later the longer nothing has happened to
 * it, each pause half as long again as the one before. It follows from the log alone, so that no restart and no other node
 * begins with it anew.
 * @param quietMs how long ago its last event was recorded
 */
export function lookAgainAt(awaited: Awaited, nowMs: number, quietMs: number): number {
  const { leastMs, mostMs } = PAUSES[awaited];
  return nowMs + Math.min(Math.max(quietMs / 2, leastMs), mostMs);
}
