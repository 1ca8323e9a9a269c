import { COUNTED, type Counted, SUMMED } from "../table.ts";
import type { AnalystView } from "../views-of-analysts.ts";

const EVENT = ["event_id", "Event that the tickets are of"] as const;
const TICKET_TYPE = ["ticket_type_id", "Ticket type that the tickets are of"] as const;
const CURRENCY = ["currency", "ISO 4217 code of the amounts"] as const;
const SLOT = ["slot", "Beginning of the quarter of an hour that it happened in"] as const;

const WHAT_IS_COUNTED: Readonly<Record<Counted, string>> = {
  reservations_made: "Reservations made, offers to the waitlist among them",
  tickets_reserved: "Tickets that they held, with those that cart lines got or lost later",
  reservations_offered: "Offers made to the waitlist",
  tickets_offered: "Tickets offered to the waitlist",
  reservations_confirmed: "Reservations bought",
  tickets_confirmed: "Tickets bought",
  reservations_released: "Reservations given back by their owners",
  tickets_released: "Tickets given back by their owners before they were bought",
  reservations_expired: "Reservations that were on record as expired",
  tickets_expired: "Tickets that came back because reservations expired",
  reservations_withdrawn: "Reservations that ended because the event was called off",
  tickets_withdrawn: "Tickets of those",
  tickets_returned: "Bought tickets that came back because they were cancelled",
  reservations_declined: "Reservations whose payment was declined; they stay held until they end otherwise",
  tickets_declined: "Tickets of those",
  waitlist_joined: "Entries made in waitlists",
  waitlist_tickets_joined: "Tickets that these waited for",
  waitlist_left: "Entries that left their waitlist by themselves",
  waitlist_ended: "Entries that ended because there will be no more offers",
};

const WHAT_IS_SUMMED: Readonly<Record<(typeof SUMMED)[number], string>> = {
  lines_sold: "Lines of bookings that were sold",
  tickets_sold: "Tickets of those",
  tickets_cancelled: "Sold tickets that were cancelled",
  gross: "Money taken, minor units, also what was given back since",
  refunds_asked: "Money promised back, minor units",
  refunded: "Money that the provider has given back, minor units",
};

const all = <Name extends string>(names: readonly Name[], comments: Readonly<Record<Name, string>>) =>
  Object.fromEntries(names.map((name) => [name, [name, comments[name]] as const]));

/** What happened, as fine as it is kept. No view says who a buyer is. */
export const FACTS: readonly AnalystView[] = [
  {
    name: "purchases",
    about:
      "One row a line (tickets of one type, of one reservation) of every booking that was opened, whatever became of it.",
    columns: {
      booking_id: ["booking_id", "Booking that it is a line of"],
      line: ["ordinal", "Place among the lines of its booking, from 0"],
      event_id: EVENT,
      ticket_type_id: TICKET_TYPE,
      reservation_id: ["reservation_id", "Reservation that is bought"],
      opened_at: ["opened_at", "When the purchase began"],
      tickets: ["quantity", "How many tickets"],
      tickets_cancelled: ["tickets_cancelled", "How many of them were cancelled after they were sold"],
      amount: ["amount", "What they cost together, in minor units"],
      currency: CURRENCY,
      outcome: ["outcome", "OPEN, SOLD, DECLINED, TIMED_OUT or WITHDRAWN"],
      ended_at: ["ended_at", "When that was decided; null while it is OPEN"],
      captured_at: ["captured_at", "When the money was taken; null: it was not, or nothing had to be paid"],
    },
    from: "from readmodels.analytics_lines",
  },
  {
    name: "sales",
    about: "One row a line of a booking that was sold: purchases whose outcome is SOLD.",
    columns: {
      booking_id: ["booking_id", "Booking that it is a line of"],
      line: ["ordinal", "Place among the lines of its booking, from 0"],
      event_id: EVENT,
      ticket_type_id: TICKET_TYPE,
      reservation_id: ["reservation_id", "Reservation that was bought"],
      sold_at: ["ended_at", "When it was paid, or confirmed where nothing had to be paid"],
      tickets: ["quantity", "How many tickets"],
      tickets_cancelled: ["tickets_cancelled", "How many of them were cancelled since"],
      amount: ["amount", "What they cost together, in minor units"],
      currency: CURRENCY,
    },
    from: "from readmodels.analytics_lines where outcome = 'SOLD'",
  },
  {
    name: "refunds",
    about: "One row a refund and line that it is for; the rows of one refund add up to it.",
    columns: {
      refund_id: ["refund_id", "Refund that it is a part of"],
      line: ["ordinal", "Line of the booking that it is for"],
      booking_id: ["booking_id", "Booking that is refunded"],
      event_id: EVENT,
      ticket_type_id: TICKET_TYPE,
      amount: ["amount", "What is given back for this line, in minor units"],
      currency: CURRENCY,
      cause: ["cause", "customer, event-cancelled, goodwill, or unconfirmed: paid, but the tickets were gone"],
      asked_at: ["asked_at", "When it was promised"],
      succeeded_at: ["succeeded_at", "When the provider had given it back; null: not yet"],
    },
    from: "from readmodels.analytics_refunds",
  },
  {
    name: "reservations",
    about:
      "One row a reservation: tickets that were held, and what became of them. Offers to the waitlist are among them.",
    columns: {
      reservation_id: ["r.reservation_id", "Id of the reservation"],
      event_id: ["r.event_id", EVENT[1]],
      ticket_type_id: ["r.ticket_type_id", TICKET_TYPE[1]],
      made_at: ["r.created_at", "When it was made"],
      expires_at: ["r.expires_at", "Until when it is or was held"],
      ended_at: ["r.ended_at", "When it was bought or its tickets came back; null: it is held"],
      status: ["r.status", "HELD, CONFIRMED, RELEASED or EXPIRED as recorded; what was called off is RELEASED"],
      tickets: ["r.quantity", "How many tickets"],
      unit_price: ["r.unit_price", "Price of a ticket, in minor units; of the first where seats differ"],
      currency: ["r.currency", CURRENCY[1]],
      extended: ["r.extended", "Whether its time was extended"],
      from_cart: ["r.cart_id is not null", "Whether it is a line of a cart"],
      offered: [
        "exists (select from readmodels.waitlist w where w.entry_id = r.reservation_id)",
        "Whether it is an offer to the waitlist",
      ],
    },
    from: "from readmodels.reservations r",
  },
  {
    name: "waitlist",
    about: "One row an entry of a waitlist, and what became of it.",
    columns: {
      entry_id: ["w.entry_id", "Id of the entry, and of the reservation that it was offered"],
      event_id: ["w.event_id", EVENT[1]],
      ticket_type_id: ["w.ticket_type_id", TICKET_TYPE[1]],
      joined_at: ["w.joined_at", "When it was made"],
      tickets: ["w.quantity", "How many tickets it waits for"],
      outcome: [
        `case when w.status <> 'OFFERED' then w.status when r.status = 'CONFIRMED' then 'TAKEN'
           when r.status = 'HELD' then 'OFFERED' else 'LAPSED' end`,
        "WAITING, OFFERED, TAKEN (bought), LAPSED (offered and not bought), LEFT, or ENDED: there will be no offers",
      ],
      offered_at: [
        "case when w.status = 'OFFERED' then r.created_at end",
        "When it was offered tickets; null: it was not",
      ],
    },
    from: "from readmodels.waitlist w left join readmodels.reservations r on r.reservation_id = w.entry_id",
  },
  {
    name: "admissions",
    about: "One row an admission of a waiting room that was used, with the reservation made by it.",
    columns: {
      admission_id: ["admission_id", "Id of the admission"],
      reservation_id: ["reservation_id", "Reservation that was made by it"],
      event_id: EVENT,
      ticket_type_id: TICKET_TYPE,
      used_at: ["used_at", "When the reservation was made"],
      tickets: ["tickets", "How many tickets it held"],
    },
    from: "from readmodels.analytics_admissions",
  },
  {
    name: "activity",
    about: "What happened to tickets of a type in a quarter of an hour; one row where something did.",
    columns: { event_id: EVENT, ticket_type_id: TICKET_TYPE, slot: SLOT, ...all(COUNTED, WHAT_IS_COUNTED) },
    from: "from readmodels.analytics_counts",
  },
  {
    name: "takings",
    about: "Sales and money of a ticket type in a quarter of an hour; one row a currency where there was any.",
    columns: {
      event_id: EVENT,
      ticket_type_id: TICKET_TYPE,
      slot: SLOT,
      currency: CURRENCY,
      ...all(SUMMED, WHAT_IS_SUMMED),
    },
    from: "from readmodels.analytics_money",
  },
];
