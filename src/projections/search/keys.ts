import { LONGEST_SPAN } from "./spans.ts";

/**
 * What the index of words has beside words. A word that 40,000 events have is found in what begins within the next
 * two weeks without a look at the others:
 *
 * - `#koln`: the place
 * - `~1484 jazz`, `~1484 #koln`: the word and the place, of what begins in the fortnight 1484
 * - `.1484 jazz`: the word in the name
 * - `~n jazz`, `.n jazz`: when it begins is not known
 * - `~r185 jazz`, `.r185 jazz`: of what lasts longest, in each period of 16 weeks that it is in; `rr` for what is in more
 *   than {@link PERIODS} of them
 *
 * Words have letters and digits only, so these begin as none does.
 */
export const FORTNIGHT_SECONDS = 1_209_600;
export const PERIOD_SECONDS = 8 * FORTNIGHT_SECONDS;
const PERIODS = 8;

/** What the function is called has the version of what it makes. */
const FUNCTION = "readmodels.search_keys_v4";

/** As an expression it is what the index is on; of a row of the search. */
export const KEYS = `${FUNCTION}(begins_at, over_at, span, city_key, name_words, people_words, place_words, about_words)`;

const WORDS = "(name || people || place || about)";
const BEGINS = "extract(epoch from begins at time zone 'UTC')";
const FIRST_PERIOD = `floor(${BEGINS} / ${PERIOD_SECONDS})::int`;
const LAST_PERIOD = `floor(extract(epoch from over at time zone 'UTC') / ${PERIOD_SECONDS})::int`;

/** Each with a text before it. Without unnesting: a fifth of the time. @param before SQL */
const each = (words: string, before: string): string =>
  `string_to_array(${before} || array_to_string(tsvector_to_array(${words}), E'\\n' || ${before}), E'\\n')`;

/** @param time SQL */
const ofTime = (time: string): string =>
  `${each(WORDS, `('~' || ${time} || ' ')`)} || ${each("name", `('.' || ${time} || ' ')`)}`;

const running = Array.from({ length: PERIODS }, (_, n) => ({
  condition: `${FIRST_PERIOD} + ${n} <= ${LAST_PERIOD}`,
  time: `'r' || (${FIRST_PERIOD} + ${n})`,
}));
const runningLonger = { condition: `${FIRST_PERIOD} + ${PERIODS} <= ${LAST_PERIOD}`, time: "'rr'" };

/** SQL that makes the function of {@link KEYS}. It tells the same for the same arguments for good, or an index is wrong. */
export const CREATE_KEYS = `
  create or replace function ${FUNCTION}(begins timestamptz, over timestamptz, span smallint, city_key text,
    name tsvector, people tsvector, place tsvector, about tsvector) returns tsvector
  language sql immutable parallel safe
  return array_to_tsvector(tsvector_to_array(${WORDS})
    || case when begins = 'infinity' then ${ofTime("'n'")}
            else ${ofTime(`floor(${BEGINS} / ${FORTNIGHT_SECONDS})::int`)} end
    || case when city_key is null then '{}' else array['#' || city_key,
         '~' || case when begins = 'infinity' then 'n' else floor(${BEGINS} / ${FORTNIGHT_SECONDS})::int::text end
         || ' #' || city_key] end
    || case when span < ${LONGEST_SPAN} then '{}' else
         ${[...running, runningLonger]
           .map(({ condition, time }) => `case when ${condition} then ${ofTime(time)} else '{}' end`)
           .join(" || ")} end);`;

/** The words of a place in an index of events; for those that have no other keys. */
export const PLACE_WORD = "array_to_tsvector(array['#' || coalesce(city_key, '')])";
