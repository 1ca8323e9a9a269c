import type { ClientBase } from "pg";
import { type AllFound, allFound, MOST_EXACT, type PageWish } from "./all-found.ts";
import type { Asked } from "./asked.ts";
import { firstInOrder } from "./first-in-order.ts";
import type { SearchQuestion, SearchResult } from "./queries.ts";
import type { Remember } from "./remember.ts";
import { sampled } from "./sample.ts";
import { lookUp } from "./vocabulary.ts";
import { wordingOf } from "./wording.ts";
import { askedWords, placeKeys } from "./words.ts";

const MOST_WORDS = 12;

export type Found = AllFound & Pick<SearchResult, "exact">;

const NOTHING: Found = { total: 0, exact: true, ids: [], facets: { cities: [], months: [] } };

/** What answers the question, at first by its words as they are, then, when nothing does, with typing errors in all. */
export async function find(
  client: ClientBase,
  question: SearchQuestion,
  nowMs: number,
  remember: Remember,
): Promise<Found> {
  const { keyword, city, callerId, page, pageSize, sort, start, end, status, minPrice, maxPrice } = question;
  const cityKeys = city === null ? null : placeKeys(city);
  const wish = { sort, offset: (page - 1) * pageSize, limit: pageSize };
  const organizerId = status === "DRAFT" ? callerId : null;
  const asked = { wording: null, cityKeys, start, end, status, organizerId, minPrice, maxPrice, nowMs };
  if (keyword === null) {
    const { events } = await lookUp(client, [], false, remember);
    return findBy(client, asked, wish, events, remember);
  }
  const words = askedWords(keyword, MOST_WORDS);
  let found = NOTHING;
  for (const forgiving of [false, true]) {
    const { meanings, events } = await lookUp(client, words, forgiving, remember);
    const wording = wordingOf(meanings, events);
    if (wording !== null) found = await findBy(client, { ...asked, wording }, wish, events, remember);
    if (found.total > 0) return found;
  }
  return found;
}

/**
 * Few are all looked at. Of many a random sample tells how many there are and how far to look for the page.
 * @param events how many there are, whether they fit or not
 */
async function findBy(
  client: ClientBase,
  asked: Asked,
  wish: PageWish,
  events: number,
  remember: Remember,
): Promise<Found> {
  const atMost = asked.wording?.atMost ?? events;
  const canOnlyBeFew = atMost <= MOST_EXACT;
  const few = canOnlyBeFew ? await allFound(client, asked, wish) : null;
  if (few !== null) return { ...few, exact: true };
  const { nowMs, ...timeless } = asked;
  const key = JSON.stringify(["sample", timeless, wish]);
  const sample = await remember(key, () => sampled(client, asked, wish, atMost));
  const all = !canOnlyBeFew && sample.total <= MOST_EXACT ? await allFound(client, asked, wish) : null;
  if (all !== null) return { ...all, exact: true };
  const { ids } = await remember(JSON.stringify(["first", timeless, wish]), async () => ({
    ids: await firstInOrder(client, asked, wish, sample),
  }));
  return { total: Math.max(sample.total, MOST_EXACT + 1), exact: false, facets: sample.facets, ids };
}
