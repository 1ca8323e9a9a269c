import type { KnownWord, Meanings } from "./vocabulary.ts";

/** A word as Postgres is asked for it, or its beginning. */
export interface Term {
  readonly text: string;
  readonly isBegun: boolean;
}

/** What one word may be: one of these. */
export type Alternatives = readonly Term[];

/** A keyword, word by word; see {@link tsqueryOf}. */
export interface Wording {
  /** Every word in one of its meanings. */
  readonly all: readonly Alternatives[];
  /** The same in two parts: the rare words, to be looked up, and the common ones, to be looked for in what was found. */
  readonly rare: readonly Alternatives[];
  readonly common: readonly Alternatives[];
  /** Every word as it was typed, where events have it so. */
  readonly close: readonly Alternatives[];
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
    all: groups.map(({ all }) => all),
    rare: groups.filter(isRare).map(({ all }) => all),
    common: common.map(({ all }) => all),
    close: groups.map(({ close }) => close),
    atMost,
  };
}

interface Group {
  /** A word in one of its meanings. */
  readonly all: Alternatives;
  readonly close: Alternatives;
  /** No more events than this have it. */
  readonly times: number;
}

function groupOf({ asked, exact, begun, alike }: Meanings, events: number): Group {
  const meant = [...(exact === null ? [] : [exact]), ...alike];
  const all = begun > 0 ? [{ text: asked.text, isBegun: true }, ...alike.map(whole)] : meant.map(whole);
  const times = begun + meant.reduce((sum, known) => sum + known.times, 0);
  return {
    all,
    close: exact === null ? all : [whole(exact)],
    times: Math.min(times, events),
  };
}

const whole = ({ word }: KnownWord): Term => ({ text: word, isBegun: false });

/**
 * The text of a tsquery: one of each. Words are letters and digits, so nothing in them means anything to it.
 * @param prefix stands before each word; see `keys.ts`
 */
export const tsqueryOf = (groups: readonly Alternatives[], prefix = ""): string =>
  groups
    .map((group) => `(${group.map(({ text, isBegun }) => `'${prefix}${text}'${isBegun ? ":*" : ""}`).join(" | ")})`)
    .join(" & ");
