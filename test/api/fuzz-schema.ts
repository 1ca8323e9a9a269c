import fc from "fast-check";
import type { JsonSchema, OpenApi } from "./openapi-document.ts";

/** Values that break servers. */
export const junk: fc.Arbitrary<unknown> = fc.oneof(
  fc.constantFrom<unknown>(
    null,
    true,
    "",
    " ",
    0,
    -1,
    1.5,
    1e300,
    Number.MAX_SAFE_INTEGER,
    Number.MAX_SAFE_INTEGER + 2,
    "\u0000",
    "a\u0000b",
    "\ud800",
    "\udfff x",
    "\ufffe\u202e\ufeff",
    "'; drop table events; --",
    "__proto__",
    "constructor",
    "../../etc/passwd",
    "%00%ff",
    "x".repeat(30_000),
    "9999-12-31T23:59:59.999Z",
    "0000-01-01T00:00:00Z",
    "-000001-01-01T00:00:00Z",
    "2026-02-30T00:00:00Z",
    "2016-12-31T23:59:60Z",
    "EUR\n",
    [],
    {},
    [[[[[[[[]]]]]]]],
  ),
  fc.string({ unit: "binary" }),
  fc.integer(),
  fc.double(),
  fc.jsonValue({ maxDepth: 3 }),
);

/** One of so many places gets {@link junk} instead of what the schema says: a body with many may still be right. */
const WRONG_ONCE_IN = 60;

const EDGES_OF_TIME = [
  "0000-01-01",
  "0001-01-01",
  "1970-01-01",
  "2999-12-31T23:59:59.999Z",
  "9999-12-31T23:59:59.999Z",
].map((text) => new Date(text));

const instants = fc
  .oneof(
    fc.date({ min: new Date("2020-01-01"), max: new Date("2040-01-01"), noInvalidDate: true }),
    fc.date({ min: new Date("0000-01-01"), max: new Date("9999-12-31"), noInvalidDate: true }),
    fc.constantFrom(...EDGES_OF_TIME),
  )
  .map((date) => date.toISOString());

/**
 * Values that fit a schema of the document, or nearly so: anywhere in them something may be wrong, missing or too much.
 * @param known texts for fields of these names, which no schema can tell: ids of things that are there
 */
export function valuesOf(
  schema: JsonSchema,
  document: OpenApi,
  known: Readonly<Record<string, fc.Arbitrary<unknown>>>,
): fc.Arbitrary<unknown> {
  const values = (inner: JsonSchema): fc.Arbitrary<unknown> =>
    fc.oneof({ weight: WRONG_ONCE_IN - 1, arbitrary: fitting(inner) }, { weight: 1, arbitrary: junk });

  const fitting = (inner: JsonSchema): fc.Arbitrary<unknown> => {
    const { $ref, anyOf, minimum = -1_000, maximum = 1_000 } = inner;
    if ($ref !== undefined) {
      return fitting(document.components.schemas[$ref.slice($ref.lastIndexOf("/") + 1)] as JsonSchema);
    }
    if (anyOf !== undefined) return fc.oneof(...anyOf.map(fitting));
    if (inner.enum !== undefined) return fc.constantFrom(...inner.enum);
    switch (inner.type) {
      case "object":
        return objects(inner);
      case "array":
        return fc.array(values(inner.items ?? {}), { minLength: inner.minItems ?? 0, maxLength: 4 });
      case "integer":
        return fc.oneof(
          { weight: 30, arbitrary: fc.integer({ min: minimum, max: Math.min(maximum, minimum + 20) }) },
          { weight: 1, arbitrary: fc.constantFrom(minimum, maximum, minimum - 1, maximum + 1) },
        );
      case "boolean":
        return fc.boolean();
      case "null":
        return fc.constant(null);
      case "string":
        return texts(inner);
      default:
        return junk;
    }
  };

  const objects = ({ properties = {}, required = [], examples = [] }: JsonSchema): fc.Arbitrary<object> => {
    const fields = Object.fromEntries(
      Object.entries(properties).map(([name, inner]) => [name, known[name] ?? values(inner)]),
    );
    const complete = fc.record(fields, { requiredKeys: [...required] });
    return fc.oneof(
      ...examples.map((example) => ({ weight: 3, arbitrary: fc.constant(example as object) })),
      { weight: WRONG_ONCE_IN, arbitrary: complete },
      { weight: 1, arbitrary: fc.record(fields, { requiredKeys: [] }) },
      { weight: 1, arbitrary: fc.tuple(complete, fc.dictionary(fc.string(), junk, { maxKeys: 2 })).map(merged) },
    );
  };

  const texts = ({
    format,
    pattern,
    minLength = 0,
    maxLength = 50,
    examples = [],
  }: JsonSchema): fc.Arbitrary<unknown> => {
    if (format === "date-time") return instants;
    if (pattern === "^[A-Z]{3}$")
      return fc.oneof(
        { weight: 12, arbitrary: fc.constant("EUR") },
        { weight: 1, arbitrary: fc.constantFrom("USD", "JPY") },
      );
    if (examples.length > 0) return fc.constantFrom(...examples);
    return fc.oneof(
      {
        weight: 20,
        arbitrary: fc.string({ unit: "grapheme", minLength, maxLength: Math.min(maxLength, minLength + 20) }),
      },
      { weight: 4, arbitrary: fc.constantFrom("x".repeat(maxLength), "\u4e2d".repeat(maxLength)) },
      { weight: 1, arbitrary: fc.constant("x".repeat(maxLength + 1)) },
    );
  };

  return values(schema);
}

const merged = ([object, more]: [object, object]): object => ({ ...more, ...object });
