import type { ClientBase } from "pg";
import { ANY_WORD } from "./table.ts";
import { errorsAllowed, typingErrors, typingErrorsSoFar } from "./typing-errors.ts";
import { type AskedWord, shapeOf } from "./words.ts";

/** A word that events have. */
export interface KnownWord {
  readonly word: string;
  /** How often organizers wrote it. */
  readonly times: number;
}

/** What somebody may have meant by a word, each list with what is written most first. */
export interface Meanings {
  readonly asked: AskedWord;
  /** The word as it was typed; null: no event has it. */
  readonly exact: KnownWord | null;
  /** Longer words that begin so. */
  readonly begun: readonly KnownWord[];
  /** Words that differ by typing errors; looked for only where it is needed. */
  readonly alike: readonly KnownWord[];
}

/** Of the words that begin as what was typed, so many of those that are written most. */
const MOST_BEGUN = 40;
/** Of the words that may be meant by one with typing errors, so many. */
const MOST_ALIKE = 10;
/** Those whose trigrams are most alike are looked at letter by letter. */
const CANDIDATES = 300;
const MEAN_LETTERS = /^\p{L}[\p{L}\p{M}\p{N}]*$/u;

/**
 * Has `pg_trgm` bring words in question: a swap in a word of six letters leaves a fifth of its trigrams in common.
 * To be run in the transaction of {@link meaningsOf}.
 */
export const LIKENESS_SETTINGS = `
  set local pg_trgm.similarity_threshold = 0.2;
  set local pg_trgm.word_similarity_threshold = 0.3;`;

/**
 * Looks up what words may mean. Typing errors are allowed for where no event has a word as it was typed.
 * @param forgiving also where events have it
 */
export async function meaningsOf(
  client: ClientBase,
  asked: readonly AskedWord[],
  forgiving: boolean,
): Promise<readonly Meanings[]> {
  const found = await knownWords(client, asked);
  const meanings: Meanings[] = [];
  for (const [index, word] of asked.entries()) {
    const own = found.filter(({ place }) => place === index);
    const exact = own.find((known) => known.word === word.text) ?? null;
    const begun = own.filter((known) => known.word !== word.text);
    const isNeeded = forgiving || (exact === null && begun.length === 0);
    const alike = isNeeded && canHaveErrors(word) ? await alikeWords(client, word) : [];
    meanings.push({ asked: word, exact, begun, alike: alike.filter(({ word: other }) => other !== word.text) });
  }
  return meanings;
}

/** How many events there are, drafts and those that are over too. */
export async function eventsKnown(client: ClientBase): Promise<number> {
  const { rows } = await client.query<{ times: number }>({
    name: "search_events_known",
    text: "select times::float8 as times from readmodels.search_words where word = $1",
    values: [ANY_WORD],
  });
  return rows[0]?.times ?? 0;
}

/** Numbers are meant as they are: 2027 is not 2026 with an error. */
const canHaveErrors = ({ text, isSpelled }: AskedWord): boolean =>
  isSpelled && errorsAllowed([...text].length) > 0 && MEAN_LETTERS.test(text);

interface Found extends KnownWord {
  /** Of the word that was asked for. */
  readonly place: number;
}

async function knownWords(client: ClientBase, asked: readonly AskedWord[]): Promise<readonly Found[]> {
  const { rows } = await client.query<Found>({
    name: "search_known_words",
    text: `
      select (a.place - 1)::int as place, w.word, w.times::float8 as times
      from unnest($1::text[], $2::boolean[]) with ordinality as a (word, is_begun, place)
      cross join lateral (
        (select word, times from readmodels.search_words where word = a.word)
        union all
        (select word, times from readmodels.search_words
         where a.is_begun and word > a.word and word < a.word || chr(1114111)
         order by times desc, word limit ${MOST_BEGUN})
      ) w`,
    values: [asked.map(({ text }) => text), asked.map(({ isBegun }) => isBegun)],
  });
  return rows;
}

async function alikeWords(client: ClientBase, asked: AskedWord): Promise<readonly KnownWord[]> {
  const { text, isBegun } = asked;
  const likeness = isBegun ? "greatest(similarity(shape, $1), word_similarity($1, shape))" : "similarity(shape, $1)";
  const { rows } = await client.query<KnownWord>({
    name: isBegun ? "search_words_begun_alike" : "search_words_alike",
    text: `select word, times::float8 as times from readmodels.search_words
           where shape % $1 ${isBegun ? "or $1 <% shape" : ""}
           order by ${likeness} desc, times desc, word limit ${CANDIDATES}`,
    values: [shapeOf(text)],
  });
  const allowed = errorsAllowed([...text].length);
  const meant = rows.flatMap((known) => {
    const whole = typingErrors(text, known.word);
    const errors = isBegun ? Math.min(whole, typingErrorsSoFar(text, known.word)) : whole;
    return errors <= allowed ? [{ known, errors, isWhole: whole === errors }] : [];
  });
  return meant
    .sort(
      (one, other) =>
        one.errors - other.errors || Number(other.isWhole) - Number(one.isWhole) || other.known.times - one.known.times,
    )
    .slice(0, MOST_ALIKE)
    .map(({ known }) => known);
}
