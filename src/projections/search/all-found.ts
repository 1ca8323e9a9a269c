import type { ClientBase } from "pg";
import { type Asked, conditionsOf, Parameters } from "./conditions.ts";
import { FACETS, type Facets, MONTH } from "./facets.ts";
import { ALL_WORDS } from "./table.ts";
import type { Wording } from "./wording.ts";

export type Sort = "relevance" | "date" | "price";

/** A part of what was found. */
export interface PageWish {
  readonly sort: Sort;
  readonly offset: number;
  readonly limit: number;
}

export interface AllFound {
  readonly total: number;
  /** Of the events on the page, in order. */
  readonly ids: readonly string[];
  readonly facets: Facets;
}

/** Up to so many are all looked at: counts are exact, and relevance is judged one by one. */
export const MOST_EXACT = 1_000;

/** Weights of words in descriptions, places, performers, names. */
const WEIGHTS = "'{0.05, 0.2, 0.5, 1}'";

/** All that fits, when it is not too much; null: more than {@link MOST_EXACT} fit. */
export async function allFound(client: ClientBase, asked: Asked, wish: PageWish): Promise<AllFound | null> {
  const parameters = new Parameters();
  const { sort, offset, limit } = wish;
  const ranked =
    sort === "relevance" && asked.wording !== null ? ranking(asked.wording, parameters) : "0 as tier, 0 as rank";
  const text = `
    with found as materialized (
      select event_id, begins_at, min_price, city, city_key, ${MONTH} as month, ${ranked}
      from readmodels.search where ${conditionsOf(asked, parameters)} limit ${MOST_EXACT + 1})
    select (select count(*) from found)::int as count, ${FACETS},
      array(select event_id::text from found order by ${orderOf(sort)}
            offset ${parameters.add(offset)} limit ${parameters.add(limit)}) as ids`;
  const { rows } = await client.query<{ count: number; ids: string[] } & Facets>(text, parameters.values);
  const [{ count, ids, cities, months }] = rows as [(typeof rows)[number]];
  return count > MOST_EXACT ? null : { total: count, ids, facets: { cities, months } };
}

/** Those with all words in their name first, then by what of the words is where. */
const ranking = ({ close, any, anyClose }: Wording, parameters: Parameters): string => {
  const rankBy = (query: string) => `ts_rank(${WEIGHTS}, ${ALL_WORDS}, ${parameters.add(query)}::tsquery)`;
  return `(name_words @@ ${parameters.add(close)}::tsquery)::int as tier, ${rankBy(anyClose)} + ${rankBy(any)} / 4 as rank`;
};

/** Ends with the id, so that no two events change places between pages. */
function orderOf(sort: Sort): string {
  if (sort === "price") return "min_price, begins_at, event_id";
  return sort === "date" ? "begins_at, event_id" : "tier desc, rank desc, begins_at, event_id";
}
