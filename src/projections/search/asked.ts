import type { EventStatus } from "../event-details/status.ts";
import { HOUR_MS, SPAN_HOURS } from "./spans.ts";
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
  /** Minor units: the event's cheapest to dearest ticket overlaps with them. */
  readonly minPrice: number | null;
  readonly maxPrice: number | null;
  readonly nowMs: number;
}

/** Before this nothing began that fits, but for what lasts longest; epoch milliseconds. null: whenever. */
export const beginsAfterMs = ({ status, nowMs }: Asked): number | null =>
  status === "ACTIVE" ? nowMs - Math.max(...SPAN_HOURS) * HOUR_MS : null;
