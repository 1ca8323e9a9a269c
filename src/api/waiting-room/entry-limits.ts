import type { FastifyRequest } from "fastify";
import { createOwnCounts } from "../security/rate-counts.ts";
import { addressOf } from "../security/rate-limits.ts";

/** How often somebody may enter waiting rooms; entering again changes nothing, so nobody needs to do it often. */
export interface EntryLimits {
  /** Counts one entry more. @returns null, or seconds after which another one is taken */
  check(request: FastifyRequest, accountId: string): number | null;
}

const WINDOW_MS = 60_000;
const BY_ACCOUNT = 10;
/** A household, an office, a mobile network's gateway: many people may share one, a bot farm too. */
const BY_ADDRESS = 300;

/** Of this node. @param areOn whether requests are limited at all (`RATE_LIMIT_PER_MINUTE`) */
export function entryLimits(areOn: boolean, monotonicMs = () => performance.now()): EntryLimits {
  if (!areOn) return { check: () => null };
  const counts = createOwnCounts(WINDOW_MS, monotonicMs);
  const beyond = (key: string, most: number): number | null => {
    const { count, endsInMs } = counts.count(key);
    return count <= most ? null : Math.ceil(endsInMs / 1_000);
  };
  return {
    check: (request, accountId) =>
      beyond(`account ${accountId}`, BY_ACCOUNT) ?? beyond(`address ${addressOf(request)}`, BY_ADDRESS),
  };
}
