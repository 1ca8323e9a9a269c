import type { KnownWord, Meanings } from "./vocabulary.ts";

/** A keyword as Postgres is asked for it: texts of tsqueries. */
export interface Wording {
  /** Every word in one of its meanings. */
  readonly all: string;
  /** The same in two parts: the rare words, to be looked up, and the common ones, to be looked for in what was found. */
  readonly rare: string;
  readonly common: string | null;
  /** Every word as it was typed, where events have it so. */
  readonly close: string;
  /** No more events than this have all of it. */
  readonly atMost: number;
}

/** A word so many times as common as the rarest of a question is not looked up: it would be found in vain that often. */
const TIMES_AS_COMMON = 20;

/**
 * Puts a question's words together; null when no event can have all of them.
 * @param events how many there are
 */
export function wordingOf(meanings: readonly Meanings[], events: number): Wording | null {
  const groups = meanings.map((meaning) => groupOf(meaning, events));
  const atMost = Math.min(...groups.map(({ times }) => times));
  if (groups.length === 0 || atMost === 0) return null;
  const isRare = ({ times }: Group) => times <= atMost * TIMES_AS_COMMON;
  const common = groups.filter((group) => !isRare(group));
  return {
    all: joined(groups.map(({ all }) => all)),
    rare: joined(groups.filter(isRare).map(({ all }) => all)),
    common: common.length === 0 ? null : joined(common.map(({ all }) => all)),
    close: joined(groups.map(({ close }) => close)),
    atMost,
  };
}

interface Group {
  /** A word in one of its meanings. */
  readonly all: string;
  readonly close: string;
  /** No more events than this have it. */
  readonly times: number;
}

function groupOf({ asked, exact, begun, alike }: Meanings, events: number): Group {
  const meant = [...(exact === null ? [] : [exact]), ...alike];
  const words = meant.map(quoted);
  const all = begun > 0 ? [`'${asked.text}':*`, ...alike.map(quoted)] : words;
  const times = begun + meant.reduce((sum, known) => sum + known.times, 0);
  return {
    all: oneOf(all),
    close: exact === null ? oneOf(all) : quoted(exact),
    times: Math.min(times, events),
  };
}

/** Words are letters and digits, so nothing in them means anything to a tsquery. */
const quoted = ({ word }: KnownWord): string => `'${word}'`;

const oneOf = (words: readonly string[]): string => `(${words.join(" | ")})`;

const joined = (groups: readonly string[]): string => groups.join(" & ");
