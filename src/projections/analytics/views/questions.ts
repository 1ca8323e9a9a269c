import type { AnalystView } from "../views-of-analysts.ts";

const EVENT = ["event_id", "Event that the tickets are of"] as const;
const TICKET_TYPE = ["ticket_type_id", "Ticket type that the tickets are of"] as const;
const BY_TYPE = { event_id: EVENT, ticket_type_id: TICKET_TYPE };

const sum = (column: string): string => `sum(${column})::bigint`;

/** What is asked most, made of the facts. */
export const QUESTIONS: readonly AnalystView[] = [
  {
    name: "sales_pace",
    about: "Sales of a ticket type by day (UTC) and currency, and all until then.",
    columns: {
      ...BY_TYPE,
      day: ["day", "The day, in UTC"],
      currency: ["currency", "ISO 4217 code of the amounts"],
      tickets: ["tickets", "Tickets sold that day"],
      gross: ["gross", "Money taken that day, in minor units"],
      tickets_so_far: ["(sum(tickets) over upto)::bigint", "Tickets sold until the end of the day, in this currency"],
      gross_so_far: ["(sum(gross) over upto)::bigint", "Money taken until the end of the day"],
    },
    from: `from (
        select event_id, ticket_type_id, (slot at time zone 'UTC')::date as day, currency, ${sum("tickets_sold")} as tickets,
          ${sum("gross")} as gross
        from analytics.takings group by 1, 2, 3, 4 having sum(tickets_sold) > 0 or sum(gross) > 0) d
      window upto as (partition by event_id, ticket_type_id, currency order by day)`,
  },
  {
    name: "funnel",
    about: "From reserved to bought, by ticket type: made = bought + released + expired + withdrawn + still held.",
    columns: {
      ...BY_TYPE,
      reservations_made: [sum("reservations_made"), "Reservations made, offers to the waitlist among them"],
      reservations_bought: [sum("reservations_confirmed"), "Of those, bought"],
      reservations_released: [sum("reservations_released"), "Given back"],
      reservations_expired: [sum("reservations_expired"), "On record as expired"],
      reservations_withdrawn: [sum("reservations_withdrawn"), "Ended because the event was called off"],
      reservations_held: [
        sum(
          "reservations_made - reservations_confirmed - reservations_released - reservations_expired - reservations_withdrawn",
        ),
        "Not ended yet",
      ],
      reservations_declined: [
        sum("reservations_declined"),
        "Whose payment was declined, whatever became of them afterwards",
      ],
      tickets_reserved: [sum("tickets_reserved"), "Tickets of those made"],
      tickets_bought: [sum("tickets_confirmed"), "Tickets of those bought"],
      tickets_expired: [sum("tickets_expired"), "Tickets of those expired"],
      tickets_declined: [sum("tickets_declined"), "Tickets of those whose payment was declined"],
    },
    from: "from analytics.activity group by event_id, ticket_type_id",
  },
  {
    name: "sell_out",
    about: "How long a ticket type took to sell out; one row each that has ever been on sale.",
    columns: {
      ...BY_TYPE,
      on_sale_at: ["greatest(opened_at, sale_starts_at)", "When its sale began"],
      first_reserved_at: ["first_reserved_at", "When the first tickets were reserved; null: none were"],
      sold_out_at: ["sold_out_at", "When for the first time none were left, all held or booked; null: never yet"],
      booked_out_at: ["booked_out_at", "When for the first time all were booked; null: never yet"],
      seconds_to_sell_out: [
        "extract(epoch from sold_out_at - greatest(opened_at, sale_starts_at))::bigint",
        "Seconds from the beginning of the sale until none were left",
      ],
      seconds_to_book_out: [
        "extract(epoch from booked_out_at - greatest(opened_at, sale_starts_at))::bigint",
        "Seconds from the beginning of the sale until all were booked",
      ],
    },
    from: "from readmodels.analytics_stock where opened_at is not null",
  },
  {
    name: "occupancy",
    about: "How full a ticket type is now, as recorded.",
    columns: {
      ...BY_TYPE,
      total: ["total", "Tickets that there are; blocked seats are none"],
      held: ["held", "Held by reservations"],
      booked: ["booked", "Bought"],
      available: ["total - held - booked", "Neither"],
      share_booked: [
        "round(booked::numeric / nullif(total, 0), 4)",
        "booked by total, 0 to 1; null: there are no tickets",
      ],
    },
    from: "from readmodels.analytics_stock",
  },
  {
    name: "revenue",
    about: "Money of a ticket type by currency.",
    columns: {
      ...BY_TYPE,
      currency: ["currency", "ISO 4217 code of the amounts"],
      tickets_sold: [sum("tickets_sold"), "Tickets sold"],
      tickets_cancelled: [sum("tickets_cancelled"), "Of those, cancelled since"],
      gross: [sum("gross"), "Money taken, in minor units"],
      refunds: [sum("refunded"), "Money that was given back, in minor units"],
      net: [sum("gross - refunded"), "gross less refunds"],
      refunds_pending: [sum("refunds_asked - refunded"), "Promised back and not given back yet, in minor units"],
    },
    from: "from analytics.takings group by event_id, ticket_type_id, currency",
  },
  {
    name: "unmet_demand",
    about: "Tickets that people waited for in vain, or still wait for, by ticket type.",
    columns: {
      ...BY_TYPE,
      entries: ["count(*)", "Entries in the waitlist"],
      tickets_wanted: [sum("tickets"), "Tickets that they waited for"],
      tickets_taken: ["coalesce(sum(tickets) filter (where outcome = 'TAKEN'), 0)::bigint", "Bought by an offer"],
      tickets_offered: ["coalesce(sum(tickets) filter (where outcome = 'OFFERED'), 0)::bigint", "Offered now"],
      tickets_waiting: ["coalesce(sum(tickets) filter (where outcome = 'WAITING'), 0)::bigint", "Still waited for"],
      tickets_lapsed: [
        "coalesce(sum(tickets) filter (where outcome = 'LAPSED'), 0)::bigint",
        "Offered, and not bought",
      ],
      tickets_unmet: [
        "coalesce(sum(tickets) filter (where outcome in ('WAITING', 'LEFT', 'ENDED')), 0)::bigint",
        "Never offered: still waited for, given up, or ended without an offer",
      ],
    },
    from: "from analytics.waitlist group by event_id, ticket_type_id",
  },
  {
    name: "as_of",
    about: "How far the log is in these views; one row a read model that they are made of.",
    columns: {
      read_model: ["name", "analytics keeps up within seconds to minutes, the others within a second"],
      position: ["checkpoint", "Everything up to this position of the log is in it"],
    },
    from: "from readmodels.projections where name in ('analytics', 'event-details', 'reservations', 'waitlist')",
  },
];
