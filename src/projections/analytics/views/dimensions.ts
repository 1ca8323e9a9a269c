import type { AnalystView } from "../views-of-analysts.ts";

/** SQL: a time that an organizer gave, unless Postgres has no such time. */
const time = (path: string): string => `case when ${path} ~ '^[12]\\d{3}-' then (${path})::timestamptz end`;

/** What facts are looked at by. */
export const DIMENSIONS: readonly AnalystView[] = [
  {
    name: "events",
    about: "One row an event that is sold, as its organizer describes it now.",
    columns: {
      event_id: ["event_id", "Id of the event"],
      organizer_id: ["organizer_id", "Account of its organizer; who that is is kept elsewhere"],
      name: ["details->>'name'", "Its name"],
      status: ["status", "DRAFT, ACTIVE or CANCELLED, as recorded: one that is over by time stays ACTIVE"],
      currency: ["currency", "ISO 4217 code of its prices now"],
      venue: ["details->'venue'->>'name'", "Name of the place; null: none is given"],
      city: ["details->'venue'->>'city'", "City of the place; null: none is given"],
      country: ["details->'venue'->>'country'", "Country of the place; null: none is given"],
      time_zone: [
        "case when details->>'timeZone' ~ '^[A-Za-z]' then details->>'timeZone' end",
        "IANA name of its time zone; null: none is given, or an offset",
      ],
      starts_at: [time("details->>'startsAt'"), "When it begins; null: not said"],
      ends_at: [time("details->>'endsAt'"), "When it ends; null: not said"],
      created_at: ["created_at", "When it was made"],
    },
    from: "from readmodels.events",
  },
  {
    name: "ticket_types",
    about: "One row a ticket type of an event, with its terms as they are now.",
    columns: {
      event_id: ["event_id", "Event that it is of"],
      ticket_type_id: ["ticket_type_id", "Id of the ticket type"],
      ordinal: ["ordinal", "Place among the ticket types of its event, from 0"],
      name: ["terms->>'name'", "Its name"],
      price: ["(terms->'price'->>'amount')::bigint", "Price of a ticket now, in minor units; seats may have others"],
      currency: ["terms->'price'->>'currency'", "ISO 4217 code of the price"],
      reserved_seating: ["reserved_seating", "Whether its tickets are numbered seats"],
      removed: ["is_removed", "Whether it was deleted"],
    },
    from: "from readmodels.ticket_types",
  },
  {
    name: "dates",
    about: "One row a day of the years 2020 to 2049, in UTC, to join facts with by (time at time zone 'UTC')::date.",
    columns: {
      date: ["day::date", "The day"],
      year: ["extract(year from day)::int", "Year"],
      quarter: ["extract(quarter from day)::int", "Quarter of the year, 1 to 4"],
      month: ["extract(month from day)::int", "Month, 1 to 12"],
      iso_year: ["extract(isoyear from day)::int", "Year that the ISO 8601 week belongs to"],
      iso_week: ["extract(week from day)::int", "ISO 8601 week, 1 to 53"],
      day_of_week: ["extract(isodow from day)::int", "1 is Monday, 7 is Sunday"],
      weekend: ["extract(isodow from day) >= 6", "Whether it is a Saturday or a Sunday"],
    },
    from: "from generate_series(timestamp '2020-01-01', timestamp '2049-12-31', interval '1 day') as day",
  },
];
