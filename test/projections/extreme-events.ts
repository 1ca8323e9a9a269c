import fc from "fast-check";

/**
 * What organizers might send to `POST /events` and `PATCH /events/{eventId}`: mostly what the schemas take, at its
 * very edges, and now and then what they must not take. The schemas decide which is which.
 */
const mostly = <Value>(taken: fc.Arbitrary<Value>, ...refused: readonly unknown[]): fc.Arbitrary<unknown> =>
  fc.oneof({ weight: 30, arbitrary: taken }, { weight: 1, arbitrary: fc.constantFrom(...refused) });

const seldom = (arbitrary: fc.Arbitrary<unknown>) => fc.option(arbitrary, { nil: undefined, freq: 2 });

const REFUSED_TEXTS = ["", " \n", "nul \0 here", "half \ud83d a pair", "\udc00", "\u007f", "\u0001", 7, null];

/** Any text that is to be taken, up to the longest of each script. */
const text = (maxLength: number): fc.Arbitrary<unknown> =>
  mostly(
    fc.oneof(
      fc.constantFrom(
        "x",
        "x".repeat(maxLength),
        "\u4e2d".repeat(maxLength),
        "\u{1f39f}".repeat(maxLength / 2),
        "\\u0000 \\ud800 \\",
        "\u2028\u2029\ufeff\u202e\uffff",
        'tab\tline\r\n"quoted" {a,"b"} \'; --',
        "null",
        "__proto__",
      ),
      fc.string({ unit: "grapheme", minLength: 1, maxLength: 20 }),
      fc.string({ unit: "binary", minLength: 1, maxLength: 5 }),
    ),
    ...REFUSED_TEXTS,
  );

/** Taken by nobody, but each by something: Postgres, JavaScript or RFC 3339. */
const REFUSED_TIMES = [
  "0000-06-01T00:00:00Z",
  "0001-01-01T00:00:00Z",
  "1969-12-31T23:59:59.999Z",
  "1970-01-01T00:00:00+00:01",
  "2999-12-31T23:59:59-00:01",
  "3000-01-01T00:00:00Z",
  "9999-12-31T23:59:59.999Z",
  "-000001-01-01T00:00:00Z",
  "+275760-09-13T00:00:00Z",
  "infinity",
  "2027-02-30T00:00:00Z",
  0,
];

const time = mostly(
  fc.oneof(
    fc.constantFrom(
      "1970-01-01T00:00:00Z",
      "1970-01-01T00:00:00-23:59",
      "2999-12-31T23:59:59.999Z",
      "2999-12-31T23:59:59.999999999+23:59",
      "2016-12-31T23:59:59.9Z",
      "2028-02-29T00:00:00.123456Z",
    ),
    fc
      .date({ min: new Date("1970-01-01"), max: new Date("2999-12-31"), noInvalidDate: true })
      .map((date) => date.toISOString()),
  ),
  ...REFUSED_TIMES,
);

const REFUSED_NUMBERS = [0, -1, 1.5, 5e-324, 1e308, 2 ** 31, Number.NaN, Number.POSITIVE_INFINITY, "1"];
const count = mostly(fc.constantFrom(1, 2, 1e2, 9_999_999, 10_000_000), ...REFUSED_NUMBERS);
const seconds = mostly(fc.constantFrom(1, 86_400), ...REFUSED_NUMBERS);
const currency = mostly(fc.constantFrom("EUR", "EUR", "ZZZ"), "eur", "\0\0\0");

const fewOf = (arbitrary: fc.Arbitrary<unknown>, most: number) =>
  fc.oneof(
    fc.constant([]),
    fc.array(arbitrary, { maxLength: 3 }),
    arbitrary.map((one) => Array.from({ length: most }, () => one)),
  );

const venue = fc.record(
  { name: text(200), address: text(500), city: text(200), country: text(100) },
  { requiredKeys: ["name"] },
);
const performers = fewOf(fc.record({ name: text(200), bio: text(2_000) }, { requiredKeys: ["name"] }), 100);
const refundPolicy = fewOf(fc.record({ until: time, percent: fc.constantFrom(0, -0, 50, 100) }), 20);

const price = fc.record({
  amount: mostly(fc.constantFrom(0, -0, 1, 999_999_999, 1_000_000_000_000), -1, 0.1, 2 ** 53, 1e300),
  currency: fc.constant("EUR"),
});
const ticketType = fc.record({
  name: text(100),
  description: seldom(text(2_000)),
  capacity: count,
  price: seldom(price),
  saleStartsAt: seldom(time),
  saleEndsAt: seldom(time),
  maxPerUser: seldom(count),
  maxPerOrder: seldom(mostly(fc.constantFrom(1, 9_000), 0)),
});
const ticketTypes = fc.oneof(
  fc.array(ticketType, { minLength: 1, maxLength: 4 }),
  fc.constant(Array.from({ length: 100 }, (_, index) => ({ name: `${index}`, capacity: 1 }))),
);

const details = {
  name: text(200),
  description: seldom(text(20_000)),
  venue: seldom(venue),
  performers: seldom(performers),
  startsAt: seldom(time),
  endsAt: seldom(time),
  timeZone: seldom(mostly(fc.constantFrom("Europe/Berlin", "UTC", "Etc/GMT+12"), "Nowhere", "\0")),
  saleStartsAt: seldom(time),
  saleEndsAt: seldom(time),
  additionalInfo: seldom(text(20_000)),
  holdTtlSeconds: seldom(seconds),
  guestsAllowed: seldom(fc.boolean()),
  refundPolicy: seldom(refundPolicy),
};

export const extremeNewEvents: fc.Arbitrary<unknown> = fc
  .record({
    ...details,
    code: seldom(text(64)),
    currency: seldom(currency),
    capacity: seldom(fc.constant(10_000_000)),
    draft: seldom(fc.boolean()),
    tickets: fc.oneof(fc.record({ ticketTypes }), fc.record({ totalSeats: count })),
  })
  .map(({ tickets, ...event }) => ({ ...event, ...tickets }));

export const extremeChanges: fc.Arbitrary<unknown> = fc
  .record({ ...details, capacity: seldom(count) }, { requiredKeys: [] })
  .chain((changes) =>
    fc
      .subarray(["description", "venue", "startsAt", "endsAt", "saleEndsAt", "refundPolicy"])
      .map((gone) => ({ ...changes, ...Object.fromEntries(gone.map((field) => [field, null])) })),
  );

/** Each time that must not be taken, as the only extreme of an event. */
export const offTimes: readonly [unknown, unknown][] = REFUSED_TIMES.map((time) => [
  { name: "x", startsAt: time, ticketTypes: [{ name: "x", capacity: 1, saleStartsAt: time }] },
  { endsAt: time },
]);
