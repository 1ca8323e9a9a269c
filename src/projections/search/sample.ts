import type { ClientBase } from "pg";
import { MOST_EXACT, type PageWish } from "./all-found.ts";
import type { Asked } from "./asked.ts";
import { besidesWords, cityCondition, ofOrdinarySpan, Parameters, unindexed } from "./conditions.ts";
import { type CountRow, countedBy, type Facets, facetsOf, IS_ALL } from "./facets.ts";
import { keysOf } from "./keys-asked.ts";
import { LONGEST_SPAN } from "./spans.ts";
import { PRIORITIES, SAMPLE_BELOW, SAMPLE_LEVELS, SAMPLE_ONE_IN, SAMPLE_WORDS } from "./table.ts";
import { tsqueryOf } from "./wording.ts";

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
  /** How long those last that one meets first, as {@link SPANS} count it; never the longest. */
  readonly span: number;
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

/** With so many the count is within about 16 % (two standard deviations). */
const WANTED = 150;
/** With fewer, another look at more of the sample is worth it, but where so few fit that all of them can be looked at. */
const TOO_FEW = 60;
const SURELY_FEW = MOST_EXACT / 2;
/** The first so many of the order are looked for among twice as many, and so many more of the sample for luck. */
const MARGIN = 2;
const SPARE = 3;
/** Of the sample, those that stand before a place are counted so far: beyond it, they are many. */
const MOST_COUNTED = 30_000;

/**
 * Estimates by random events how many fit, of which kinds they are, and where in the order the first ones stand.
 * @param atMost no more can fit
 */
export async function sampled(client: ClientBase, asked: Asked, wish: PageWish, atMost: number): Promise<Sampled> {
  let below = levelFor(atMost / PRIORITIES);
  for (;;) {
    const taken = await sampleBelow(client, asked, wish, below);
    const isEnough = taken.count >= TOO_FEW || (taken.count * PRIORITIES) / below <= SURELY_FEW;
    if (isEnough || below >= SAMPLE_BELOW) return resultOf(taken, wish, below);
    below = Math.max(levelFor((taken.count + 1) / below), nextLevel(below));
  }
}

/** The smallest part of the sample that has enough, where each priority has so many. */
const levelFor = (each: number): number => SAMPLE_LEVELS.find((level) => level * each >= WANTED) ?? SAMPLE_BELOW;

const nextLevel = (below: number): number => SAMPLE_LEVELS.find((level) => level > below) ?? SAMPLE_BELOW;

interface Taken {
  readonly count: number;
  readonly named: number;
  readonly counts: readonly CountRow[];
  readonly stretches: readonly (Place & {
    readonly is_named: boolean;
    readonly span: number;
    readonly passed: number;
  })[];
}

async function sampleBelow(client: ClientBase, asked: Asked, wish: PageWish, below: number): Promise<Taken> {
  const parameters = new Parameters();
  const isNamed =
    wish.sort === "relevance" && asked.wording !== null
      ? `name_words @@ ${parameters.add(tsqueryOf(asked.wording.close))}::tsquery`
      : "false";
  const order = wish.sort === "price" ? "min_price, begins_at" : "begins_at";
  const stretches = `(
    select json_agg(json_build_object('is_named', is_named, 'begins_at', begins_at::text, 'span', ordinary,
      'min_price', min_price::text, 'passed', (
        select count(*) from (
          select from readmodels.search_sample as passed
          where ${passedUntil("numbered", asked, wish, parameters)} limit ${MOST_COUNTED}) all_passed)))
    from (
      select *, least(span, ${LONGEST_SPAN - 1}) as ordinary,
        row_number() over (partition by is_named order by ${order}) as place from found) numbered
    where place = ${parameters.add(placeOf(wish, below))})`;
  const text = `
    with found as materialized (
      select begins_at, min_price, city, city_key, month, span, ${isNamed} as is_named
      from readmodels.search_sample
      where ${inSample(asked, below, parameters)})
    ${countedBy(`count(*) filter (where is_named)::int as named, case when ${IS_ALL} then ${stretches} end as stretches`)}`;
  const { rows } = await client.query<CountRow & Taken>(parameters.query(text));
  const all = rows.find(({ kind }) => kind === "all");
  return { count: all?.count ?? 0, named: all?.named ?? 0, stretches: all?.stretches ?? [], counts: rows };
}

/**
 * Which rows of the sample are looked at: by words and place in an index of this part of it alone (whose condition has to
 * stand in the text as it is), by dates where all of the sample is asked, else all of the part.
 */
function inSample(asked: Asked, below: number, parameters: Parameters): string {
  const { wording, cityKeys, start, end } = asked;
  const isWithin = `priority < ${below}`;
  if (wording !== null || cityKeys !== null) {
    const keys = parameters.add(keysOf(asked, wording?.all ?? []));
    return `${SAMPLE_WORDS} @@ ${keys}::tsquery and ${isWithin} and ${besidesWords(asked, parameters, false)}`;
  }
  const byDate = below >= SAMPLE_BELOW && (start !== null || end !== null);
  const others = besidesWords(asked, parameters, byDate);
  return `${others} and ${byDate ? unindexed(isWithin) : isWithin}`;
}

/** Of those that the sample has of one kind, the one that stands where probably enough stand before it. */
const placeOf = ({ offset, limit }: PageWish, below: number): number =>
  Math.ceil((MARGIN * (offset + limit) * below) / PRIORITIES) + SPARE;

/** What an index in the order asked for has before a place; by date, of those that last as long. */
function passedUntil(place: string, asked: Asked, { sort }: PageWish, parameters: Parameters): string {
  if (sort === "price") return `(passed.min_price, passed.begins_at) <= (${place}.min_price, ${place}.begins_at)`;
  const { cityKeys, start } = asked;
  return [
    ofOrdinarySpan(`${place}.ordinary`, asked, parameters),
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
    if (found === undefined) return { total, upTo: null, span: 0, passed: Number.POSITIVE_INFINITY };
    const { begins_at, min_price, span } = found;
    const passed = found.passed >= MOST_COUNTED ? Number.POSITIVE_INFINITY : found.passed * SAMPLE_ONE_IN;
    const wanted = (wish.offset + wish.limit) / (placeOf(wish, below) * scale);
    return { total, upTo: { begins_at, min_price }, span, passed: passed * wanted };
  };
  return {
    total: Math.round(count * scale),
    facets: facetsOf(counts, scale),
    named: stretchOf(true),
    others: stretchOf(false),
  };
}
