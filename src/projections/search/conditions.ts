import type { EventStatus } from "../event-details/status.ts";
import { ALL_WORDS, LONG_HOURS } from "./table.ts";
import type { Wording } from "./wording.ts";

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
  readonly values: unknown[] = [];

  /** @returns `$1` and so on */
  add(value: unknown): string {
    this.values.push(value);
    return `$${this.values.length}`;
  }
}

/** Which rows of the search fit the question. */
export function conditionsOf(asked: Asked, parameters: Parameters): string {
  const { wording, cityKeys, start, end, minPrice, maxPrice } = asked;
  const conditions = [statusCondition(asked, parameters)];
  if (wording !== null) conditions.push(`${ALL_WORDS} @@ ${parameters.add(wording.all)}::tsquery`);
  if (cityKeys !== null) conditions.push(cityCondition(cityKeys, parameters));
  if (start !== null) conditions.push(`begins_at >= ${parameters.add(start)}`, "begins_at < 'infinity'");
  if (end !== null) conditions.push(`begins_at <= ${parameters.add(end)}`);
  if (minPrice !== null) conditions.push(`max_price >= ${parameters.add(minPrice)}`);
  if (maxPrice !== null) conditions.push(`min_price <= ${parameters.add(maxPrice)}`);
  return conditions.join(" and ");
}

/** Plans for one key go along its index in the order of dates. */
function cityCondition([first, ...others]: readonly string[], parameters: Parameters): string {
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
 * Conditions that together leave nothing out of what {@link conditionsOf} finds, each with a bound on where in the order
 * of dates it begins: what is over is not gone through to get to what is not.
 */
export function spansOf({ status, nowMs }: Asked, parameters: Parameters): readonly string[] {
  if (status !== "ACTIVE") return ["true"];
  const earliest = new Date(nowMs - LONG_HOURS * 3_600_000);
  return [`not lasts_long and begins_at >= ${parameters.add(earliest)}::timestamptz`, "lasts_long"];
}
