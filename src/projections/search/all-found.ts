import type { ClientBase } from "pg";
import type { Asked } from "./asked.ts";
import { conditionsOf, Parameters } from "./conditions.ts";
import { type CountRow, countedBy, type Facets, facetsOf, IS_ALL } from "./facets.ts";
import { tsqueryOf, type Wording } from "./wording.ts";

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

/** Of so few that have the words, all are looked at, whatever else is asked of them. */
const FEW_BY_WORDS = 3_000;

/** All that fits, when it is not too much; null: more than {@link MOST_EXACT} fit. */
export async function allFound(client: ClientBase, asked: Asked, wish: PageWish): Promise<AllFound | null> {
  const parameters = new Parameters();
  const { sort, offset, limit } = wish;
  const ranked = sort === "relevance" && asked.wording !== null ? distance(asked.wording, parameters) : "0";
  const ids = `array(select event_id from found order by ${orderOf(sort)}
                     offset ${parameters.add(offset)} limit ${parameters.add(limit)})::text[]`;
  const indexed = { words: true, others: asked.wording === null || asked.wording.atMost > FEW_BY_WORDS };
  const text = `
    with found as materialized (
      select event_id, begins_at, min_price, city, city_key, month, ${ranked} as distance
      from readmodels.search where ${conditionsOf(asked, parameters, indexed)} limit ${MOST_EXACT + 1})
    ${countedBy(`case when ${IS_ALL} then ${ids} end as ids`)}`;
  const { rows } = await client.query<CountRow & { ids: string[] | null }>(parameters.query(text));
  const all = rows.find(({ kind }) => kind === "all");
  const total = all?.count ?? 0;
  return total > MOST_EXACT ? null : { total, ids: all?.ids ?? [], facets: facetsOf(rows) };
}

/**
 * How far from the name one has to go to have all words: 0 in the name as they were typed, 1 in the name, then with who
 * performs, where, and what else is said.
 */
function distance({ close, all }: Wording, parameters: Parameters): string {
  const typed = `${parameters.add(tsqueryOf(close))}::tsquery`;
  const meant = `${parameters.add(tsqueryOf(all))}::tsquery`;
  return `case when name_words @@ ${typed} then 0
               when name_words @@ ${meant} then 1
               when (name_words || people_words) @@ ${meant} then 2
               when (name_words || people_words || place_words) @@ ${meant} then 3 else 4 end`;
}

/** Ends with the id, so that no two events change places between pages. */
function orderOf(sort: Sort): string {
  if (sort === "price") return "min_price, begins_at, event_id";
  return sort === "date" ? "begins_at, event_id" : "distance, begins_at, event_id";
}
