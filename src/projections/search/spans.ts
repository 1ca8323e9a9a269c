export const HOUR_MS = 3_600_000;

/**
 * Events by how long they last: up to so many hours, and longer than that. Those of one span that are not over can be
 * found by when they begin, however many that are over have piled up.
 */
export const SPAN_HOURS = [8, 8 * 24] as const;
/** Those that last longest may have begun whenever; they are few. */
export const LONGEST_SPAN = SPAN_HOURS.length;
export const SPANS: readonly number[] = [...SPAN_HOURS.keys(), LONGEST_SPAN];

/** From when to when an event is: of those that last longest, an index finds the ones within a time. */
export const DURING = "tstzrange(begins_at, over_at)";
