import type { SectionPrices } from "../../domain/seating/section-prices.ts";
import { SCHEMA, tableName } from "../projection.ts";
import { CREATE_KEYS, KEYS, PLACE_WORD } from "./keys.ts";
import { DURING, LONGEST_SPAN, SPAN_HOURS } from "./spans.ts";

export const SEARCH = "search";
export const SEARCH_SAMPLE = "search_sample";
export const SEARCH_WORDS = "search_words";

/**
 * What an event is found by. A row begins with its first ticket type and is UNLISTED until the listing is there; WITHDRAWN
 * is a draft that was called off.
 */
export type SearchStatus = "UNLISTED" | "DRAFT" | "ACTIVE" | "CANCELLED" | "WITHDRAWN";

/** A row of `readmodels.search`; of `readmodels.search_sample` too, which has one in {@link SAMPLE_ONE_IN} of them. */
export interface SearchRow {
  readonly event_id: string;
  readonly organizer_id: string | null;
  readonly status: SearchStatus;
  /** Orders by date: infinity when it isn't known. */
  readonly begins_at: Date | number;
  /** From when on it is ENDED: infinity when never. */
  readonly over_at: Date | number;
  /** See {@link SPAN_HOURS}. */
  readonly span: number;
  /** The first of the month of `startsAt`, in UTC. */
  readonly month: Date | null;
  readonly city: string | null;
  readonly city_key: string | null;
  /** By ticket type, minor units. */
  readonly prices: Readonly<Record<string, number>>;
  /** By ticket type, of those whose seats cost what their section does. */
  readonly section_prices: Readonly<Record<string, SectionPrices>>;
  /** Minor units, of the cheapest and the dearest ticket: found from the two above whenever one of them changes. */
  readonly min_price: string | null;
  readonly max_price: string | null;
}

/** A word that some event is found by, and how often organizers wrote it. */
export interface SearchWordRow {
  readonly word: string;
  /** By which words that are alike are found, in whatever script. */
  readonly shape: string;
  readonly times: string;
}

/** By the last 16 bits of an event's id, which are random: its `priority`. The sample has those below the limit. */
export const PRIORITIES = 65_536;
export const SAMPLE_ONE_IN = 16;
export const SAMPLE_BELOW = PRIORITIES / SAMPLE_ONE_IN;
/** Parts of the sample, each within the next, which are as good where more fits: one event in 1,024 to all of it. */
export const SAMPLE_LEVELS: readonly number[] = [SAMPLE_BELOW / 64, SAMPLE_BELOW / 16, SAMPLE_BELOW / 4, SAMPLE_BELOW];

/** The word that stands for any: how many events there are. */
export const ANY_WORD = "";

/** All words of an event. */
export const ALL_WORDS = "(name_words || people_words || place_words || about_words)";

/** Those and its place: what the indexes of the sample are on. */
export const SAMPLE_WORDS = `(${ALL_WORDS} || ${PLACE_WORD})`;

/** The words of each part are kept apart, so that a part can change without the others being known. */
const rows = (view: string, generation: number): string => `
  create table ${tableName(view, generation)} (
    event_id uuid primary key,
    priority integer not null,
    organizer_id uuid,
    is_listed boolean not null,
    is_published boolean not null,
    is_cancelled boolean not null,
    status text not null generated always as (
      case when not is_listed then 'UNLISTED'
           when is_cancelled then case when is_published then 'CANCELLED' else 'WITHDRAWN' end
           when is_published then 'ACTIVE' else 'DRAFT' end) stored,
    starts_at timestamptz,
    ends_at timestamptz,
    begins_at timestamptz not null generated always as (coalesce(starts_at, 'infinity')) stored,
    over_at timestamptz not null generated always as (coalesce(ends_at, starts_at, 'infinity')) stored,
    month date generated always as (date_trunc('month', starts_at at time zone 'UTC')) stored,
    span smallint not null generated always as (case
      ${SPAN_HOURS.map((hours, span) => `when ends_at - starts_at > interval '${hours} hours' then ${span + 1}`)
        .toReversed()
        .join(" ")}
      else 0 end) stored,
    city text,
    city_key text,
    prices jsonb not null,
    section_prices jsonb not null,
    min_price bigint,
    max_price bigint,
    name_words tsvector not null default '',
    people_words tsvector not null default '',
    place_words tsvector not null default '',
    about_words tsvector not null default ''
  );
  create index ${view}_g${generation}_by_city on ${tableName(view, generation)} (city_key, span, begins_at, event_id);
  create index ${view}_g${generation}_by_date on ${tableName(view, generation)} (span, begins_at, event_id);`;

/** Each part of the sample has an index of its own. */
const partsOfSample = (generation: number) =>
  SAMPLE_LEVELS.map((level) => ({
    level,
    index: `${SEARCH_SAMPLE}_g${generation}_by_words_below_${level}`,
  }));

export const createTables = (generation: number): string => `
  create extension if not exists pg_trgm;
  ${CREATE_KEYS}
  ${rows(SEARCH, generation)}
  create index ${SEARCH}_g${generation}_by_name on ${tableName(SEARCH, generation)} using gin (name_words);
  create index ${SEARCH}_g${generation}_by_keys on ${tableName(SEARCH, generation)} using gin (${KEYS});
  create index ${SEARCH}_g${generation}_by_price on ${tableName(SEARCH, generation)} (min_price, begins_at, event_id);
  create index ${SEARCH}_g${generation}_longest on ${tableName(SEARCH, generation)}
    using gist (${DURING}) where span = ${LONGEST_SPAN};
  create index ${SEARCH}_g${generation}_cancelled on ${tableName(SEARCH, generation)} (begins_at, event_id)
    where status = 'CANCELLED';
  create index ${SEARCH}_g${generation}_drafts on ${tableName(SEARCH, generation)} (organizer_id, begins_at, event_id)
    where status = 'DRAFT';
  ${rows(SEARCH_SAMPLE, generation)}
  create index ${SEARCH_SAMPLE}_g${generation}_by_price on ${tableName(SEARCH_SAMPLE, generation)} (min_price, begins_at);
  create index ${SEARCH_SAMPLE}_g${generation}_by_priority on ${tableName(SEARCH_SAMPLE, generation)} (priority)
    include (status, begins_at, over_at, span, min_price, max_price, city, city_key, month);
  ${partsOfSample(generation)
    .map(
      ({ index, level }) => `
  create index ${index} on ${tableName(SEARCH_SAMPLE, generation)}
    using gin (${SAMPLE_WORDS}) where priority < ${level};`,
    )
    .join("")}
  create table ${tableName(SEARCH_WORDS, generation)} (
    word text collate "C" primary key,
    shape text collate "C" not null,
    times bigint not null
  ) with (fillfactor = 50);
  create index ${SEARCH_WORDS}_g${generation}_by_likeness on ${tableName(SEARCH_WORDS, generation)}
    using gin (shape gin_trgm_ops);`;

const PLACE_WORDS = `${SCHEMA}.place_words`;

/** Only an index's owner may have its pending rows placed, and a projector may be somebody with fewer rights. */
export const CREATE_PLACE_WORDS = `
  create or replace function ${PLACE_WORDS}(index regclass) returns bigint
  language sql volatile security definer set search_path = pg_catalog, pg_temp
  return pg_catalog.gin_clean_pending_list(index);`;

/**
 * SQL that puts new rows in their places in the indexes of words: those take them into lists of pending ones first, which
 * every search has to go through. For a batch at once it costs a fifth of what it costs row by row.
 */
export const placeWords = (generation: number): string => {
  const indexes = [
    `${SEARCH}_g${generation}_by_name`,
    `${SEARCH}_g${generation}_by_keys`,
    ...partsOfSample(generation).map(({ index }) => index),
    `${SEARCH_WORDS}_g${generation}_by_likeness`,
  ];
  return `select ${indexes.map((index) => `${PLACE_WORDS}('${SCHEMA}.${index}')`).join(", ")}`;
};
