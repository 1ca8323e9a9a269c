import type { Ranked } from "./ranks.ts";

/** Clocks of buyers and system, and the quarter of a second that a node may be behind another. */
const SLACK_MS = 2_000;

/**
 * Where somebody was called before another who stood before him: later in rank and earlier called, or called while the
 * other was told that he has to wait.
 * @param people by rank
 * @returns what must not be, in words
 */
export function calledOutOfOrder(people: readonly Ranked[]): readonly string[] {
  const violations: string[] = [];
  let last: { readonly rank: number; readonly atMs: number; readonly accountId: string } | null = null;
  for (const { record, rank } of people) {
    const { accountId, calledAtMs } = record;
    if (calledAtMs === null) continue;
    if (last !== null && rank > last.rank && calledAtMs < last.atMs) {
      violations.push(
        `${accountId} was called ${last.atMs - calledAtMs} ms before ${last.accountId}, who is before him`,
      );
    }
    if (last === null || calledAtMs >= last.atMs) last = { rank, atMs: calledAtMs, accountId };
  }
  // From the end on: the earliest call of all who stand behind.
  let soonest = Number.POSITIVE_INFINITY;
  for (const { record } of people.toReversed()) {
    const { accountId, calledAtMs, waitedAtMs } = record;
    if (waitedAtMs !== null && waitedAtMs > soonest + SLACK_MS) {
      violations.push(`${accountId} was told to wait ${waitedAtMs - soonest} ms after somebody behind him was called`);
    }
    if (calledAtMs !== null) soonest = Math.min(soonest, calledAtMs);
  }
  return violations;
}
