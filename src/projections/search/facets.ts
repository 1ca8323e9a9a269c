/** How many of the events found have a value. */
export interface FacetValue {
  readonly value: string;
  readonly count: number;
}

export interface Facets {
  /** By count, the most first; a city that is written in several ways in one of them. */
  readonly cities: readonly FacetValue[];
  /** `2027-06`, in UTC, one after the other. */
  readonly months: readonly FacetValue[];
}

/** Of values there may be thousands. */
const MOST_VALUES = 50;

/** What {@link countedBy} gives: of each city and each month how many there are, and of all. */
export interface CountRow {
  readonly kind: "all" | "city" | "month";
  readonly value: string | null;
  readonly count: number;
}

/** Counts the rows of a CTE `found` with the columns city, city_key and month. @param more columns of the row of all */
export const countedBy = (more: string): string => `
  select case grouping(city_key, month) when 3 then 'all' when 1 then 'city' else 'month' end as kind,
    case when grouping(month) = 0 then to_char(month, 'YYYY-MM') else max(city) end as value,
    count(*)::int as count, ${more}
  from found group by grouping sets ((), (city_key), (month))`;

/** True in the row of all. */
export const IS_ALL = "grouping(city_key, month) = 3";

/** @param scale how many events each row stands for */
export function facetsOf(rows: readonly CountRow[], scale = 1): Facets {
  const values = (kind: CountRow["kind"]) =>
    rows
      .flatMap((row) => (row.kind === kind && row.value !== null ? [{ value: row.value, count: row.count }] : []))
      .sort((one, other) => other.count - one.count || (one.value < other.value ? -1 : 1))
      .slice(0, MOST_VALUES)
      .map(({ value, count }) => ({ value, count: Math.round(count * scale) }));
  return { cities: values("city"), months: values("month").sort((one, other) => (one.value < other.value ? -1 : 1)) };
}
