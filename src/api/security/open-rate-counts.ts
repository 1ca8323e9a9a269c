import type { Log } from "../../ports.ts";
import { createOwnCounts, type RateCounts } from "./rate-counts.ts";
import { RATE_WINDOW_MS } from "./rate-limits.ts";
import { openSharedCounts } from "./shared-counts.ts";

/** A hundred times what Redis takes, and less than a client notices. */
const ANSWERS_WITHIN_MS = 100;
const OPENS_WITHIN_MS = 1_000;
const TRY_AGAIN_AFTER_MS = 1_000;

/** The counts of this process, or with `REDIS_URL` those of all nodes that have the same. */
export async function openRateCounts(
  { redisUrl, rateLimitPerMinute }: { readonly redisUrl: string | null; readonly rateLimitPerMinute: number },
  log: Log,
): Promise<RateCounts & { close(): void }> {
  const own = createOwnCounts(RATE_WINDOW_MS, () => performance.now());
  if (redisUrl === null || rateLimitPerMinute === 0) return { ...own, close() {} };
  const { redisLinks } = await import("./redis-counts.ts"); // a third of all modules, that few nodes need
  return openSharedCounts({
    own,
    open: redisLinks(redisUrl, RATE_WINDOW_MS),
    log,
    answersWithinMs: ANSWERS_WITHIN_MS,
    opensWithinMs: OPENS_WITHIN_MS,
    tryAgainAfterMs: TRY_AGAIN_AFTER_MS,
  });
}
