import { type Statement, tableName } from "../projection.ts";
import type { SearchChange } from "./projector.ts";
import { SAMPLE_BELOW, SEARCH, SEARCH_SAMPLE, SEARCH_WORDS } from "./table.ts";
import { shapeOf } from "./words.ts";

type Changes = ReadonlyMap<string, SearchChange>;
type Row = Readonly<Record<string, unknown>> & { readonly priority: number };

const WORDS = ["name_words", "people_words", "place_words", "about_words"];
const SAID = ["starts_at", "ends_at", "city", "city_key", ...WORDS];
const TABLES = [
  { view: SEARCH, has: () => true },
  { view: SEARCH_SAMPLE, has: ({ priority }: Row) => priority < SAMPLE_BELOW },
];

/**
 * Texts in {@link SearchChange.parts} are storable.
 *
 * Events that the batch lists, or opens ticket types of: inventories come before their listing, mostly in the same batch,
 * and later ones after it.
 */
export function upsertRows(changes: Changes, generation: number): readonly Statement[] {
  const rows = [...changes].flatMap(([eventId, change]) => {
    const { organizerId, published, cancelled, parts, prices, sectionPrices } = change;
    if (organizerId === null && prices.size === 0) return [];
    const listed = organizerId !== null;
    return {
      event_id: eventId,
      priority: priorityOf(eventId),
      organizer_id: organizerId,
      is_listed: listed,
      is_published: listed && published,
      is_cancelled: listed && cancelled,
      prices: Object.fromEntries(prices),
      section_prices: Object.fromEntries(sectionPrices),
      ...Object.fromEntries(WORDS.map((column) => [column, ""])),
      ...(listed ? parts : {}),
    };
  });
  return statementsFor("upsert", rows, generation, (table) => {
    const columns = `event_id, priority, organizer_id, is_listed, is_published, is_cancelled, prices, section_prices,
                     ${SAID.join(", ")}`;
    const prices = merged("prices");
    const sectionPrices = merged("section_prices");
    return `insert into ${table} as s (${columns}, min_price, max_price)
            select ${columns}, range.*
            from json_to_recordset($1) as t (event_id uuid, priority int, organizer_id uuid,
              is_listed boolean, is_published boolean, is_cancelled boolean, prices jsonb, section_prices jsonb, ${said})
            cross join lateral (${priceRange("prices", "section_prices")}) as range
            on conflict (event_id) do update set
              organizer_id = coalesce(excluded.organizer_id, s.organizer_id),
              is_listed = s.is_listed or excluded.is_listed,
              is_published = s.is_published or excluded.is_published,
              is_cancelled = s.is_cancelled or excluded.is_cancelled,
              prices = ${prices},
              section_prices = ${sectionPrices},
              (min_price, max_price) = (${priceRange(prices, sectionPrices)}),
              ${SAID.map((column) => `${column} = case when excluded.is_listed then excluded.${column} else s.${column} end`).join(",\n")}`;
  });
}

/** SQL: what stood there with what the batch says; a ticket type that is deleted is a null, which takes it away. */
const merged = (column: string): string => `jsonb_strip_nulls(s.${column} || excluded.${column})`;

/** SQL: of all ticket types, what `priceRangeOf` says of one. */
const priceRange = (prices: string, sectionPrices: string): string => `
  select min(least(price, (own->>'min')::bigint)), max(greatest(price, (own->>'max')::bigint))
  from (
    select own, case when own is null or (own->'others')::boolean then value::bigint end as price
    from jsonb_each_text(${prices}), lateral (select ${sectionPrices} -> key as own) as of_sections) as of_types`;

/** What the batch changes in events that were listed before; what is not said stays as it is. */
export function updateRows(changes: Changes, generation: number): readonly Statement[] {
  const rows = [...changes].flatMap(([eventId, { organizerId, published, cancelled, parts }]) => {
    const changed = Object.keys(parts);
    if (organizerId !== null || !(published || cancelled || changed.length > 0)) return [];
    return { event_id: eventId, priority: priorityOf(eventId), published, cancelled, changed, ...parts };
  });
  return statementsFor(
    "update",
    rows,
    generation,
    (table) => `update ${table} s set
        is_published = s.is_published or c.published,
        is_cancelled = s.is_cancelled or c.cancelled,
        ${SAID.map((column) => `${column} = case when c.changed ? '${column}' then c.${column} else s.${column} end`).join(",\n")}
      from json_to_recordset($1) as c (event_id uuid, published boolean, cancelled boolean, changed jsonb, ${said})
      where s.event_id = c.event_id`,
  );
}

/** Words that the batch's events are found by, with how many of them have each. */
export function countWords(words: ReadonlyMap<string, number>, generation: number): Statement {
  return {
    name: `search_words_count_g${generation}`,
    text: `insert into ${tableName(SEARCH_WORDS, generation)} as w (word, shape, times)
           select * from unnest($1::text[], $2::text[], $3::bigint[])
           on conflict (word) do update set times = w.times + excluded.times`,
    values: [[...words.keys()], [...words.keys()].map(shapeOf), [...words.values()]],
  };
}

const said = `starts_at timestamptz, ends_at timestamptz, city text, city_key text,
              ${WORDS.map((column) => `${column} tsvector`).join(", ")}`;

function statementsFor(
  what: string,
  rows: readonly Row[],
  generation: number,
  textFor: (table: string) => string,
): readonly Statement[] {
  return TABLES.flatMap(({ view, has }) => {
    const own = rows.filter(has);
    if (own.length === 0) return [];
    const text = textFor(tableName(view, generation));
    return { name: `${view}_${what}_g${generation}`, text, values: [JSON.stringify(own)] };
  });
}

/** Ids are random at their end, whoever makes them. */
const priorityOf = (eventId: string): number => Number.parseInt(eventId.slice(-4), 16);
