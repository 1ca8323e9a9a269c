import fc from "fast-check";
import { junk } from "./junk.ts";
import { mostly } from "./values.ts";

/** As API.md has them: `[A-Za-z0-9]+`. */
const names = mostly<unknown>(
  fc.constantFrom("STALLS", "A", "B", "AA", "1", "2", "x9"),
  fc.oneof(fc.constantFrom("", "A-B", " A", "\u00c4", "a\u0000", "A".repeat(300), "__proto__", "../A"), junk),
);

const seats = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.tuple(fc.integer({ min: 1, max: 5 }), fc.nat(30)).map(([first, more]) => `${first}-${first + more}`),
  },
  { weight: 4, arbitrary: fc.array(fc.constantFrom("1", "2", "3", "4A", "4B"), { maxLength: 6 }) },
  {
    weight: 4,
    arbitrary: fc.constantFrom<unknown>(
      ...["20-1", "1-1", "0-0", "-1-5", "1-", "-", "1-2-3", "1 - 5", "01-05", "A-Z", "1e1-2e1", "1-999999999"],
      ...["1-99999999999999999999", "9007199254740991-9007199254740993", `1-${"9".repeat(400)}`, "", "1"],
    ),
  },
  { weight: 1, arbitrary: fc.constant(Array.from({ length: 20_000 }, (_, i) => String(i))) },
  { weight: 1, arbitrary: fc.array(fc.constant("1"), { minLength: 2, maxLength: 3 }) },
  { weight: 1, arbitrary: junk },
);

const listed = mostly<unknown>(
  fc.array(fc.constantFrom("1", "2", "3", "99"), { maxLength: 3 }),
  fc.oneof(fc.constantFrom<unknown>("1-3", "99-1", ["STALLS-A-1"], [null]), junk),
);

const money = fc.oneof(
  fc.record({ amount: fc.integer({ min: -1, max: 9_000 }), currency: fc.constantFrom("EUR", "USD", "eur") }),
  junk,
);

const rows = fc.record(
  {
    name: names,
    seats,
    quality: mostly<unknown>(fc.integer({ min: -2, max: 100 }), junk),
    accessible: listed,
    blocked: listed,
  },
  { requiredKeys: ["name", "seats"] },
);

const some = <Value>(one: fc.Arbitrary<Value>): fc.Arbitrary<unknown> =>
  mostly<unknown>(fc.array(one, { minLength: 1, maxLength: 3 }), fc.oneof(fc.constant([]), junk));

/** Seat maps, right and wrong: names twice, ranges that end before they begin or never, what is blocked and not there. */
export const seatMaps: fc.Arbitrary<unknown> = mostly<unknown>(
  fc.record({
    sections: some(fc.record({ name: names, price: money, rows: some(rows) }, { requiredKeys: ["name", "rows"] })),
  }),
  fc.oneof(
    junk,
    fc.constant({
      sections: Array.from({ length: 3_000 }, (_, i) => ({ name: `S${i}`, rows: [{ name: "A", seats: "1-500" }] })),
    }),
  ),
);

/** What is asked for of seats, where tickets are. */
const asked: fc.Arbitrary<object> = fc.oneof(
  fc
    .array(fc.oneof(fc.constantFrom("STALLS-A-1", "STALLS-A-2", "A-A-1", "STALLS-A", "--", ""), junk), { maxLength: 4 })
    .map((some) => ({ seats: some })),
  fc
    .record({ quantity: mostly<unknown>(fc.integer({ min: 0, max: 12 }), junk), section: names }, { requiredKeys: [] })
    .map((best) => ({ bestAvailable: best })),
  junk.map((one) => ({ seats: one })),
);

type Fields = Readonly<Record<string, unknown>>;
const isObject = (value: unknown): value is Fields =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** Bodies of which one in six has something of seats, where its route makes ticket types or gives out tickets. */
export function withSeats(route: string, bodies: fc.Arbitrary<unknown>): fc.Arbitrary<unknown> {
  const changes = changesOf(route);
  if (changes === null) return bodies;
  const changed = fc.tuple(bodies, changes).map(([body, change]) => (isObject(body) ? change(body) : body));
  return fc.oneof({ weight: 5, arbitrary: bodies }, { weight: 1, arbitrary: changed });
}

function changesOf(route: string): fc.Arbitrary<(body: Fields) => Fields> | null {
  const mapped = (map: unknown, keeps: boolean) => (type: Fields) => {
    const { capacity, ...rest } = type;
    return { ...rest, ...(keeps ? { capacity } : {}), seatMap: map };
  };
  const ofType = fc.tuple(seatMaps, fc.constantFrom(false, false, true));
  if (route === "POST /events") {
    return ofType.map(([map, keeps]) => (body) => {
      const { ticketTypes } = body;
      const types = Array.isArray(ticketTypes) && isObject(ticketTypes[0]) ? ticketTypes : [{ name: "A" }];
      return { ...body, ticketTypes: [mapped(map, keeps)(types[0]), ...types.slice(1)] };
    });
  }
  if (/^(POST|PATCH) .*\/ticket-types/.test(route)) return ofType.map(([map, keeps]) => mapped(map, keeps));
  if (/^(POST|PUT) .*(\/reservations|\/cart\/items)/.test(route)) {
    return asked.map((more) => ({ quantity: _, ...rest }) => ({ ...rest, ...more }));
  }
  return null;
}
