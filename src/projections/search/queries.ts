import { LRUCache } from "lru-cache";
import { DatabaseError, type Pool, type PoolClient } from "pg";
import { inTransaction } from "../../postgres/transaction.ts";
import { type Answer, positionOf, type ReadAt } from "../consistent-read.ts";
import type { ReadSide } from "../database.ts";
import type { EventStatus } from "../event-details/status.ts";
import type { MOST_EXACT, Sort } from "./all-found.ts";
import type { Facets } from "./facets.ts";
import { find } from "./find.ts";
import { itemsOf, MODELS, type SearchItem } from "./items.ts";
import type { Remember } from "./remember.ts";

/** What somebody looks for; null: anything. */
export interface SearchQuestion {
  /** Words, of which the last may be begun, with or without accents, with typing errors. */
  readonly keyword: string | null;
  /** The whole name of a city. */
  readonly city: string | null;
  /** `startsAt` from and until, both included: RFC 3339 UTC. An event without a date is in no range. */
  readonly start: string | null;
  readonly end: string | null;
  readonly status: EventStatus;
  /** Minor units, whatever the currency: the event's cheapest to dearest ticket overlaps with them. */
  readonly minPrice: number | null;
  readonly maxPrice: number | null;
  /** Dates and prices ascend; without words what is most relevant is what comes soonest. */
  readonly sort: Sort;
  /** From 1. */
  readonly page: number;
  /** 1 to 100. */
  readonly pageSize: number;
  /** Who asks: drafts are found by their organizer only. */
  readonly callerId: string | null;
}

export interface SearchResult {
  readonly items: readonly SearchItem[];
  readonly total: number;
  /** false: so many fit (more than {@link MOST_EXACT}) that `total` and `facets` are estimates; the items never are. */
  readonly exact: boolean;
  readonly facets: Facets;
}

export interface SearchQueries {
  /**
   * Events that fit, in an order in which no two change places between pages while nothing is recorded.
   * @throws ReadModelBehind
   * @throws SearchTooLong
   */
  find(question: SearchQuestion, at: ReadAt): Promise<SearchResult>;
}

/** Postgres did not find it in time. */
export class SearchTooLong extends Error {
  override readonly name = "SearchTooLong";
  readonly retryAfterSeconds = 1;
}

const TOO_LONG_MS = 3_000;
/** What was looked up and estimated serves others who ask the same, and further pages. */
const REMEMBERED_MS = 5_000;
const MOST_REMEMBERED = 2_000;

/**
 * One snapshot for all statements of a search. To plan each for its own words would take as long as to run it, so plans
 * are kept, and which indexes they use is said by how statements are put together. No plan goes through the whole table,
 * and none sorts what an index has in order.
 */
const BEGIN = `
  begin isolation level repeatable read read only;
  set local statement_timeout = ${TOO_LONG_MS};
  set local enable_seqscan = off;
  set local enable_sort = off;
  set local max_parallel_workers_per_gather = 0;
  set local jit = off;
  set local plan_cache_mode = force_generic_plan`;

export function searchQueries({ pool, reads }: Pick<ReadSide, "pool" | "reads">): SearchQueries {
  const memory = new LRUCache<string, object>({ max: MOST_REMEMBERED, ttl: REMEMBERED_MS });
  const remembered: Remember = async (key, make) => {
    const known = memory.get(key) as Awaited<ReturnType<typeof make>> | undefined;
    if (known !== undefined) return known;
    const made = await make();
    memory.set(key, made);
    return made;
  };
  const afresh: Remember = (_key, make) => make();
  return {
    find: (question, { minPosition, nowMs }) =>
      reads.read(MODELS, minPosition, () => answer(pool, question, nowMs, minPosition === null ? remembered : afresh)),
  };
}

async function answer(
  pool: Pool,
  question: SearchQuestion,
  nowMs: number,
  remember: Remember,
): Promise<Answer<SearchResult>> {
  const search = async (client: PoolClient) => {
    const { ids, ...found } = await find(client, question, nowMs, remember);
    const { checkpoint, items } = await itemsOf(client, ids, nowMs);
    return { checkpoint: positionOf(checkpoint), value: { items, ...found } };
  };
  try {
    return await inTransaction(pool, search, BEGIN);
  } catch (error) {
    if (isTimeout(error)) throw new SearchTooLong(`not found within ${TOO_LONG_MS} ms`, { cause: error });
    throw error;
  }
}

const isTimeout = (error: unknown): boolean => error instanceof DatabaseError && error.code === "57014";
