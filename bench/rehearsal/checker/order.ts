import type { Ranked } from "./ranks.ts";

/** A call counts from when it was begun, and is told once it is on record: on a busy machine some seconds later. */
const SLACK_MS = 10_000;

/**
 * Where somebody was called before another who stood before him: later in rank and earlier called; or called while the
 * other was told that he has to wait, and never was.
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
    if (calledAtMs === null && waitedAtMs !== null && waitedAtMs > soonest + SLACK_MS) {
      violations.push(`${accountId} was told to wait ${waitedAtMs - soonest} ms after somebody behind him was called`);
    }
    if (calledAtMs !== null) soonest = Math.min(soonest, calledAtMs);
  }
  return violations;
}
