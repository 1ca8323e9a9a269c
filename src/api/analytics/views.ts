import type { z } from "zod";
import type { Funnel, Occupancy, Revenue, SalesBucket } from "../../projections/analytics/queries.ts";
import type { Cell } from "../conventions/csv.ts";
import type { Balance, funnel, occupancy, revenue, sales } from "./schemas.ts";

type ItemOf<List extends z.ZodType<{ items: readonly unknown[] }>> = z.output<List>["items"][number];
type SalesItem = ItemOf<typeof sales>;
type FunnelItem = ItemOf<typeof funnel>;
type RevenueItem = ItemOf<typeof revenue>;
type OccupancyItem = ItemOf<typeof occupancy>;

/** What stands in a CSV for items: a heading, and a line of cells for each. `amount` is net. */
export interface Columns<Item> {
  readonly heading: readonly string[];
  cellsOf(item: Item): readonly Cell[];
}

function moneyOf({ gross, refunds, currency }: Pick<SalesBucket, "gross" | "refunds" | "currency">) {
  const of = (amount: number): Balance => ({ amount, currency });
  return { gross: of(gross), refunds: of(refunds), net: of(gross - refunds) };
}

export const salesItem = (bucket: SalesBucket): SalesItem => {
  const { from, to, tickets, cancelledTickets } = bucket;
  return { from, to, tickets, cancelledTickets, ...moneyOf(bucket) };
};

const MONEY = ["gross", "refunds", "amount", "currency"];
const moneyCells = ({ gross, refunds, net }: Pick<SalesItem, "gross" | "refunds" | "net">): readonly Cell[] => [
  gross.amount,
  refunds.amount,
  net.amount,
  net.currency,
];

export const SALES_COLUMNS: Columns<SalesItem> = {
  heading: ["from", "to", "tickets", "cancelledTickets", ...MONEY],
  cellsOf: (item) => [item.from, item.to, item.tickets, item.cancelledTickets, ...moneyCells(item)],
};

export function funnelItem({ eventId, ticketTypeId, counts }: Funnel): FunnelItem {
  return {
    eventId,
    ticketTypeId,
    reservations: {
      made: counts.reservations_made,
      offered: counts.reservations_offered,
      bought: counts.reservations_confirmed,
      released: counts.reservations_released,
      expired: counts.reservations_expired,
      withdrawn: counts.reservations_withdrawn,
      declined: counts.reservations_declined,
    },
    tickets: {
      reserved: counts.tickets_reserved,
      offered: counts.tickets_offered,
      bought: counts.tickets_confirmed,
      released: counts.tickets_released,
      expired: counts.tickets_expired,
      withdrawn: counts.tickets_withdrawn,
      declined: counts.tickets_declined,
      returned: counts.tickets_returned,
    },
    waitlist: {
      joined: counts.waitlist_joined,
      ticketsWanted: counts.waitlist_tickets_joined,
      left: counts.waitlist_left,
      ended: counts.waitlist_ended,
    },
  };
}

const RESERVATIONS = ["made", "offered", "bought", "released", "expired", "withdrawn", "declined"] as const;
const TICKETS = ["reserved", "offered", "bought", "released", "expired", "withdrawn", "declined", "returned"] as const;
const WAITLIST = ["joined", "ticketsWanted", "left", "ended"] as const;

export const FUNNEL_COLUMNS: Columns<FunnelItem> = {
  heading: [
    "eventId",
    "ticketTypeId",
    ...RESERVATIONS.map((name) => `reservations_${name}`),
    ...TICKETS.map((name) => `tickets_${name}`),
    ...WAITLIST.map((name) => `waitlist_${name}`),
  ],
  cellsOf: ({ eventId, ticketTypeId, reservations, tickets, waitlist }) => [
    eventId,
    ticketTypeId,
    ...RESERVATIONS.map((name) => reservations[name]),
    ...TICKETS.map((name) => tickets[name]),
    ...WAITLIST.map((name) => waitlist[name]),
  ],
};

export const revenueItem = (found: Revenue): RevenueItem => ({
  eventId: found.eventId,
  ticketTypeId: found.ticketTypeId,
  tickets: found.tickets,
  cancelledTickets: found.cancelledTickets,
  ...moneyOf(found),
  refundsPending: { amount: found.refundsAsked - found.refunds, currency: found.currency },
});

export const REVENUE_COLUMNS: Columns<RevenueItem> = {
  heading: ["eventId", "ticketTypeId", "tickets", "cancelledTickets", "refundsPending", ...MONEY],
  cellsOf: (item) => [
    item.eventId,
    item.ticketTypeId,
    item.tickets,
    item.cancelledTickets,
    item.refundsPending.amount,
    ...moneyCells(item),
  ],
};

/** Shares are told to the tenth of a thousandth. */
const SHARE_PARTS = 10_000;

export function occupancyItem(found: Occupancy): OccupancyItem {
  const { total, held, booked, onSaleAt, soldOutAt, ...rest } = found;
  const tookMs = onSaleAt === null || soldOutAt === null ? null : Date.parse(soldOutAt) - Date.parse(onSaleAt);
  return {
    ...rest,
    total,
    available: total - held - booked,
    held,
    booked,
    share: total === 0 ? null : Math.round((SHARE_PARTS * booked) / total) / SHARE_PARTS,
    onSaleAt,
    soldOutAt,
    secondsToSellOut: tookMs === null ? null : Math.max(0, Math.round(tookMs / 1_000)),
  };
}

export const OCCUPANCY_COLUMNS: Columns<OccupancyItem> = {
  heading: [
    ...["eventId", "ticketTypeId", "total", "available", "held", "booked", "share", "onSaleAt", "soldOutAt"],
    ...["bookedOutAt", "secondsToSellOut"],
  ],
  cellsOf: (item) => [
    item.eventId,
    item.ticketTypeId,
    item.total,
    item.available,
    item.held,
    item.booked,
    item.share,
    item.onSaleAt,
    item.soldOutAt,
    item.bookedOutAt,
    item.secondsToSellOut,
  ],
};
