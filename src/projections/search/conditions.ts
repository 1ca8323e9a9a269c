import { hash } from "node:crypto";
import type { EventStatus } from "../event-details/status.ts";
import { ALL_WORDS, SPAN_HOURS } from "./table.ts";
import type { Wording } from "./wording.ts";

const HOUR_MS = 3_600_000;

/** What is asked for, word by word looked up, at an instant. */
export interface Asked {
  readonly wording: Wording | null;
  /** Keys that the city may have; null: any city. */
  readonly cityKeys: readonly string[] | null;
  /** RFC 3339 UTC, both inclusive; an event without a date is in no range. */
  readonly start: string | null;
  readonly end: string | null;
  readonly status: EventStatus;
  /** Whose drafts; nobody else's are found. */
  readonly organizerId: string | null;
  /** Minor units: the event's cheapest to dearest ticket type overlaps with them. */
  readonly minPrice: number | null;
  readonly maxPrice: number | null;
  readonly nowMs: number;
}

/** Values of a statement, each named where it is used. */
export class Parameters {
  readonly #values: unknown[] = [];

  /** @returns `$1` and so on */
  add(value: unknown): string {
    this.#values.push(value);
    return `$${this.#values.length}`;
  }

  /** The statement with its values: prepared once for all that are put together alike. */
  query(text: string): { name: string; text: string; values: unknown[] } {
    return { name: `search_${hash("md5", text, "base64url")}`, text, values: this.#values };
  }
}

/**
 * What indexes may be used for. Plans are made once for all values, so it is said here which condition leaves few rows.
 */
export interface Indexed {
  readonly words: boolean;
  readonly others: boolean;
}

/** Which rows of the search fit the question. */
export function conditionsOf(asked: Asked, parameters: Parameters, indexed: Indexed): string {
  const others = besidesWords(asked, parameters, indexed.others);
  const { wording } = asked;
  if (wording === null) return others;
  const { all, rare, common } = wording;
  const have = (query: string) => `${ALL_WORDS} @@ ${parameters.add(query)}::tsquery`;
  if (!indexed.words) return `${others} and ${unindexed(have(all))}`;
  return common === null ? `${have(rare)} and ${others}` : `${have(rare)} and ${unindexed(have(common))} and ${others}`;
}

/** The same without the words. */
export function besidesWords(asked: Asked, parameters: Parameters, isIndexed: boolean): string {
  const { cityKeys, start, end, minPrice, maxPrice } = asked;
  const conditions = [statusCondition(asked, parameters)];
  if (cityKeys !== null) conditions.push(cityCondition(cityKeys, parameters));
  if (start !== null) conditions.push(`begins_at >= ${parameters.add(start)}`, "begins_at < 'infinity'");
  if (end !== null) conditions.push(`begins_at <= ${parameters.add(end)}`);
  if (minPrice !== null) conditions.push(`max_price >= ${parameters.add(minPrice)}`);
  if (maxPrice !== null) conditions.push(`min_price <= ${parameters.add(maxPrice)}`);
  const all = conditions.join(" and ");
  return isIndexed ? all : unindexed(all);
}

/** A condition that no index is used for. */
export const unindexed = (condition: string): string => `(${condition}) is true`;

/** With one key, its index has the order of dates. */
export function cityCondition([first, ...others]: readonly string[], parameters: Parameters): string {
  if (others.length === 0) return `city_key = ${parameters.add(first)}`;
  return `city_key = any(${parameters.add([first, ...others])}::text[])`;
}

function statusCondition({ status, nowMs, organizerId }: Asked, parameters: Parameters): string {
  const now = () => `${parameters.add(new Date(nowMs))}::timestamptz`;
  switch (status) {
    case "ACTIVE":
      return `status = 'ACTIVE' and over_at > ${now()}`;
    case "ENDED":
      return `status = 'ACTIVE' and over_at <= ${now()}`;
    case "CANCELLED":
      return "status = 'CANCELLED'";
    case "DRAFT":
      return `status = 'DRAFT' and organizer_id = ${parameters.add(organizerId)}::uuid`;
  }
}

/**
 * The condition that an event is of a span, with a bound on when it began if it fits: what is over is not gone through to
 * get to what is not.
 * @param span from 0; see {@link SPAN_HOURS}
 */
export function spanCondition(span: number, { status, nowMs }: Asked, parameters: Parameters): string {
  const hours = SPAN_HOURS[span];
  if (hours === undefined || status !== "ACTIVE") return `span = ${span}`;
  return `span = ${span} and begins_at >= ${parameters.add(new Date(nowMs - hours * HOUR_MS))}::timestamptz`;
}
