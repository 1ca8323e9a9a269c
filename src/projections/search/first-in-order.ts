import type { ClientBase } from "pg";
import type { PageWish, Sort } from "./all-found.ts";
import {
  type Asked,
  besidesWords,
  cityCondition,
  conditionsOf,
  Parameters,
  spanCondition,
  unindexed,
} from "./conditions.ts";
import type { Place, Sampled, Stretch } from "./sample.ts";
import { LONGEST_SPAN, SPANS } from "./table.ts";

/** Going through so many events in their order costs less than looking up all that fit. */
const MOST_PASSED = 2_000;
/** Of so few that fit all are looked up, wherever they stand in the order. */
const FEW = 2_000;

/** Events of one kind. */
interface Kind {
  readonly stretch: Stretch;
  /** Which rows are of it. @param lookedUp by their words, where there are any: else, rows are looked at one by one */
  condition(parameters: Parameters, lookedUp: boolean): string;
}

/**
 * A page of more events than can all be looked at, exactly as the order has it. By relevance, events with all words in
 * their name come first, as they were typed, then the others; both by date.
 */
export async function firstInOrder(
  client: ClientBase,
  asked: Asked,
  wish: PageWish,
  sample: Sampled,
): Promise<readonly string[]> {
  const first: string[] = [];
  for (const kind of kindsOf(asked, wish.sort, sample)) {
    const wanted = wish.offset + wish.limit - first.length;
    if (wanted > 0) first.push(...(await firstOf(client, asked, wish.sort, kind, wanted)));
  }
  return first.slice(wish.offset);
}

function kindsOf(asked: Asked, sort: Sort, { named, others }: Sampled): readonly Kind[] {
  const { wording } = asked;
  const all = (parameters: Parameters, lookedUp: boolean) =>
    conditionsOf(asked, parameters, { words: lookedUp, others: lookedUp && wording === null });
  if (sort !== "relevance" || wording === null) return [{ stretch: others, condition: all }];
  const inName = (parameters: Parameters) => `name_words @@ ${parameters.add(wording.close)}::tsquery`;
  return [
    {
      stretch: named,
      condition(parameters, lookedUp) {
        const have = inName(parameters);
        return `${lookedUp ? have : unindexed(have)} and ${besidesWords(asked, parameters, false)}`;
      },
    },
    {
      stretch: others,
      condition: (parameters, lookedUp) => `${all(parameters, lookedUp)} and not ${inName(parameters)}`,
    },
  ];
}

/**
 * The first ones of a kind. Where they stand close together, events are gone through in their order, else those that fit
 * are looked up: up to the place that the sample named, and when these are not enough, all of them.
 */
async function firstOf(
  client: ClientBase,
  asked: Asked,
  sort: Sort,
  kind: Kind,
  wanted: number,
): Promise<readonly string[]> {
  const { upTo, passed, total } = kind.stretch;
  if (upTo !== null && (passed <= MOST_PASSED || total > FEW)) {
    const parts = passed <= MOST_PASSED ? goneThrough : lookedUpBefore;
    const found = await firstFound(client, wanted, sort, (parameters) => parts(asked, sort, kind, upTo, parameters));
    if (found.length >= wanted) return found;
  }
  return firstFound(client, wanted, sort, (parameters) => [lookUp(kind.condition(parameters, true), sort)]);
}

/**
 * Events as an index has them in order, of which those that fit are taken. Those that last longest are looked up: they
 * may have begun long ago.
 */
function goneThrough(asked: Asked, sort: Sort, kind: Kind, upTo: Place, parameters: Parameters): readonly string[] {
  const until = before(upTo, sort, parameters);
  const within = asked.cityKeys?.length === 1 ? `${cityCondition(asked.cityKeys, parameters)} and ${until}` : until;
  const goThrough = (condition: string) =>
    `${rowsWhere(`${within} and ${condition} and ${kind.condition(parameters, false)}`)} order by ${orderOf(sort)}`;
  if (sort === "price") return [goThrough("true")];
  return SPANS.map((span) => {
    const ofSpan = spanCondition(span, asked, parameters);
    if (span < LONGEST_SPAN) return goThrough(ofSpan);
    return lookUp(`${within} and ${ofSpan} and ${kind.condition(parameters, true)}`, sort);
  });
}

function lookedUpBefore(asked: Asked, sort: Sort, kind: Kind, upTo: Place, parameters: Parameters): readonly string[] {
  const fits = `${kind.condition(parameters, true)} and ${before(upTo, sort, parameters)}`;
  if (sort === "price") return [lookUp(fits, sort)];
  const spans = SPANS.map((span) => `(${spanCondition(span, asked, parameters)})`).join(" or ");
  return [lookUp(`${fits} and (${spans})`, sort)];
}

const rowsWhere = (condition: string): string =>
  `select event_id, begins_at, min_price from readmodels.search where ${condition}`;

/** Sorted by what no index has: else Postgres may prefer to go through all events until enough fit. */
const lookUp = (condition: string, sort: Sort): string =>
  `${rowsWhere(condition)} order by ${sort === "price" ? "min_price + 0, begins_at" : "begins_at + interval '0'"}, event_id`;

/** The first ones of all parts together. */
async function firstFound(
  client: ClientBase,
  wanted: number,
  sort: Sort,
  partsOf: (parameters: Parameters) => readonly string[],
): Promise<readonly string[]> {
  const parameters = new Parameters();
  const limit = parameters.add(wanted);
  const parts = partsOf(parameters).map((part) => `(${part} limit ${limit})`);
  const text = `
    select array(select event_id from (${parts.join(" union all ")}) found
                 order by ${orderOf(sort)} limit ${limit})::text[] as ids`;
  const { rows } = await client.query<{ ids: string[] }>(parameters.query(text));
  return rows[0]?.ids ?? [];
}

function before(place: Place | null, sort: Sort, parameters: Parameters): string {
  if (place === null) return "true";
  const begins = `${parameters.add(place.begins_at)}::timestamptz`;
  if (sort !== "price") return `begins_at <= ${begins}`;
  // Without a price there is no place in the order of prices but the end.
  if (place.min_price === null) return "true";
  return `(min_price, begins_at) <= (${parameters.add(place.min_price)}::bigint, ${begins})`;
}

const orderOf = (sort: Sort): string => (sort === "price" ? "min_price, begins_at, event_id" : "begins_at, event_id");
