import { type Asked, beginsAfterMs } from "./asked.ts";
import { FORTNIGHT_SECONDS, PERIOD_SECONDS } from "./keys.ts";
import { type Alternatives, tsqueryOf } from "./wording.ts";

/** For more fortnights the index is not asked one by one. */
const MOST_FORTNIGHTS = 16;

/** Text of a tsquery for what `keys.ts` makes: all of these words, in the city that is asked for. */
export function keysOf({ cityKeys }: Pick<Asked, "cityKeys">, groups: readonly Alternatives[]): string {
  const places = cityKeys === null ? [] : [cityKeys.map((key) => ({ text: `#${key}`, isBegun: false }))];
  return tsqueryOf([...groups, ...places]);
}

/** The same within some times of {@link timesOf}. @param inName the words are in the name */
export function keysWithin(
  { cityKeys }: Pick<Asked, "cityKeys">,
  groups: readonly Alternatives[],
  times: readonly string[],
  inName: boolean,
): string {
  const places = cityKeys?.map((key) => ({ text: `#${key}`, isBegun: false }));
  return times
    .map((time) => {
      const words = tsqueryOf(groups, `${inName ? "." : "~"}${time} `);
      // Of what lasts longest the place has no key for each period.
      const placed = time.startsWith("r") ? "" : `~${time} `;
      return places === undefined ? `(${words})` : `(${words} & ${tsqueryOf([places], placed)})`;
    })
    .join(" | ");
}

/**
 * In which times an event is that fits and begins before another; null: in too many to ask for each, or whenever.
 * @param untilMs epoch milliseconds; null: as the question has it
 */
export function timesOf(asked: Asked, untilMs: number | null): readonly string[] | null {
  const { start, end, status, nowMs } = asked;
  const ends = [untilMs, end === null ? null : Date.parse(end)].filter((ms) => ms !== null);
  const begunMs = beginsAfterMs(asked);
  const fromMs = start === null ? begunMs : Math.max(Date.parse(start), begunMs ?? Number.NEGATIVE_INFINITY);
  if (fromMs === null || ends.length === 0) return null;
  const first = partOf(fromMs, FORTNIGHT_SECONDS);
  const fortnights = partOf(Math.min(...ends), FORTNIGHT_SECONDS) - first + 1;
  if (!(fortnights <= MOST_FORTNIGHTS)) return null;
  const times = Array.from({ length: Math.max(fortnights, 1) }, (_, n) => `${first + n}`);
  const runs = status === "ACTIVE" && (start === null || Date.parse(start) < fromMs);
  return runs ? [...times, `r${partOf(nowMs, PERIOD_SECONDS)}`, "rr"] : times;
}

const partOf = (ms: number, seconds: number): number => Math.floor(ms / 1_000 / seconds);
