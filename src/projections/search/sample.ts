import type { ClientBase } from "pg";
import type { PageWish } from "./all-found.ts";
import { type Asked, conditionsOf, Parameters } from "./conditions.ts";
import { FACETS, type Facets, MONTH, scaled } from "./facets.ts";
import { PRIORITIES, SAMPLE_BELOW } from "./table.ts";

/** A place in an order, as Postgres writes it. */
export interface Place {
  readonly begins_at: string;
  readonly min_price: string | null;
}

export interface Sampled {
  /** About how many events fit. */
  readonly total: number;
  /** Counts of all that fit, about. */
  readonly facets: Facets;
  /**
   * Up to where in the order probably more stand than are wanted; null: probably not so many fit at all. Apart for those
   * with all words in their name and for the others, where that comes first in the order.
   */
  readonly upTo: { readonly named: Place | null; readonly others: Place | null };
}

/** The count is then within about 6 % (two standard deviations). */
const WANTED = 1_000;
/** With fewer, another look at more of the sample is worth it. */
const TOO_FEW = 250;
/** The first so many of the order are looked for among twice as many, and so many more of the sample for luck. */
const MARGIN = 2;
const SPARE = 4;

/**
 * Estimates by random events how many fit, of which kinds they are, and where in the order the first ones stand.
 * @param atMost no more can fit
 */
export async function sampled(client: ClientBase, asked: Asked, wish: PageWish, atMost: number): Promise<Sampled> {
  let below = Math.min(SAMPLE_BELOW, Math.ceil((WANTED * PRIORITIES) / Math.max(1, atMost)));
  for (;;) {
    const taken = await sampleBelow(client, asked, wish, below);
    if (taken.count >= TOO_FEW || below >= SAMPLE_BELOW) return resultOf(taken, below);
    below = Math.min(SAMPLE_BELOW, Math.ceil((below * WANTED) / (taken.count + 1)));
  }
}

interface Taken extends Facets {
  readonly count: number;
  readonly named: Place | null;
  readonly others: Place | null;
}

async function sampleBelow(client: ClientBase, asked: Asked, wish: PageWish, below: number): Promise<Taken> {
  const { sort, offset, limit } = wish;
  const parameters = new Parameters();
  const isNamed =
    sort === "relevance" && asked.wording !== null
      ? `name_words @@ ${parameters.add(asked.wording.close)}::tsquery`
      : "false";
  const nth = parameters.add(Math.ceil((MARGIN * (offset + limit) * below) / PRIORITIES) + SPARE);
  const order = sort === "price" ? "min_price, begins_at" : "begins_at";
  const place = (rows: string) => `(
    select json_build_object('begins_at', begins_at::text, 'min_price', min_price::text)
    from found where ${rows} order by ${order} offset ${nth}::int limit 1)`;
  const text = `
    with found as materialized (
      select begins_at, min_price, city, city_key, ${MONTH} as month, ${isNamed} as is_named
      from readmodels.search_sample
      where ${conditionsOf(asked, parameters)} and priority < ${parameters.add(below)})
    select (select count(*) from found)::int as count, ${FACETS},
      ${place("is_named")} as named, ${place("not is_named")} as others`;
  const { rows } = await client.query<Taken>(text, parameters.values);
  return rows[0] as Taken;
}

function resultOf({ count, named, others, ...facets }: Taken, below: number): Sampled {
  const scale = PRIORITIES / below;
  return { total: Math.round(count * scale), facets: scaled(facets, scale), upTo: { named, others } };
}
