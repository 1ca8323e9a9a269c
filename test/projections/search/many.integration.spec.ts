import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { SearchQuestion } from "../../../src/projections/search/queries.ts";
import { folded } from "../../../src/projections/search/words.ts";
import { ORGANIZER } from "../recorded.ts";
import { type Listed, NOW, programmeOf } from "./programme.ts";

/** More than are all looked at, with words of every frequency. */
const EVENTS = 6_000;
const CITIES = ["Berlin", "Köln", "Łódź", "東京"];
const DAY_MS = 86_400_000;

const listedOf = (n: number): Listed => {
  const startsAtMs = Date.parse(NOW) + ((n * 7_919) % EVENTS) * 0.1 * DAY_MS - 20 * DAY_MS;
  const hours = n % 300 === 0 ? 30_000 : n % 50 === 0 ? 4_000 : n % 10 === 0 ? 60 : 3;
  const rarity = n % 2 === 0 ? "often" : n % 30 === 1 ? "seldom" : "else";
  // What is seasonal begins when nearly all others are over.
  const season = startsAtMs > Date.parse(NOW) + 500 * DAY_MS ? "winter" : "summer";
  return {
    name: `${n % 3 === 0 ? "Gala" : "Night"} ${rarity} number${n}`,
    description: `${season} evening, a gala`,
    city: CITIES[Math.floor(n / 2) % CITIES.length] as string,
    startsAt: n % 500 === 499 ? null : new Date(startsAtMs).toISOString(),
    endsAt: n % 500 === 499 ? null : new Date(startsAtMs + hours * 3_600_000).toISOString(),
    prices: n % 700 === 699 ? [] : [(n % 11) * 500, (n % 11) * 500 + (n % 3) * 1_000],
    draft: n % 97 === 5,
    cancelled: n % 89 === 3,
  };
};

const LISTED = Array.from({ length: EVENTS }, (_, n) => listedOf(n));

let programme: Awaited<ReturnType<typeof programmeOf>>;
beforeAll(async () => {
  programme = await programmeOf(LISTED);
}, 120_000);
afterAll(() => programme?.close());

/** The same questions, answered by going through everything. */
const INFINITY = Number.POSITIVE_INFINITY;
const startOf = ({ startsAt }: Listed) => (startsAt == null ? INFINITY : Date.parse(startsAt));
const endOf = ({ startsAt, endsAt }: Listed) => Date.parse(endsAt ?? startsAt ?? "") || INFINITY;
const dearest = ({ prices = [] }: Listed) => Math.max(...prices);
const cheapest = ({ prices = [] }: Listed) => Math.min(...prices);

function statusOf(listed: Listed): string {
  if (listed.draft) return listed.cancelled ? "WITHDRAWN" : "DRAFT";
  if (listed.cancelled) return "CANCELLED";
  return endOf(listed) <= Date.parse(NOW) ? "ENDED" : "ACTIVE";
}

function fits(listed: Listed, question: Partial<SearchQuestion>): boolean {
  const { keyword, city, start, end, minPrice, maxPrice, status = "ACTIVE" } = question;
  const all = folded(`${listed.name} ${listed.description} The Hall ${listed.city}`).split(/[^\p{L}\p{N}]+/u);
  const asked = keyword?.split(" ") ?? [];
  const starts = startOf(listed);
  return (
    statusOf(listed) === status &&
    asked.every((word, n) => all.some((one) => (n === asked.length - 1 ? one.startsWith(word) : one === word))) &&
    (city == null || folded(listed.city ?? "") === folded(city).replace("oe", "o")) &&
    (start == null || (starts >= Date.parse(start) && starts < INFINITY)) &&
    (end == null || starts <= Date.parse(end)) &&
    (minPrice == null || dearest(listed) >= minPrice) &&
    (maxPrice == null || cheapest(listed) <= maxPrice)
  );
}

/** Pages of everything that is found, each event once. */
async function allOf(question: Partial<SearchQuestion>, pageSize: number) {
  const names: string[] = [];
  for (let page = 1; ; page += 1) {
    const { items } = await programme.find({ ...question, page, pageSize });
    names.push(...items.map(({ name }) => name));
    if (items.length < pageSize) return names;
  }
}

const byName = new Map(LISTED.map((listed) => [listed.name, listed]));
const listedBy = (names: readonly string[]) => names.map((name) => byName.get(name) as Listed);

describe("of more than can be counted", () => {
  it.each([
    { sort: "date" },
    { sort: "price" },
    { keyword: "often", sort: "date" },
    { keyword: "often", sort: "price" },
    { keyword: "gala" },
    { keyword: "evening gala" },
    { keyword: "nig" },
    { keyword: "winter", sort: "date" },
    { keyword: "winter", sort: "price" },
    { keyword: "winter" },
    { keyword: "gala often", city: "Berlin", sort: "date" },
    { city: "Köln", sort: "date" },
    { city: "Köln", sort: "price" },
    { city: "koeln", sort: "date", maxPrice: 2_500 },
    { start: "2027-03-01T00:00:00.000Z", end: "2027-12-01T00:00:00.000Z", sort: "price" },
    { maxPrice: 0, sort: "date" },
  ] as Partial<SearchQuestion>[])("pages have each event once, in order: %j", async (question) => {
    const expected = LISTED.filter((listed) => fits(listed, question)).map(({ name }) => name);
    expect(expected.length).toBeGreaterThan(100);
    const found = await allOf(question, 97);
    expect(found.toSorted()).toEqual(expected.toSorted());
    const keys = listedBy(found).map((listed) => (question.sort === "price" ? cheapest(listed) : startOf(listed)));
    if (question.sort !== undefined) expect(keys).toEqual(keys.toSorted((a, b) => a - b));
  });

  it("those with the words in their name come first", async () => {
    const found = await allOf({ keyword: "gala" }, 100);
    const named = found.filter((name) => name.startsWith("Gala"));
    expect(found.slice(0, named.length)).toEqual(named);
    expect(named.length).toBeGreaterThan(1_000);
    expect(found.length).toBeGreaterThan(named.length + 1_000);
  });

  it.each([{}, { keyword: "often" }, { keyword: "night" }, { city: "Berlin" }, { keyword: "gala", maxPrice: 3_000 }])(
    "says about how many they are, and of what kinds: %j",
    async (question) => {
      const expected = LISTED.filter((listed) => fits(listed, question));
      const { total, exact, facets } = await programme.find(question);
      expect([exact, expected.length > 1_000]).toEqual([expected.length <= 1_000, expected.length > 1_000]);
      expect(Math.abs(total / expected.length - 1)).toBeLessThan(0.35);
      const inCities = facets.cities.reduce((sum, { count }) => sum + count, 0);
      expect(Math.abs(inCities / total - 1)).toBeLessThan(0.05);
      expect(facets.months.length).toBeGreaterThan(10);
    },
  );

  it("what is rare among it is counted exactly", async () => {
    const question = { keyword: "seldom", city: "Köln" };
    const expected = LISTED.filter((listed) => fits(listed, question));
    expect(expected.length).toBeGreaterThan(20);
    expect(await programme.find(question)).toMatchObject({ total: expected.length, exact: true });
  });
});

/** What began long ago and goes on for years, by a word and the city: found by random questions, and then kept. */
const RUNNING: Partial<SearchQuestion> = {
  ...{ keyword: "gala", city: "Berlin", start: null, end: "2027-02-01T12:00:00.000Z", status: "ACTIVE" },
  ...{ minPrice: null, maxPrice: null, sort: "relevance", page: 1, pageSize: 100 },
};

describe("whatever is asked", () => {
  const instants = fc.constantFrom(
    null,
    "2026-12-25T00:00:00.000Z",
    "2027-02-01T12:00:00.000Z",
    "2028-06-01T00:00:00.000Z",
  );
  const prices = fc.constantFrom(null, 0, 500, 2_000, 5_000, 100_000);
  const keywords = fc.oneof(
    fc.constantFrom(null, "gala", "often", "seldom", "winter", "night seldom", "summer gala nigh", "number12", "hall"),
    fc.string({ unit: "grapheme", maxLength: 20 }),
    fc.string({ unit: "binary", maxLength: 20 }),
  );
  const questions = fc.record({
    keyword: keywords,
    city: fc.constantFrom(null, null, "Berlin", "lodz", "東京", "Nowhere"),
    start: instants,
    end: instants,
    status: fc.constantFrom("ACTIVE", "ACTIVE", "ENDED", "CANCELLED", "DRAFT"),
    minPrice: prices,
    maxPrice: prices,
    sort: fc.constantFrom("relevance", "date", "price"),
    page: fc.integer({ min: 1, max: 30 }),
    pageSize: fc.integer({ min: 1, max: 100 }),
  }) as fc.Arbitrary<Partial<SearchQuestion>>;

  it("what is found fits, and what is counted is there", async () => {
    await fc.assert(
      fc.asyncProperty(questions, async (question) => {
        const { items, total, exact } = await programme.find({ ...question, callerId: ORGANIZER });
        const { keyword, page = 1, pageSize = 100 } = question;
        const isPlain = keyword == null || /^[a-z0-9 ]+$/.test(keyword);
        if (isPlain && keyword?.trim() !== "") {
          const expected = LISTED.filter((listed) => fits(listed, question)).length;
          const isForgiving = keyword != null && expected === 0; // then words with typing errors count, too
          if (!isForgiving) {
            for (const listed of listedBy(items.map(({ name }) => name))) expect(fits(listed, question)).toBe(true);
            if (exact) expect(total).toBe(expected);
            expect(items.length).toBe(Math.max(0, Math.min(pageSize, expected - (page - 1) * pageSize)));
          }
        }
        expect(new Set(items.map(({ eventId }) => eventId)).size).toBe(items.length);
      }),
      { numRuns: 300, examples: [[RUNNING]] },
    );
  }, 120_000);
});
