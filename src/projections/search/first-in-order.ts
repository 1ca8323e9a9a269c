import type { ClientBase } from "pg";
import type { PageWish, Sort } from "./all-found.ts";
import { type Asked, conditionsOf, Parameters, spansOf } from "./conditions.ts";
import type { Place, Sampled } from "./sample.ts";

/**
 * A page of more events than can all be looked at, exactly as the order has it. Only what stands before the places that a
 * sample named is looked at; where that was not enough, everything.
 *
 * By relevance, events with all words in their name come first, as they were typed, then the others; both by date.
 */
export async function firstInOrder(
  client: ClientBase,
  asked: Asked,
  wish: PageWish,
  upTo: Sampled["upTo"],
): Promise<readonly string[]> {
  const wanted = wish.offset + wish.limit;
  const { ids, named, others } = await lookUpTo(client, asked, wish, upTo);
  const namedAreEnough = named >= wanted;
  const isWhole = namedAreEnough || (upTo.named === null && (named + others >= wanted || upTo.others === null));
  return isWhole ? ids : (await lookUpTo(client, asked, wish, { named: null, others: null })).ids;
}

interface Looked {
  readonly ids: readonly string[];
  /** How many were found of each kind, at most as many as are wanted. */
  readonly named: number;
  readonly others: number;
}

async function lookUpTo(
  client: ClientBase,
  asked: Asked,
  { sort, offset, limit }: PageWish,
  upTo: Sampled["upTo"],
): Promise<Looked> {
  const parameters = new Parameters();
  const order = sort === "price" ? "min_price, begins_at, event_id" : "begins_at, event_id";
  const fits = conditionsOf(asked, parameters);
  const wanted = parameters.add(offset + limit);
  const spans = spansOf(asked, parameters);
  const branches = kindsOf(asked, sort, upTo, parameters).flatMap(({ isNamed, condition, place }) =>
    spans.map(
      (span) => `
        (select event_id, begins_at, min_price, ${isNamed} as is_named from readmodels.search
         where ${fits} and ${condition} and ${span} and ${before(place, sort, parameters)}
         order by ${order} limit ${wanted})`,
    ),
  );
  const text = `
    with found as materialized (${branches.join(" union all ")})
    select array(select event_id::text from found order by is_named desc, ${order}
                 offset ${parameters.add(offset)} limit ${parameters.add(limit)}) as ids,
      (select count(*) from found where is_named)::int as named,
      (select count(*) from found where not is_named)::int as others`;
  const { rows } = await client.query<Looked>(text, parameters.values);
  return rows[0] as Looked;
}

function kindsOf({ wording }: Asked, sort: Sort, upTo: Sampled["upTo"], parameters: Parameters) {
  if (sort !== "relevance" || wording === null) return [{ isNamed: false, condition: "true", place: upTo.others }];
  const named = `name_words @@ ${parameters.add(wording.close)}::tsquery`;
  return [
    { isNamed: true, condition: named, place: upTo.named },
    { isNamed: false, condition: `not ${named}`, place: upTo.others },
  ];
}

function before(place: Place | null, sort: Sort, parameters: Parameters): string {
  if (place === null) return "true";
  const begins = `${parameters.add(place.begins_at)}::timestamptz`;
  if (sort !== "price") return `begins_at <= ${begins}`;
  // Without a price there is no place in the order of prices but the end.
  if (place.min_price === null) return "true";
  return `(min_price, begins_at) <= (${parameters.add(place.min_price)}::bigint, ${begins})`;
}
