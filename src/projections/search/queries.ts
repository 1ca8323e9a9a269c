import { DatabaseError, type Pool, type PoolClient } from "pg";
import { inTransaction } from "../../postgres/transaction.ts";
import { type Answer, positionOf, type ReadAt } from "../consistent-read.ts";
import type { ReadSide } from "../database.ts";
import type { EventStatus } from "../event-details/status.ts";
import { type AllFound, allFound, MOST_EXACT, type PageWish, type Sort } from "./all-found.ts";
import type { Asked } from "./conditions.ts";
import type { Facets } from "./facets.ts";
import { firstInOrder } from "./first-in-order.ts";
import { itemsOf, MODELS, type SearchItem } from "./items.ts";
import { sampled } from "./sample.ts";
import { eventsKnown, LIKENESS_SETTINGS, meaningsOf } from "./vocabulary.ts";
import { wordingOf } from "./wording.ts";
import { askedWords, placeKeys } from "./words.ts";

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
  /** Minor units, whatever the currency: the event's cheapest to dearest ticket type overlaps with them. */
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

const MOST_WORDS = 12;
const TOO_LONG_MS = 3_000;
/** With fewer that fit, probably, all are looked at: an estimate may be wrong by so much. */
const PROBABLY_EXACT = 1.5 * MOST_EXACT;

/**
 * One snapshot for all statements of a search. Each is planned for its own words and dates: which index serves best
 * depends on them. No plan goes through the whole table, however many rows Postgres expects to fit.
 */
const SETTINGS = `
  set transaction isolation level repeatable read read only;
  set local statement_timeout = ${TOO_LONG_MS};
  set local enable_seqscan = off;
  set local jit = off;
  ${LIKENESS_SETTINGS}`;

export function searchQueries({ pool, reads }: Pick<ReadSide, "pool" | "reads">): SearchQueries {
  return {
    find: (question, { minPosition, nowMs }) => reads.read(MODELS, minPosition, () => answer(pool, question, nowMs)),
  };
}

async function answer(pool: Pool, question: SearchQuestion, nowMs: number): Promise<Answer<SearchResult>> {
  try {
    return await inTransaction(pool, async (client) => {
      await client.query(SETTINGS);
      const found = await ask(client, question, nowMs);
      const { checkpoint, items } = await itemsOf(client, found.ids, nowMs);
      const { total, exact, facets } = found;
      return { checkpoint: positionOf(checkpoint), value: { items, total, exact, facets } };
    });
  } catch (error) {
    if (isTimeout(error)) throw new SearchTooLong(`not found within ${TOO_LONG_MS} ms`, { cause: error });
    throw error;
  }
}

type Found = AllFound & Pick<SearchResult, "exact">;

const NOTHING: Found = { total: 0, exact: true, ids: [], facets: { cities: [], months: [] } };

async function ask(client: PoolClient, question: SearchQuestion, nowMs: number): Promise<Found> {
  const { keyword, city, callerId, page, pageSize, sort } = question;
  const cityKeys = city === null ? null : placeKeys(city);
  const wish = { sort, offset: (page - 1) * pageSize, limit: pageSize };
  if (keyword === null)
    return foundBy(client, { ...question, wording: null, cityKeys, organizerId: callerId, nowMs }, wish);
  const words = askedWords(keyword, MOST_WORDS);
  let found = NOTHING;
  for (const forgiving of [false, true]) {
    const wording = wordingOf(await meaningsOf(client, words, forgiving));
    if (wording !== null) {
      found = await foundBy(client, { ...question, wording, cityKeys, organizerId: callerId, nowMs }, wish);
    }
    if (found.total > 0) return found;
  }
  return found;
}

/** Few are all looked at. Of many a random sample tells how many there are and how far to look for the page. */
async function foundBy(client: PoolClient, asked: Asked, wish: PageWish): Promise<Found> {
  const atMost = asked.wording?.atMost ?? (await eventsKnown(client));
  const canOnlyBeFew = atMost <= 2 * MOST_EXACT;
  const few = canOnlyBeFew ? await allFound(client, asked, wish) : null;
  if (few !== null) return { ...few, exact: true };
  const { total, facets, upTo } = await sampled(client, asked, wish, atMost);
  const all = !canOnlyBeFew && total <= PROBABLY_EXACT ? await allFound(client, asked, wish) : null;
  if (all !== null) return { ...all, exact: true };
  const ids = await firstInOrder(client, asked, wish, upTo);
  return { total: Math.max(total, MOST_EXACT + 1), exact: false, facets, ids };
}

const isTimeout = (error: unknown): boolean => error instanceof DatabaseError && error.code === "57014";
