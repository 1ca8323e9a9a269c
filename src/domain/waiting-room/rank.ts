/**
 * Where somebody stands in a waiting room: the second of arrival, and within it a lot from 0 to below 1. Lower is
 * earlier. All who came before the opening share second 0, so that the draw alone orders them; from then on whoever
 * comes a second earlier stands before, whatever the lot.
 *
 * One number, exact in a double for 194 days of seconds and 2^28 lots; those who draw the same lot are called together.
 */
export type Rank = number;

/** How many lots there are in a second. */
export const LOTS = 2 ** 28;
/** The last second that ranks are told apart in: 194 days after the opening. */
export const LAST_SECOND = 2 ** 24 - 1;

/** @param lot from 0 to below {@link LOTS} */
export const rankOf = (second: number, lot: number): Rank => second + lot / LOTS;

export const secondOf = (rank: Rank): number => Math.floor(rank);

/** The second of arrival: 0 before the opening, 1 for the first second after it. Times are epoch milliseconds. */
export function arrivalSecond(atMs: number, opensAtMs: number): number {
  return atMs < opensAtMs ? 0 : Math.min(LAST_SECOND, Math.floor((atMs - opensAtMs) / 1000) + 1);
}

/** How long after its end a second is taken as settled: nodes have told of their arrivals by then. */
const SETTLING_MS = 1_000;

/** The last second in which nobody arrives any more and whose count stands; -1 while there is none. */
export const settledSecond = (atMs: number, opensAtMs: number): number =>
  Math.max(-1, Math.min(LAST_SECOND, Math.floor((atMs - opensAtMs - SETTLING_MS) / 1000)));

const EXACT_SECONDS = 86_400;
const LONG_SECONDS = 16 * EXACT_SECONDS;

/**
 * The second that an arrival is counted in: its own for a day, then the last of 16, then the last of 256. So a room that
 * stays open for months has a bounded number of counts; ranks stay exact, only places are told a little better than
 * they are.
 */
export function countedIn(second: number): number {
  if (second < EXACT_SECONDS) return second;
  const width = second < LONG_SECONDS ? 16 : 256;
  return Math.floor(second / width) * width + width - 1;
}
