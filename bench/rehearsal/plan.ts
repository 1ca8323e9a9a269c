/** What a rehearsal is of. */
export interface RehearsalPlan {
  readonly buyers: number;
  /** Tickets; with `seats` numbered ones. */
  readonly capacity: number;
  readonly seats: boolean;
  /** What the buyers do follows from it, and from nothing else. */
  readonly seed: string;
  /** People that the room calls in a minute. */
  readonly admitPerMinute: number;
  /** How long people come before the opening, and as long after it. */
  readonly arrivalMs: number;
  /** The event's term for reservations. */
  readonly holdTtlSeconds: number;
  /** It is broken off after so long, which is no success. */
  readonly mostMs: number;
}

/** People come no faster than this before the opening, on average. */
const ENTRIES_PER_SECOND = 1_500;
/** The share of all who come before it: see `personaOf`. */
export const BEFORE_OPENING = 0.7;
const LEAST_ARRIVAL_MS = 4_000;
/** As many people as there are tickets are called in so long, where there are 20,000; in less where there are fewer. */
const LONGEST_CALLING_MS = 200_000;
const SHORTEST_CALLING_MS = 15_000;
const LARGE_SALE = 20_000;
const HOLD_SECONDS = 60;
const MOST_MS = 30 * 60_000;

/** A rehearsal of that size, at a pace at which two processors can hold the crowd and the system. */
export function planOf(
  wish: Pick<RehearsalPlan, "buyers" | "capacity" | "seats" | "seed"> & Partial<RehearsalPlan>,
): RehearsalPlan {
  const { buyers, capacity } = wish;
  const size = Math.min(1, capacity / LARGE_SALE);
  const callingMs = SHORTEST_CALLING_MS + (LONGEST_CALLING_MS - SHORTEST_CALLING_MS) * size;
  return {
    admitPerMinute: Math.min(1_000_000, Math.ceil((capacity * 60_000) / callingMs)),
    arrivalMs: Math.max(LEAST_ARRIVAL_MS, (buyers * BEFORE_OPENING * 1_000) / ENTRIES_PER_SECOND),
    holdTtlSeconds: HOLD_SECONDS,
    mostMs: MOST_MS,
    ...wish,
  };
}
