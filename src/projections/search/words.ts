/** Longer ones are cut: nobody tells words apart behind that. */
const MAX_WORD_LENGTH = 40;
/** A name of a city may be 200 characters long, and each may be several when it is folded. */
const MAX_PLACE_LENGTH = 200;
/** What stands further back in a text is not looked at. */
const MAX_TEXT_LENGTH = 5_000;

/** Accents, and the vowel points that Arabic and Hebrew are written with or without. Vowel signs of other scripts stay. */
const MARKS = /[\u0300-\u036f\u064b-\u065f\u0670\u0591-\u05c7]/g;
/** Letters that are not a letter with an accent to Unicode, but are to whoever has no such key. */
const LETTERS: Readonly<Record<string, string>> = {
  ß: "ss",
  æ: "ae",
  œ: "oe",
  ø: "o",
  đ: "d",
  ð: "d",
  þ: "th",
  ł: "l",
  ı: "i",
  ħ: "h",
  ς: "σ",
};
const SPECIAL_LETTERS = new RegExp(`[${Object.keys(LETTERS).join("")}]`, "g");
const UMLAUTS: Readonly<Record<string, string>> = { ä: "ae", ö: "oe", ü: "ue" };

const FEW_LETTERS = "abcdefghijklmnopqrstuvwxyz0123456789";

const WORD = /[\p{L}\p{N}\p{M}'’ʼ]+/gu;
// biome-ignore lint/suspicious/noControlCharactersInRegex: all of ASCII
const ASCII = /^[\u0000-\u007f]*$/;
const ASCII_WORD = /[a-z0-9']+/g;
const SPACED_WORD = /[\p{L}\p{N}\p{M}]+/gu;
const APOSTROPHES = /['’ʼ]/;
/** Written without spaces between words. */
const UNSPACED =
  /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}\p{Script=Myanmar}ー々]+/u;
const UNSPACED_PARTS = new RegExp(`(${UNSPACED.source})`, "u");

/** A word that is searched for. */
export interface AskedWord {
  readonly text: string;
  /** The last one may still be being typed. */
  readonly isBegun: boolean;
  /** Whether it can have typing errors: not where it is a pair of characters of a script without spaces. */
  readonly isSpelled: boolean;
}

/** Small letters without accents: what looks alike to somebody who types is alike. `Köln`, `KOLN` and `Ko\u0308ln` are. */
export function folded(text: string): string {
  return text
    .normalize("NFKD")
    .toLowerCase()
    .replace(MARKS, "")
    .replace(SPECIAL_LETTERS, (letter) => LETTERS[letter] ?? letter)
    .normalize("NFC");
}

/**
 * The words that a text is found by, each once, at most so many: folded; umlauts also as they are written without
 * (`koln` and `koeln`); around apostrophes both apart and together (`l`, `opera`, `lopera`); of scripts without spaces
 * every two characters that stand side by side, because where words end there takes a dictionary.
 */
export function wordsOf(text: string, most: number): readonly string[] {
  const read = text.slice(0, MAX_TEXT_LENGTH);
  const words = new Set<string>();
  for (const word of ASCII.test(read) ? plainWords(read) : anyWords(read)) {
    if (words.size >= most) break;
    words.add(cut(word));
  }
  return [...words];
}

/** What {@link anyWords} finds in texts without any other letter, for a fifth of the time; most are. */
const plainWords = (text: string): readonly string[] =>
  (text.toLowerCase().match(ASCII_WORD) ?? []).flatMap(formsOfSpaced);

const anyWords = (text: string): readonly string[] =>
  spellingsOf(text)
    .flatMap((spelling) => folded(spelling).match(WORD) ?? [])
    .flatMap(formsOf);

/** The words of a question, in their order, at most so many. */
export function askedWords(text: string, most: number): readonly AskedWord[] {
  const asked = new Map<string, AskedWord>();
  for (const [written] of folded(text).matchAll(WORD)) {
    for (const part of askedParts(written)) {
      for (const piece of part.split(UNSPACED_PARTS).filter(isNotEmpty)) {
        const isSpelled = !UNSPACED.test(piece);
        for (const word of isSpelled ? [cut(piece)] : pairsOf(piece)) {
          asked.set(word, { text: word, isBegun: !isSpelled && [...word].length === 1, isSpelled });
        }
      }
    }
  }
  const words = [...asked.values()].slice(0, most);
  return words.map((word, index) => (index === words.length - 1 ? { ...word, isBegun: true } : word));
}

/**
 * A word in 36 letters, alike for words that are alike: `pg_trgm` passes over letters that the database's locale does not
 * know, in "C" all beyond ASCII. Different words may look the same in it.
 */
export const shapeOf = (word: string): string =>
  word.replace(/[^a-z0-9]/gu, (letter) => FEW_LETTERS.charAt((letter.codePointAt(0) ?? 0) % FEW_LETTERS.length));

/** What cities are compared by: `São Paulo` is `sao paulo`. Empty for a text without letters. */
export const placeKey = (city: string): string =>
  [...(folded(city).match(SPACED_WORD) ?? []).join(" ")].slice(0, MAX_PLACE_LENGTH).join("");

/** The keys that a city's name may stand for, its own first: `Koeln` is Köln as well. */
export function placeKeys(city: string): readonly string[] {
  const key = placeKey(city);
  return [...new Set([key, key.replace(/ae|oe|ue/g, ([vowel = ""]) => vowel)])];
}

/** As it is written, and without umlauts. */
function spellingsOf(text: string): readonly string[] {
  const small = text.normalize("NFC").toLowerCase();
  const without = small.replace(/[äöü]/g, (letter) => UMLAUTS[letter] ?? letter);
  return without === small ? [text] : [text, without];
}

function formsOf(written: string): readonly string[] {
  return formsOfSpaced(written).flatMap((form) => {
    if (!UNSPACED.test(form)) return [form];
    const pieces = form.split(UNSPACED_PARTS).filter(isNotEmpty);
    return pieces.flatMap((piece) => (UNSPACED.test(piece) ? pairsOf(piece) : [piece]));
  });
}

function formsOfSpaced(written: string): readonly string[] {
  if (!APOSTROPHES.test(written)) return [written];
  const parts = written.split(APOSTROPHES).filter(isNotEmpty);
  return parts.length > 1 ? [...parts, parts.join("")] : parts;
}

/** Of `l'opera` and `o'brien` the single letter, which is often left out, is not asked for. */
function askedParts(written: string): readonly string[] {
  const parts = written.split(APOSTROPHES).filter(isNotEmpty);
  const full = parts.filter(({ length }) => length > 1);
  return parts.length > 1 && full.length > 0 ? full : parts;
}

function pairsOf(text: string): readonly string[] {
  const characters = [...text];
  return characters.length === 1 ? characters : characters.slice(1).map((one, index) => `${characters[index]}${one}`);
}

const cut = (word: string): string =>
  word.length <= MAX_WORD_LENGTH ? word : [...word].slice(0, MAX_WORD_LENGTH).join("");

const isNotEmpty = (text: string): boolean => text !== "";
