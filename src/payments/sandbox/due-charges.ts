import type { GroupCommit } from "./group-commit.ts";

/** The clock may be set meanwhile: it is looked at again at least so often. */
const LONGEST_WAIT_MS = 30_000;
const AFTER_FAILURE_MS = 1_000;
const AT_ONCE = 200;

export interface DueCharges {
  /** A charge may be due at this time: it is not slept through. */
  expect(dueMs: number): void;
  /** Settles all that are due by now; after the clock was moved. */
  settle(): Promise<void>;
  stop(): void;
}

export interface DueChargesParts {
  /** Belongs into a transaction. @returns how many were settled */
  readonly settleDue: (limit: number) => number;
  readonly earliestDueMs: () => number | null;
  readonly commits: GroupCommit;
  readonly nowMs: () => number;
  readonly onError: (error: unknown) => void;
}

/** Authorizes charges when their time comes, at once those whose time came while nothing ran. */
export function settleDueCharges({ settleDue, earliestDueMs, commits, nowMs, onError }: DueChargesParts): DueCharges {
  let timer: NodeJS.Timeout | null = null;
  let wakesAtMs = Number.POSITIVE_INFINITY;
  let stopped = false;

  function wakeAt(dueMs: number): void {
    if (stopped) return;
    if (timer !== null) clearTimeout(timer);
    const waitMs = Math.min(Math.max(dueMs - nowMs(), 0), LONGEST_WAIT_MS);
    wakesAtMs = nowMs() + waitMs;
    timer = setTimeout(onTime, waitMs);
  }

  function onTime(): void {
    settle().catch((error: unknown) => {
      wakeAt(nowMs() + AFTER_FAILURE_MS);
      onError(error);
    });
  }

  async function settle(): Promise<void> {
    let settled = AT_ONCE;
    while (settled === AT_ONCE) settled = await commits.run(() => (stopped ? 0 : settleDue(AT_ONCE)));
    wakeAt(earliestDueMs() ?? Number.POSITIVE_INFINITY);
  }

  wakeAt(earliestDueMs() ?? Number.POSITIVE_INFINITY);
  return {
    expect(dueMs) {
      if (dueMs < wakesAtMs) wakeAt(dueMs);
    },
    settle,
    stop() {
      stopped = true;
      if (timer !== null) clearTimeout(timer);
    },
  };
}
