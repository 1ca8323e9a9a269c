import type { KnownWord, Meanings } from "./vocabulary.ts";

/** A keyword as Postgres is asked for it: texts of tsqueries. */
export interface Wording {
  /** Every word in one of its meanings. */
  readonly all: string;
  /** Every word as it was typed, where events have it so. */
  readonly close: string;
  /** One of the words at least, in one of its meanings; as it was typed. For ranking, which goes by what of it is there. */
  readonly any: string;
  readonly anyClose: string;
  /** No more events than this have all of it. */
  readonly atMost: number;
}

/** Puts a question's words together; null when no event can have all of them. */
export function wordingOf(meanings: readonly Meanings[]): Wording | null {
  const groups = meanings.map(groupsOf);
  if (groups.length === 0 || groups.some(({ all }) => all.length === 0)) return null;
  const joined = (kind: "all" | "close", operator: "&" | "|") =>
    groups.map((group) => oneOf(group[kind])).join(` ${operator} `);
  return {
    all: joined("all", "&"),
    close: joined("close", "&"),
    any: joined("all", "|"),
    anyClose: joined("close", "|"),
    atMost: Math.min(...groups.map(({ all }) => all.reduce((sum, { times }) => sum + times, 0))),
  };
}

function groupsOf({ exact, begun, alike }: Meanings): { all: readonly KnownWord[]; close: readonly KnownWord[] } {
  const all = [...(exact === null ? [] : [exact]), ...begun, ...alike];
  return { all, close: exact === null ? all : [exact] };
}

/** Words are letters and digits, so nothing in them means anything to a tsquery. */
const oneOf = (words: readonly KnownWord[]): string => `(${words.map(({ word }) => `'${word}'`).join(" | ")})`;
