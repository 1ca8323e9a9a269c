/** How many of the events found have a value. */
export interface FacetValue {
  readonly value: string;
  readonly count: number;
}

export interface Facets {
  /** By count, the most first; a city as it is mostly written. */
  readonly cities: readonly FacetValue[];
  /** `2027-06`, in UTC, one after the other. */
  readonly months: readonly FacetValue[];
}

/** Of values there may be thousands. */
const MOST_VALUES = 50;

/** A column of `found`, for {@link FACETS}. */
export const MONTH = "date_trunc('month', starts_at at time zone 'UTC')";

/** Columns `cities` and `months` from a CTE `found` with the columns city, city_key and month. */
export const FACETS = `
  (select coalesce(json_agg(c order by count desc, value), '[]') from (
     select mode() within group (order by city) as value, count(*)::int as count
     from found where city_key is not null group by city_key order by 2 desc, 1 limit ${MOST_VALUES}) c) as cities,
  (select coalesce(json_agg(json_build_object('value', to_char(month, 'YYYY-MM'), 'count', count) order by month), '[]')
   from (select month, count(*)::int as count from found where month is not null
         group by month order by 2 desc, 1 limit ${MOST_VALUES}) m) as months`;

/** What a sample says of all that it was taken from. */
export function scaled({ cities, months }: Facets, scale: number): Facets {
  const times = (values: readonly FacetValue[]) =>
    values.map(({ value, count }) => ({ value, count: Math.round(count * scale) }));
  return { cities: times(cities), months: times(months) };
}
