import type { ClientBase } from "pg";
import type { Remember } from "./remember.ts";
import { ANY_WORD } from "./table.ts";
import { errorsAllowed, typingErrors, typingErrorsSoFar } from "./typing-errors.ts";
import { type AskedWord, shapeOf } from "./words.ts";

/** A word that events have. */
export interface KnownWord {
  readonly word: string;
  /** How often organizers wrote it. */
  readonly times: number;
}

/** What somebody may have meant by a word. */
export interface Meanings {
  readonly asked: AskedWord;
  /** The word as it was typed; null: no event has it. */
  readonly exact: KnownWord | null;
  /** How often words were written that begin so and are longer; a guess where these are very many. */
  readonly begun: number;
  /** Words that differ by typing errors, likely ones first; looked for only where it is needed. */
  readonly alike: readonly KnownWord[];
}

/** So many words that begin as what was typed are counted. */
const MOST_BEGUN = 300;
/** Where there are more, about this share of all events have one of them. */
const SHARE_OF_MANY = 1 / 3;
/** Of the words that may be meant by one with typing errors, so many. */
const MOST_ALIKE = 10;
/** Those whose trigrams are most alike are looked at letter by letter. */
const CANDIDATES = 300;
/**
 * What part of their trigrams two words must have in common, and a word with the beginning of another, by how many errors
 * there may be: a swap in a word of six letters leaves a fifth.
 */
const LIKENESS: readonly [readonly [whole: number, part: number], ...(readonly [number, number])[]] = [
  [0.2, 0.3],
  [0.2, 0.3],
  [0.3, 0.45],
];
const MEAN_LETTERS = /^\p{L}[\p{L}\p{M}\p{N}]*$/u;

export interface LookedUp {
  readonly meanings: readonly Meanings[];
  /** How many events there are, drafts and those that are over too. */
  readonly events: number;
}

/**
 * Looks up what words may mean. Typing errors are allowed for where no event has a word as it was typed.
 * @param forgiving also where events have it
 */
export async function lookUp(
  client: ClientBase,
  asked: readonly AskedWord[],
  forgiving: boolean,
  remember: Remember,
): Promise<LookedUp> {
  const words = [...asked, ANY];
  const found = await remember(JSON.stringify(["known", words]), () => knownWords(client, words));
  const events = found.at(-1)?.times ?? 0;
  const meanings: Meanings[] = [];
  for (const [index, word] of asked.entries()) {
    const { times, begun, begunWords } = found[index] as Found;
    const isNeeded = forgiving || (times === 0 && begun === 0);
    const alike =
      isNeeded && canHaveErrors(word)
        ? await remember(JSON.stringify(["alike", word]), () => alikeWords(client, word))
        : [];
    meanings.push({
      asked: word,
      exact: times === 0 ? null : { word: word.text, times },
      begun: begunWords < MOST_BEGUN ? begun : Math.max(begun, events * SHARE_OF_MANY),
      alike: alike.filter(({ word: other }) => other !== word.text),
    });
  }
  return { meanings, events };
}

const ANY: AskedWord = { text: ANY_WORD, isBegun: false, isSpelled: false };

/** Numbers are meant as they are: 2027 is not 2026 with an error. */
const canHaveErrors = ({ text, isSpelled }: AskedWord): boolean =>
  isSpelled && errorsAllowed([...text].length) > 0 && MEAN_LETTERS.test(text);

interface Found {
  /** Of the word itself; 0: no event has it. */
  readonly times: number;
  /** Of those that begin so, {@link MOST_BEGUN} at most: how many there are, and how often they were written. */
  readonly begunWords: number;
  readonly begun: number;
}

/** Looks each of them up; in their order. */
async function knownWords(client: ClientBase, asked: readonly AskedWord[]): Promise<readonly Found[]> {
  const { rows } = await client.query<Found>({
    name: "search_known_words",
    text: `
      select coalesce(w.times, 0)::float8 as times, coalesce(b.words, 0)::int as "begunWords", coalesce(b.times, 0)::float8 as begun
      from unnest($1::text[], $2::boolean[]) with ordinality as a (word, is_begun, place)
      left join readmodels.search_words w on w.word = a.word
      left join lateral (
        select count(*) as words, sum(times) as times from (
          select times from readmodels.search_words
          where a.is_begun and word > a.word and word < a.word || chr(1114111) limit ${MOST_BEGUN}) begun
      ) b on true
      order by a.place`,
    values: [asked.map(({ text }) => text), asked.map(({ isBegun }) => isBegun)],
  });
  return rows;
}

async function alikeWords(client: ClientBase, asked: AskedWord): Promise<readonly KnownWord[]> {
  const { text, isBegun } = asked;
  const [whole, part] = LIKENESS[errorsAllowed([...text].length)] ?? LIKENESS[0];
  await client.query(`
    set local pg_trgm.similarity_threshold = ${whole};
    set local pg_trgm.word_similarity_threshold = ${part}`);
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
