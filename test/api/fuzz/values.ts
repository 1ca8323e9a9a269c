import fc from "fast-check";
import type { JsonSchema, OpenApi } from "../openapi-document.ts";
import { junk } from "./junk.ts";
import { tamperings } from "./tampering.ts";

/** Stands in what is generated for something that only the server can have given: an id, a token, a cursor. */
export class Named {
  /** As the schema calls it, e.g. `ticketTypeId`, `event_id`, `reservationIds`. */
  readonly name: string;
  /** What is done with it before it is sent (see `tampering.ts`); null: nothing. */
  readonly tampering: string | null;
  constructor(name: string, tampering: string | null = null) {
    this.name = name;
    this.tampering = tampering;
  }
}

/** Names of what servers give; earlier systems write them in their own ways. */
const GIVEN = /(?:^id|Id|ID|_id)s?$|[tT]oken$|^(?:ticketType|seatType|cursor)$/;

/** What no schema can tell. */
const WORDS: Readonly<Record<string, readonly string[]>> = {
  method: ["sandbox-ok", "sandbox-charge", "sandbox-decline", "sandbox-action"],
};

/** One of so many places gets {@link junk} instead of what the schema says: a body with many may still be right. */
const WRONG_ONCE_IN = 60;

const EDGES_OF_TIME = [
  "0000-01-01",
  "0001-01-01",
  "1970-01-01",
  "2999-12-31T23:59:59.999Z",
  "9999-12-31T23:59:59.999Z",
];

/** Of a length that fields take, and yet no text that everything can keep or show. */
const AWKWARD = [
  ...[
    "a\u0000b",
    "\u0000",
    "a\ud800b",
    "\udfff",
    "a\ufffeb",
    "\u202ea\u202c",
    "a\u0007\u001bb",
    "  a  ",
    "\u00a0",
    "\ufeffa",
  ],
  ...[
    "__proto__",
    "constructor",
    "null",
    "1e999",
    "a'b\"c\\d",
    "%_\\",
    "<script>",
    "{}",
    "a\r\nb",
    "\u{1f469}\u200d\u{1f680}",
  ],
];

const between = (from: string, to: string) =>
  fc.date({ min: new Date(from), max: new Date(to), noInvalidDate: true }).map((date) => date.toISOString());
const instants = fc.oneof(
  { weight: 6, arbitrary: between("2020-01-01", "2040-01-01") },
  { weight: 1, arbitrary: between("0000-01-01", "9999-12-31") },
  { weight: 1, arbitrary: fc.constantFrom(...EDGES_OF_TIME).map((text) => new Date(text).toISOString()) },
);
const addresses = fc.nat().map((number) => `${number.toString(36)}@example.org`);

export const mostly = <Value>(right: fc.Arbitrary<Value>, wrong: fc.Arbitrary<Value>): fc.Arbitrary<Value> =>
  fc.oneof({ weight: 12, arbitrary: right }, { weight: 1, arbitrary: wrong });

/** What only the server can have given, or what somebody made of it. */
export const named = (name: string): fc.Arbitrary<Named> =>
  fc.oneof(
    { weight: 24, arbitrary: fc.constant(new Named(name)) },
    { weight: 1, arbitrary: tamperings.map((tampering) => new Named(name, tampering)) },
  );

/**
 * Values that fit a schema of the document, or nearly so: anywhere in them something may be wrong, missing or too much.
 * @param name of the field that it is the value of
 */
export function valuesOf(schema: JsonSchema, document: OpenApi, name = ""): fc.Arbitrary<unknown> {
  const values = (inner: JsonSchema, field: string): fc.Arbitrary<unknown> =>
    fc.oneof({ weight: WRONG_ONCE_IN - 1, arbitrary: fitting(inner, field) }, { weight: 1, arbitrary: junk });

  function fitting(inner: JsonSchema, field: string): fc.Arbitrary<unknown> {
    const { $ref, anyOf, allOf, oneOf, minimum = -1_000, maximum = 1_000 } = inner;
    if ($ref !== undefined) {
      return fitting(document.components.schemas[$ref.slice($ref.lastIndexOf("/") + 1)] as JsonSchema, field);
    }
    const choices = anyOf ?? oneOf ?? allOf;
    if (choices !== undefined) return fc.oneof(...choices.map((choice) => fitting(choice, field)));
    if (inner.enum !== undefined) return fc.constantFrom(...inner.enum);
    if (inner.const !== undefined) return fc.constant(inner.const);
    switch (inner.type) {
      case "object":
        return objects(inner);
      case "array":
        return arrays(inner, field);
      case "integer":
      case "number":
        return fc.oneof(
          { weight: 30, arbitrary: fc.integer({ min: minimum, max: Math.min(maximum, minimum + 20) }) },
          { weight: 1, arbitrary: fc.constantFrom(minimum, maximum, minimum - 1, maximum + 1) },
        );
      case "boolean":
        return fc.boolean();
      case "null":
        return fc.constant(null);
      case "string":
        return texts(inner, field);
      default:
        return junk;
    }
  }

  const arrays = ({ items = {}, minItems = 0, maxItems = 4 }: JsonSchema, field: string): fc.Arbitrary<unknown> => {
    const some = fc.array(values(items, field), {
      minLength: minItems,
      maxLength: Math.min(Math.max(minItems, 4), maxItems),
    });
    return GIVEN.test(field)
      ? fc.oneof(
          values(items, field).map((one) => [one]),
          some,
        )
      : some;
  };

  /** Bodies with much that is optional are seldom right: some have little of it. */
  function objects({ properties = {}, required = [], examples = [] }: JsonSchema): fc.Arbitrary<object> {
    const fields = Object.fromEntries(
      Object.entries(properties).map(([field, inner]) => [field, values(inner, field)]),
    );
    const complete = fc
      .tuple(fc.record(fields, { requiredKeys: [...required] }), fc.constantFrom(1, 1, 0.4, 0.1), fc.nat())
      .map(([object, share, salt]) => thinned(object, required, share, salt));
    // An example is right; with one or two fields that are not its own it may be, and shows what becomes of each.
    const some = fc.record(fields, { requiredKeys: [] });
    const near = examples.flatMap((one) => [
      { weight: 10, arbitrary: fc.constant(withNamed(one) as object) },
      {
        weight: 20,
        arbitrary: fc.tuple(some, fc.nat(), fc.constantFrom(1, 2)).map(([more, first, most]) => {
          const others = Object.entries(more);
          const from = first % Math.max(others.length, 1);
          return { ...(withNamed(one) as object), ...Object.fromEntries(others.slice(from, from + most)) };
        }),
      },
    ]);
    return fc.oneof(
      ...near,
      { weight: WRONG_ONCE_IN, arbitrary: complete },
      { weight: 1, arbitrary: fc.record(fields, { requiredKeys: [] }) },
      { weight: 1, arbitrary: fc.tuple(complete, fc.dictionary(fc.string(), junk, { maxKeys: 2 })).map(merged) },
    );
  }

  function texts(inner: JsonSchema, field: string): fc.Arbitrary<unknown> {
    const { format, pattern, minLength = 0, maxLength = 50, examples = [] } = inner;
    if (GIVEN.test(field)) return named(field);
    const words = WORDS[field];
    if (words !== undefined) return mostly<unknown>(fc.constantFrom(...words), junk);
    if (format === "date-time") return instants;
    if (format === "email") return fc.oneof(addresses, named("email"));
    if (pattern === "^[A-Z]{3}$") return mostly(fc.constant("EUR"), fc.constantFrom("USD", "JPY"));
    const any = fc.oneof(
      {
        weight: 20,
        arbitrary: fc.string({ unit: "grapheme", minLength, maxLength: Math.min(maxLength, minLength + 20) }),
      },
      { weight: 4, arbitrary: fc.constantFrom("x".repeat(maxLength), "\u4e2d".repeat(maxLength)) },
      { weight: 3, arbitrary: fc.constantFrom(...AWKWARD).map((text) => text.slice(0, maxLength)) },
      { weight: 1, arbitrary: fc.constant("x".repeat(maxLength + 1)) },
    );
    return examples.length > 0
      ? fc.oneof({ weight: 3, arbitrary: fc.constantFrom(...examples) }, { weight: 1, arbitrary: any })
      : any;
  }

  return values(schema, name);
}

/** An example of the document, with what only a server can have given to be filled in. */
function withNamed(example: unknown, name = ""): unknown {
  if (Array.isArray(example)) return example.map((one) => withNamed(one, name));
  if (typeof example === "string" && GIVEN.test(name)) return new Named(name);
  if (typeof example !== "object" || example === null) return example;
  return Object.fromEntries(Object.entries(example).map(([field, value]) => [field, withNamed(value, field)]));
}

function thinned(object: object, required: readonly string[], share: number, salt: number): object {
  if (share === 1) return object;
  const kept = Object.entries(object).filter(([name], i) => required.includes(name) || ((salt >> i) & 7) < share * 8);
  return Object.fromEntries(kept);
}

const merged = ([object, more]: [object, object]): object => ({ ...more, ...object });
