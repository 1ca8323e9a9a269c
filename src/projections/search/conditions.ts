import { hash } from "node:crypto";
import type { Asked } from "./asked.ts";
import { KEYS } from "./keys.ts";
import { keysOf, keysWithin, timesOf } from "./keys-asked.ts";
import { HOUR_MS, SPAN_HOURS } from "./spans.ts";
import { ALL_WORDS } from "./table.ts";
import { tsqueryOf, type Wording } from "./wording.ts";

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
  const have = (words: Wording["all"]) => unindexed(`${ALL_WORDS} @@ ${parameters.add(tsqueryOf(words))}::tsquery`);
  if (!indexed.words) return `${others} and ${have(all)}`;
  const times = timesOf(asked, null);
  if (times !== null) return `${haveKeys(keysWithin(asked, all, times, false), parameters)} and ${others}`;
  const looked = `${haveKeys(keysOf(asked, rare), parameters)} and ${others}`;
  return common.length === 0 ? looked : `${looked} and ${have(common)}`;
}

/** @param keys of `keys.ts` */
export const haveKeys = (keys: string, parameters: Parameters): string => `${KEYS} @@ ${parameters.add(keys)}::tsquery`;

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

/** The same as {@link spanCondition} of a span that the statement finds, and that is not the longest. @param span SQL */
export function ofOrdinarySpan(span: string, { status, nowMs }: Asked, parameters: Parameters): string {
  if (status !== "ACTIVE") return `span = ${span}`;
  const begun = SPAN_HOURS.map((hours) => `${parameters.add(new Date(nowMs - hours * HOUR_MS))}::timestamptz`);
  return `span = ${span} and begins_at >= (array[${begun.join(", ")}])[${span} + 1]`;
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
