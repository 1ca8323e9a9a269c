/**
 * A Postgres array of values that need no quoting (ids, numbers, times, booleans), as text.
 */
export function arrayLiteral(values: readonly (string | number | bigint | boolean | null)[]): string {
  return `{${values.map((value) => (value === null ? "null" : value)).join(",")}}`;
}
