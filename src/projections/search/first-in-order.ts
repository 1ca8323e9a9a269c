import type { ClientBase } from "pg";
import type { PageWish, Sort } from "./all-found.ts";
import type { Asked } from "./asked.ts";
import {
  besidesWords,
  cityCondition,
  conditionsOf,
  haveKeys,
  Parameters,
  spanCondition,
  unindexed,
} from "./conditions.ts";
import { keysWithin, timesOf } from "./keys-asked.ts";
import type { Place, Sampled, Stretch } from "./sample.ts";
import { DURING, LONGEST_SPAN, SPANS } from "./spans.ts";
import { tsqueryOf } from "./wording.ts";

/** To look at an event's words on the way costs as much as to look up so many by their words. */
const LOOKED_UP_FOR_ONE_PASSED = 2;
/** Of all that fit, about so large a part begins within the times that one asks the index for. */
const WITHIN_TIMES = 1 / 26;
/** Of so few that fit all are looked up, wherever they stand in the order. */
const FEW = 2_000;

/** SQL for rows with the columns event_id, begins_at and min_price, each part in order. */
interface Parts {
  readonly parts: readonly string[];
  /** CTEs that parts use. @param limit as many as are wanted */
  first?(limit: string): string;
}

/** Events of one kind. */
interface Kind {
  readonly stretch: Stretch;
  /** Which rows are of it, where they are looked at one by one. */
  passed(parameters: Parameters): string;
  /** The same by their words, where there are any. @param times of `keys.ts`; null: whenever */
  lookedUp(parameters: Parameters, times: readonly string[] | null): string;
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
  const passed = (parameters: Parameters) => conditionsOf(asked, parameters, { words: false, others: false });
  const lookedUp = (parameters: Parameters, times: readonly string[] | null) => {
    if (wording === null || times === null) {
      return conditionsOf(asked, parameters, { words: true, others: wording === null });
    }
    const keys = haveKeys(keysWithin(asked, wording.all, times, false), parameters);
    return `${keys} and ${besidesWords(asked, parameters, false)}`;
  };
  if (sort !== "relevance" || wording === null) return [{ stretch: others, passed, lookedUp }];
  const { close } = wording;
  const haveInName = (parameters: Parameters) => `name_words @@ ${parameters.add(tsqueryOf(close))}::tsquery`;
  const inName = (parameters: Parameters) => unindexed(haveInName(parameters));
  return [
    {
      stretch: named,
      passed: (parameters) => `${inName(parameters)} and ${besidesWords(asked, parameters, false)}`,
      lookedUp(parameters, times) {
        const have =
          times === null ? haveInName(parameters) : haveKeys(keysWithin(asked, close, times, true), parameters);
        return `${have} and ${besidesWords(asked, parameters, false)}`;
      },
    },
    {
      stretch: others,
      passed: (parameters) => `${passed(parameters)} and not ${inName(parameters)}`,
      lookedUp: (parameters, times) => `${lookedUp(parameters, times)} and not ${inName(parameters)}`,
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
  const times = upTo === null || sort === "price" ? null : timesOf(asked, Date.parse(upTo.begins_at));
  const inVain = times === null ? total : total * WITHIN_TIMES;
  const isClose = passed * LOOKED_UP_FOR_ONE_PASSED <= inVain;
  if (upTo !== null && (isClose || times !== null || total > FEW)) {
    const found = await firstFound(client, wanted, sort, (parameters) =>
      isClose
        ? goneThrough(asked, sort, kind, upTo, parameters)
        : { parts: [lookedUpBefore(asked, sort, kind, upTo, times, parameters)] },
    );
    if (found.length >= wanted) return found;
  }
  return firstFound(client, wanted, sort, (parameters) => ({
    parts: [lookUp(kind.lookedUp(parameters, null), sort)],
  }));
}

/**
 * Events as an index has them in order, of which those that fit are taken. By date, those of the span that most are of are
 * gone through first: the last of them that is wanted says how far one has to look among the others.
 */
function goneThrough(asked: Asked, sort: Sort, kind: Kind, upTo: Place, parameters: Parameters): Parts {
  const { cityKeys, start, status, nowMs } = asked;
  const which = [kind.passed(parameters)];
  if (cityKeys?.length === 1) which.push(cityCondition(cityKeys, parameters));
  if (start !== null) which.push(`begins_at >= ${parameters.add(start)}`);
  const within = which.join(" and ");
  const inOrder = (condition: string) => `${rowsWhere(`${condition} and ${within}`)} order by ${orderOf(sort)}`;
  if (sort === "price") return { parts: [inOrder(before(upTo, sort, parameters))] };
  const ofSpan = (span: number) => spanCondition(span, asked, parameters);
  const firstBefore = `${ofSpan(kind.stretch.span)} and ${before(upTo, sort, parameters)}`;
  const until = "(select place from until)";
  const haveBegun = status === "ACTIVE" && !(start !== null && Date.parse(start) > nowMs);
  return {
    first: (limit) => `
      with most as materialized (${inOrder(firstBefore)} limit ${limit}),
      until as materialized (
        select case when count(*) = ${limit} then max(begins_at) else ${parameters.add(upTo.begins_at)} end as place
        from most)`,
    parts: [
      "select * from most",
      ...SPANS.filter((span) => span !== kind.stretch.span).map((span) => {
        const sooner = `${ofSpan(span)} and begins_at <= ${until}`;
        if (span < LONGEST_SPAN || !haveBegun) return inOrder(sooner);
        const now = `${parameters.add(new Date(nowMs))}::timestamptz`;
        const during = `${DURING} && tstzrange(${now}, greatest(${now}, ${until}), '[]')`;
        return goneThroughLater(`${sooner} and ${during}`, within, sort);
      }),
    ],
  };
}

/** An index finds them in no order: they are put in it before one looks at what they say. */
const goneThroughLater = (which: string, fits: string, sort: Sort): string => `
  select event_id, begins_at, min_price
  from (select * from readmodels.search where ${which} order by ${unindexedOrder(sort)} offset 0) as in_order
  where ${fits}`;

function lookedUpBefore(
  asked: Asked,
  sort: Sort,
  kind: Kind,
  upTo: Place,
  times: readonly string[] | null,
  parameters: Parameters,
): string {
  const fits = `${kind.lookedUp(parameters, times)} and ${unindexed(before(upTo, sort, parameters))}`;
  if (sort === "price" || times !== null) return lookUp(fits, sort);
  const spans = SPANS.map((span) => `(${spanCondition(span, asked, parameters)})`).join(" or ");
  return lookUp(`${fits} and (${spans})`, sort);
}

const rowsWhere = (condition: string): string =>
  `select event_id, begins_at, min_price from readmodels.search where ${condition}`;

/** Sorted by what no index has: else Postgres may prefer to go through all events until enough fit. */
const lookUp = (condition: string, sort: Sort): string => `${rowsWhere(condition)} order by ${unindexedOrder(sort)}`;

const unindexedOrder = (sort: Sort): string =>
  `${sort === "price" ? "min_price + 0, begins_at" : "begins_at + interval '0'"}, event_id`;

/** The first ones of all parts together. */
async function firstFound(
  client: ClientBase,
  wanted: number,
  sort: Sort,
  partsOf: (parameters: Parameters) => Parts,
): Promise<readonly string[]> {
  const parameters = new Parameters();
  const limit = parameters.add(wanted);
  const { first, parts: each } = partsOf(parameters);
  const parts = each.map((part) => `(${part} limit ${limit})`);
  const text = `${first?.(limit) ?? ""}
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
