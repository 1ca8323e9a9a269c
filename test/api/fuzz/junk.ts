import fc from "fast-check";

const nested = (depth: number): unknown => {
  let value: unknown = "deep";
  for (let i = 0; i < depth; i += 1) value = i % 2 === 0 ? [value] : { a: value };
  return value;
};

/** An object with an own member of this name, which a literal would take for the prototype. */
const withOwn = (name: string, value: unknown): unknown =>
  JSON.parse(`{${JSON.stringify(name)}:${JSON.stringify(value)}}`);

/** Values that break servers. */
export const junk: fc.Arbitrary<unknown> = fc.oneof(
  fc.constantFrom<unknown>(
    ...[null, true, "", " ", 0, -0, -1, 1.5, 1e300, 5e-324, 2 ** 31, 2 ** 53 - 1, 2 ** 53 + 2, "1", "1e3", "NaN"],
    ...[
      "\u0000",
      "a\u0000b",
      "\ud800",
      "\udfff x",
      "\ufffe\u202e\ufeff",
      "e\u0301".repeat(300),
      "\u{1f469}\u200d\u{1f680}",
    ],
    ...[
      "'; drop table events; --",
      "$" + "{7*7}",
      "{{7*7}}",
      "../../etc/passwd",
      "%00%ff",
      "=cmd|' /C calc'!A0",
      "%s%n",
      "\r\nx: y",
    ],
    ...["__proto__", "constructor", "toString", "hasOwnProperty", "x".repeat(30_000), "(a+)+$", "EUR\n"],
    ...["9999-12-31T23:59:59.999Z", "0000-01-01T00:00:00Z", "-000001-01-01T00:00:00Z", "2026-02-30T00:00:00Z"],
    ...["2016-12-31T23:59:60Z", "2026-07-01T00:00:00+23:59", "2026-07-01"],
    ...[[], {}, [[[[[[[[]]]]]]]], nested(500), withOwn("__proto__", { admin: true }), withOwn("__proto__", null)],
    ...[
      { constructor: { prototype: { x: 1 } } },
      { toString: "x", valueOf: 1 },
      { length: 2 ** 31 },
      withOwn("then", {}),
    ],
    Array.from({ length: 2_000 }, () => 0),
  ),
  fc.string({ unit: "binary" }),
  fc.integer(),
  fc.double(),
  fc.jsonValue({ maxDepth: 3 }),
);
