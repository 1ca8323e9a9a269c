import type { ClientBase } from "pg";
import type { PageWish } from "./all-found.ts";
import { type Asked, cityCondition, conditionsOf, Parameters, spanCondition, unindexed } from "./conditions.ts";
import { type CountRow, countedBy, type Facets, facetsOf, IS_ALL } from "./facets.ts";
import { PRIORITIES, SAMPLE_BELOW, SAMPLE_ONE_IN } from "./table.ts";

/** A place in an order, as Postgres writes it. */
export interface Place {
  readonly begins_at: string;
  readonly min_price: string | null;
}

/** The first events of one kind, in order. */
export interface Stretch {
  /** About how many there are. */
  readonly total: number;
  /** Up to here probably more stand than are wanted; null: probably not so many fit at all. */
  readonly upTo: Place | null;
  /** How many events one passes, about, to find as many as are wanted by going through all in their order. */
  readonly passed: number;
}

export interface Sampled {
  /** About how many events fit. */
  readonly total: number;
  /** Counts of all that fit, about. */
  readonly facets: Facets;
  /** Those with all words in their name, as they were typed, where these come first in the order. */
  readonly named: Stretch;
  readonly others: Stretch;
}

/** The count is then within about 10 % (two standard deviations). */
const WANTED = 400;
/** With fewer, another look at more of the sample is worth it. */
const TOO_FEW = 100;
/** The first so many of the order are looked for among twice as many, and so many more of the sample for luck. */
const MARGIN = 2;
const SPARE = 3;
/** When so small a part of the sample is wanted, all of that part is looked at. */
const LOOKED_THROUGH = 4;
/** Of the sample, those that stand before a place are counted so far: beyond it, they are many. */
const MOST_COUNTED = 1_000;

/**
 * Estimates by random events how many fit, of which kinds they are, and where in the order the first ones stand.
 * @param atMost no more can fit
 */
export async function sampled(client: ClientBase, asked: Asked, wish: PageWish, atMost: number): Promise<Sampled> {
  let below = Math.min(SAMPLE_BELOW, Math.ceil((WANTED * PRIORITIES) / Math.max(1, atMost)));
  for (;;) {
    const taken = await sampleBelow(client, asked, wish, below);
    if (taken.count >= TOO_FEW || below >= SAMPLE_BELOW) return resultOf(taken, wish, below);
    below = Math.min(SAMPLE_BELOW, Math.ceil((below * WANTED) / (taken.count + 1)));
  }
}

interface Taken {
  readonly count: number;
  readonly named: number;
  readonly counts: readonly CountRow[];
  readonly stretches: readonly (Place & { readonly is_named: boolean; readonly passed: number })[];
}

async function sampleBelow(client: ClientBase, asked: Asked, wish: PageWish, below: number): Promise<Taken> {
  const parameters = new Parameters();
  const isNamed =
    wish.sort === "relevance" && asked.wording !== null
      ? `name_words @@ ${parameters.add(asked.wording.close)}::tsquery`
      : "false";
  const order = wish.sort === "price" ? "min_price, begins_at" : "begins_at";
  const { wording, cityKeys, start, end } = asked;
  const isNarrow = cityKeys !== null || start !== null || end !== null;
  const lookThrough = below < SAMPLE_BELOW / LOOKED_THROUGH || (wording === null && !isNarrow);
  const fits = conditionsOf(asked, parameters, { words: !lookThrough, others: !lookThrough && wording === null });
  const isWithin = `priority < ${parameters.add(below)}::int`;
  const stretches = `(
    select json_agg(json_build_object('is_named', is_named, 'begins_at', begins_at::text,
      'min_price', min_price::text, 'passed', (
        select count(*) from (
          select from readmodels.search_sample as passed
          where ${passedUntil("numbered", asked, wish, parameters)} limit ${MOST_COUNTED}) all_passed)))
    from (select *, row_number() over (partition by is_named order by ${order}) as place from found) numbered
    where place = ${parameters.add(placeOf(wish, below))})`;
  const text = `
    with found as materialized (
      select begins_at, min_price, city, city_key, month, ${isNamed} as is_named
      from readmodels.search_sample
      where ${fits} and ${lookThrough ? isWithin : unindexed(isWithin)})
    ${countedBy(`count(*) filter (where is_named)::int as named, case when ${IS_ALL} then ${stretches} end as stretches`)}`;
  const { rows } = await client.query<CountRow & Taken>(parameters.query(text));
  const all = rows.find(({ kind }) => kind === "all");
  return { count: all?.count ?? 0, named: all?.named ?? 0, stretches: all?.stretches ?? [], counts: rows };
}

/** Of those that the sample has of one kind, the one that stands where probably enough stand before it. */
const placeOf = ({ offset, limit }: PageWish, below: number): number =>
  Math.ceil((MARGIN * (offset + limit) * below) / PRIORITIES) + SPARE;

/** What an index in the order asked for has before a place; by date, of those that last shortest, which are the most. */
function passedUntil(place: string, asked: Asked, { sort }: PageWish, parameters: Parameters): string {
  if (sort === "price") return `(passed.min_price, passed.begins_at) <= (${place}.min_price, ${place}.begins_at)`;
  const { cityKeys, start } = asked;
  return [
    spanCondition(0, asked, parameters),
    `begins_at <= ${place}.begins_at`,
    ...(start === null ? [] : [`begins_at >= ${parameters.add(start)}`]),
    ...(cityKeys === null ? [] : [cityCondition(cityKeys, parameters)]),
  ].join(" and ");
}

function resultOf({ count, named, stretches, counts }: Taken, wish: PageWish, below: number): Sampled {
  const scale = PRIORITIES / below;
  const stretchOf = (isNamed: boolean): Stretch => {
    const total = Math.round((isNamed ? named : count - named) * scale);
    const found = stretches.find(({ is_named }) => is_named === isNamed);
    if (found === undefined) return { total, upTo: null, passed: Number.POSITIVE_INFINITY };
    const { begins_at, min_price } = found;
    const passed = found.passed >= MOST_COUNTED ? Number.POSITIVE_INFINITY : found.passed * SAMPLE_ONE_IN;
    const wanted = (wish.offset + wish.limit) / (placeOf(wish, below) * scale);
    return { total, upTo: { begins_at, min_price }, passed: passed * wanted };
  };
  return {
    total: Math.round(count * scale),
    facets: facetsOf(counts, scale),
    named: stretchOf(true),
    others: stretchOf(false),
  };
}
