import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ORGANIZER } from "../recorded.ts";
import { idOf, type Listed, programmeOf } from "./programme.ts";

const DAY = (day: string) => `2027-${day}T18:00:00.000Z`;

const LISTED: readonly Listed[] = [
  {
    name: "Aurora Live",
    city: "Köln",
    startsAt: DAY("03-05"),
    prices: [4_500, 14_900],
    performers: ["Northern Lights"],
  },
  { name: "Aurora at Dawn", city: "Berlin", startsAt: DAY("02-01"), prices: [0] },
  { name: "Rock'n'Roll Night", city: "Berlin", startsAt: DAY("04-01"), prices: [2_000], description: "with Aurora" },
  { name: "L'Opéra de Lyon", city: "Lyon", startsAt: DAY("05-01"), prices: [9_900] },
  { name: "Straßenfest", city: "München", startsAt: DAY("07-31"), prices: [0] },
  { name: "Łódź Jazz Days", city: "Łódź", startsAt: DAY("08-01"), prices: [3_000] },
  { name: "東京コンサート", city: "東京", startsAt: DAY("09-01"), prices: [5_000] },
  { name: "Московский балет", city: "Москва", startsAt: DAY("10-01"), prices: [7_000] },
  { name: "أمسية موسيقية", city: "القاهرة", startsAt: DAY("10-02"), prices: [1_500] },
  { name: "서울 재즈 페스티벌", city: "서울", startsAt: DAY("10-03"), prices: [6_000] },
  { name: "Secret Draft", city: "Berlin", draft: true },
  { name: "Withdrawn Draft", city: "Berlin", draft: true, cancelled: true },
  { name: "Called Off Gala", city: "Berlin", cancelled: true },
  { name: "Long Exhibition", city: "Bonn", startsAt: "2026-01-01T09:00:00.000Z", endsAt: "2028-01-01T09:00:00.000Z" },
  { name: "Begun Yesterday", city: "Bonn", startsAt: "2026-12-31T09:00:00.000Z", endsAt: DAY("01-02") },
  { name: "Over Yesterday", city: "Bonn", startsAt: "2026-12-30T09:00:00.000Z", endsAt: "2026-12-31T09:00:00.000Z" },
  { name: "Some Day", city: "Bonn", startsAt: null, prices: [] },
  { name: '100% "Quoted" & (Odd) | Name: * \\ ! <-> --; drop', city: "O'Fallon" },
];

let programme: Awaited<ReturnType<typeof programmeOf>>;
beforeAll(async () => {
  programme = await programmeOf(LISTED);
});
afterAll(() => programme?.close());

const found = (keyword: string) => programme.names({ keyword });

describe("words", () => {
  it("are found wherever an event has them, those in its name first, then what comes sooner", async () => {
    expect(await found("aurora")).toEqual(["Aurora at Dawn", "Aurora Live", "Rock'n'Roll Night"]);
    expect(await found("northern lights")).toEqual(["Aurora Live"]);
    expect(await found("the hall lyon")).toEqual(["L'Opéra de Lyon"]);
  });

  it("must all be there, in whatever order", async () => {
    expect(await found("live aurora")).toEqual(["Aurora Live"]);
    expect(await found("aurora berlin")).toEqual(["Aurora at Dawn", "Rock'n'Roll Night"]);
    expect(await found("aurora paris")).toEqual([]);
  });

  it("may be begun, as the last of those typed", async () => {
    expect(await found("auro")).toEqual(["Aurora at Dawn", "Aurora Live", "Rock'n'Roll Night"]);
    expect(await found("a")).toEqual(["Aurora at Dawn", "Aurora Live", "Rock'n'Roll Night"]);
    expect(await found("aurora li")).toEqual(["Aurora Live"]);
    expect(await found("auror live")).toEqual(["Aurora Live"]); // an error, as good as any other
  });

  it.each([
    ["aurroa", "Aurora at Dawn"],
    ["urora", "Aurora at Dawn"],
    ["auroraa", "Aurora at Dawn"],
    ["auorr", "Aurora at Dawn"], // begun, and wrong
    ["exhibtion", "Long Exhibition"],
    ["exhibtoin", "Long Exhibition"],
    ["strasenfest", "Straßenfest"],
    ["Московскый балет", "Московский балет"],
  ])("may have typing errors: %s", async (keyword, first) => {
    expect((await found(keyword))[0]).toBe(first);
  });

  it("are taken as they are when an event has them so, and with errors when nothing has all of them", async () => {
    expect(await found("lights")).toEqual(["Aurora Live"]); // not Nights or Night
    expect(await found("night aurora")).toEqual(["Rock'n'Roll Night"]);
    expect(await found("nights draft")).toEqual([]);
  });

  it("of few letters and numbers have no errors", async () => {
    expect(await found("liv")).toEqual(["Aurora Live"]);
    expect(await found("lvi")).toEqual([]);
    expect(await found("1000")).toEqual([]);
  });

  it.each([
    ["koln", "Aurora Live"],
    ["KÖLN", "Aurora Live"],
    ["ko\u0308ln", "Aurora Live"],
    ["koeln", "Aurora Live"],
    ["opera", "L'Opéra de Lyon"],
    ["l'opera", "L'Opéra de Lyon"],
    ["l’opéra", "L'Opéra de Lyon"],
    ["lopera", "L'Opéra de Lyon"],
    ["rock n roll", "Rock'n'Roll Night"],
    ["rock’n’roll", "Rock'n'Roll Night"],
    ["STRASSENFEST", "Straßenfest"],
    ["muenchen", "Straßenfest"],
    ["lodz", "Łódź Jazz Days"],
    ["東京", "東京コンサート"],
    ["コンサート", "東京コンサート"],
    ["京", "東京コンサート"],
    ["москов", "Московский балет"],
    ["موسيقية", "أمسية موسيقية"],
    ["مُوسِيقِيَّة", "أمسية موسيقية"],
    ["재즈", "서울 재즈 페스티벌"],
    ["페스티", "서울 재즈 페스티벌"],
  ])("are found however they are written: %s", async (keyword, name) => {
    expect(await found(keyword)).toContain(name);
  });

  it.each([
    "'",
    '"',
    "\\",
    "%",
    "& | !",
    "<->",
    ":*",
    "'; drop table readmodels.search; --",
    "a' | 'b",
    "((((",
    "\u{1f39f}",
    "-",
  ])("are letters and digits, whatever else is typed: %s", async (keyword) => {
    await expect(programme.find({ keyword })).resolves.toMatchObject({ exact: true });
  });

  it("find the oddest of names", async () => {
    expect(await found('100% "quoted" & (odd)')).toEqual([LISTED.at(-1)?.name]);
    expect(await found("o'fallon drop")).toEqual([LISTED.at(-1)?.name]);
  });

  it("that are none find nothing", async () => {
    expect(await programme.find({ keyword: "?!" })).toEqual({
      items: [],
      total: 0,
      exact: true,
      facets: { cities: [], months: [] },
    });
  });
});

describe("places", () => {
  it.each(["Köln", "koln", "KOELN", " Ko\u0308ln "])("are the whole name of a city: %s", async (city) => {
    expect(await programme.names({ city })).toEqual(["Aurora Live"]);
  });

  it("are not found by a part of it", async () => {
    expect(await programme.names({ city: "Kö" })).toEqual([]);
    expect(await programme.names({ city: "" })).toEqual([]);
  });
});

describe("dates", () => {
  it("are of the beginning, both included", async () => {
    const range = { start: DAY("03-05"), end: DAY("05-01") };
    expect(await programme.names(range)).toEqual(["Aurora Live", "Rock'n'Roll Night", "L'Opéra de Lyon"]);
    expect(await programme.names({ ...range, start: "2027-03-05T18:00:00.001Z" })).not.toContain("Aurora Live");
    expect(await programme.names({ ...range, end: "2027-05-01T17:59:59.999Z" })).not.toContain("L'Opéra de Lyon");
  });

  it("leave out what has none", async () => {
    expect(await programme.names({ city: "Bonn" })).toContain("Some Day");
    expect(await programme.names({ city: "Bonn", start: NOW_OR_BEFORE })).not.toContain("Some Day");
    expect(await programme.names({ city: "Bonn", end: DAY("12-31") })).not.toContain("Some Day");
  });

  it("ascend, and what has none comes last", async () => {
    expect(await programme.names({ city: "Bonn", sort: "date" })).toEqual([
      "Long Exhibition",
      "Begun Yesterday",
      "Some Day",
    ]);
  });
});

const NOW_OR_BEFORE = "1970-01-01T00:00:00.000Z";

describe("status", () => {
  it("goes by the time", async () => {
    const bonn = { city: "Bonn", sort: "date" } as const;
    expect(await programme.names({ ...bonn, status: "ENDED" })).toEqual(["Over Yesterday"]);
    expect(await programme.names(bonn, "2027-01-03T00:00:00.000Z")).toEqual(["Long Exhibition", "Some Day"]);
    expect(await programme.names({ ...bonn, status: "ENDED" }, "2029-01-01T00:00:00.000Z")).toEqual([
      "Long Exhibition",
      "Over Yesterday",
      "Begun Yesterday",
    ]);
  });

  it("of a draft is for its organizer only, and of a withdrawn one for nobody", async () => {
    expect(await programme.names({ status: "DRAFT" })).toEqual([]);
    expect(await programme.names({ status: "DRAFT", callerId: idOf({ name: "somebody" }) })).toEqual([]);
    expect(await programme.names({ status: "DRAFT", callerId: ORGANIZER })).toEqual(["Secret Draft"]);
    for (const status of ["ACTIVE", "ENDED", "CANCELLED"] as const) {
      expect(await programme.names({ status, keyword: "draft", callerId: ORGANIZER })).toEqual([]);
    }
  });

  it("of what was called off is asked for", async () => {
    expect(await programme.names({ keyword: "gala" })).toEqual([]);
    expect(await programme.names({ keyword: "gala", status: "CANCELLED" })).toEqual(["Called Off Gala"]);
  });
});

describe("prices", () => {
  it("overlap from the cheapest to the dearest", async () => {
    const aurora = (prices: object) => programme.names({ keyword: "aurora live", ...prices });
    expect(await aurora({ minPrice: 14_900 })).toHaveLength(1);
    expect(await aurora({ minPrice: 14_901 })).toHaveLength(0);
    expect(await aurora({ maxPrice: 4_500 })).toHaveLength(1);
    expect(await aurora({ maxPrice: 4_499 })).toHaveLength(0);
    expect(await aurora({ minPrice: 6_000, maxPrice: 7_000 })).toHaveLength(1);
    expect(await programme.names({ maxPrice: 0, city: "Berlin" })).toEqual(["Aurora at Dawn"]);
  });

  it("ascend, and what has no ticket types comes last", async () => {
    const { items } = await programme.find({ sort: "price" });
    const prices = items.map(({ minPrice }) => minPrice?.amount ?? Number.POSITIVE_INFINITY);
    expect(prices).toEqual(prices.toSorted((a, b) => a - b));
    expect(items.at(-1)).toMatchObject({ name: "Some Day", minPrice: null, maxPrice: null });
  });
});

describe("an answer", () => {
  it("shows what a list needs", async () => {
    const { items } = await programme.find({ keyword: "aurora live" });
    expect(items).toEqual([
      {
        eventId: idOf({ name: "Aurora Live" }),
        name: "Aurora Live",
        status: "ACTIVE",
        venue: { name: "The Hall", address: null, city: "Köln", country: null },
        startsAt: DAY("03-05"),
        endsAt: null,
        timeZone: "Europe/Berlin",
        currency: "EUR",
        minPrice: { amount: 4_500, currency: "EUR" },
        maxPrice: { amount: 14_900, currency: "EUR" },
        total: 200,
        available: 200,
      },
    ]);
  });

  it("counts all that is found by city and month, whatever the page", async () => {
    const { items, total, exact, facets } = await programme.find({ keyword: "aurora", page: 2, pageSize: 2 });
    expect([items.length, total, exact]).toEqual([1, 3, true]);
    expect(facets).toEqual({
      cities: [
        { value: "Berlin", count: 2 },
        { value: "Köln", count: 1 },
      ],
      months: [
        { value: "2027-02", count: 1 },
        { value: "2027-03", count: 1 },
        { value: "2027-04", count: 1 },
      ],
    });
    expect((await programme.find({ keyword: "aurora", page: 3, pageSize: 2 })).items).toEqual([]);
  });
});
