import { Chance } from "../../src/seed/chance.ts";
import { type Seed, seededEvent } from "../../src/seed/seeded-event.ts";

/** What somebody looks for in the seeded events. */
export interface SearchQuestion {
  readonly kind: string;
  /** Of `GET /events/search`. */
  readonly query: string;
}

const DAY_MS = 86_400_000;

/** The details of an event that somebody may have in mind. */
interface InMind {
  readonly words: readonly string[];
  readonly city: string;
  readonly price: number;
  readonly startsAtMs: number;
}

type Ask = (inMind: InMind, chance: Chance, dayMs: number) => Record<string, string | number>;

/** How often people ask what, in a hundred. */
const KINDS: readonly { readonly kind: string; readonly share: number; readonly ask: Ask }[] = [
  { kind: "a word", share: 15, ask: ({ words }, chance) => ({ keyword: chance.one(words) }) },
  { kind: "two words", share: 12, ask: ({ words }) => ({ keyword: words.slice(0, 2).join(" ") }) },
  {
    kind: "a word being typed",
    share: 18,
    ask: ({ words }, chance) => ({ keyword: begun(chance.one(words), chance) }),
  },
  {
    kind: "a word, and one being typed",
    share: 8,
    ask: ({ words }, chance) => ({ keyword: `${words[0]} ${begun(words.at(-1) ?? "", chance)}` }),
  },
  { kind: "a typing error", share: 10, ask: ({ words }, chance) => ({ keyword: mistyped(longest(words), chance) }) },
  { kind: "a word in a city", share: 10, ask: ({ words, city }, chance) => ({ keyword: chance.one(words), city }) },
  { kind: "a city, by date", share: 7, ask: ({ city }) => ({ city, sort: "date" }) },
  {
    kind: "a city in a month, by date",
    share: 6,
    ask: ({ city, startsAtMs }) => ({ city, sort: "date", ...from(startsAtMs, 30) }),
  },
  { kind: "a weekend, by date", share: 3, ask: ({ startsAtMs }) => ({ sort: "date", ...from(startsAtMs, 2) }) },
  {
    kind: "a word within a price, by price",
    share: 5,
    ask: ({ words, price }, chance) => ({ keyword: chance.one(words), maxPrice: price, sort: "price" }),
  },
  {
    kind: "a word in a month, by date",
    share: 3,
    ask: ({ words, startsAtMs }, chance) => ({ keyword: chance.one(words), sort: "date", ...from(startsAtMs, 30) }),
  },
  { kind: "anything, by date", share: 1, ask: (_, chance) => ({ sort: "date", page: chance.between(1, 3) }) },
  { kind: "anything, by price", share: 1, ask: (_, chance) => ({ sort: "price", page: chance.between(1, 3) }) },
  {
    kind: "a word, further pages",
    share: 1,
    ask: ({ words }, chance) => ({ keyword: chance.one(words), page: chance.between(2, 10) }),
  },
];

/** So many questions, mixed, hardly any of them twice. */
export function searchQuestions(seed: Seed, events: number, count: number): readonly SearchQuestion[] {
  const chance = new Chance(`questions ${seed.seed}`);
  return Array.from({ length: count }, () => {
    const { kind, ask } = kindAt(chance.between(0, 99));
    const asked = ask(inMind(seed, chance.between(0, events - 1)), chance, seed.dayMs);
    return {
      kind,
      query: new URLSearchParams(Object.entries(asked).map(([name, value]) => [name, `${value}`])).toString(),
    };
  });
}

export const KINDS_OF_QUESTIONS: readonly string[] = KINDS.map(({ kind }) => kind);

function kindAt(place: number): (typeof KINDS)[number] {
  let rest = place;
  for (const one of KINDS) {
    rest -= one.share;
    if (rest < 0) return one;
  }
  throw new RangeError(`the shares of kinds are below ${place}`);
}

function inMind(seed: Seed, number: number): InMind {
  const { listing, inventories } = seededEvent(seed, number);
  const [created] = listing;
  const [opened] = inventories[0]?.events ?? [];
  if (created?.type !== "ListingCreated" || opened?.type !== "InventoryOpened") throw new Error("not a seeded event");
  const { name, venue, performers, startsAt } = created.data.details;
  const words = `${name} ${performers.map((one) => one.name).join(" ")}`.match(/[\p{L}\p{N}]{2,}/gu) ?? ["the"];
  return {
    words,
    city: venue?.city ?? "",
    price: opened.data.terms.price.amount,
    startsAtMs: Date.parse(startsAt ?? ""),
  };
}

const from = (ms: number, days: number) => ({
  start: new Date(ms).toISOString(),
  end: new Date(ms + days * DAY_MS).toISOString(),
});

const begun = (word: string, chance: Chance): string => [...word].slice(0, chance.between(2, 5)).join("");

const longest = (words: readonly string[]): string =>
  words.reduce((longer, word) => (word.length > longer.length ? word : longer), "");

/** A letter left out, doubled, or swapped with the next. */
function mistyped(word: string, chance: Chance): string {
  const letters = [...word];
  const at = chance.between(1, Math.max(1, letters.length - 2));
  const [letter = "", next = ""] = letters.slice(at);
  const instead = chance.one([[next], [letter, letter, next], [next, letter]]);
  return [...letters.slice(0, at), ...instead, ...letters.slice(at + 2)].join("");
}
