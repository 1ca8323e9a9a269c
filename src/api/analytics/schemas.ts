import { z } from "zod";
import { id, time } from "../conventions/fields.ts";
import { listOf, listQuery } from "../conventions/lists.ts";
import { isTimeZone } from "../conventions/time-zones.ts";

/** Sums may be larger than any price, and net less than nothing. */
const balance = z
  .strictObject({ amount: z.int().meta({ description: "In minor units, e.g. cents" }), currency: z.string() })
  .meta({ id: "Balance", examples: [{ amount: 1_234_500, currency: "EUR" }] });
export type Balance = z.output<typeof balance>;

const eventId = id.optional().meta({ description: "Of one event; without it, of all that are yours to see" });
const from = time.optional().meta({ description: "What happened then or later" });
const to = time.optional().meta({ description: "What happened before" });

const isInOrder = ({ from, to }: { from?: string | undefined; to?: string | undefined }): boolean =>
  from === undefined || to === undefined || from <= to;
const ORDER = { path: ["to"], error: "is before `from`" };

export const salesQuery = z
  .strictObject({
    eventId,
    bucket: z.enum(["hour", "day", "week"]).default("day").meta({ description: "Weeks begin on Mondays" }),
    from,
    to: to.meta({ description: "What happened before; now, unless said" }),
    timeZone: z
      .string()
      .max(100)
      // Postgres understands offsets the other way round.
      .refine((name) => /^[A-Za-z]/.test(name) && isTimeZone(name), {
        error: "takes an IANA time zone, e.g. Europe/Berlin",
      })
      .default("UTC")
      .meta({ description: "Whose hours, days and weeks", examples: ["Europe/Berlin"] }),
  })
  .refine(isInOrder, ORDER);

export const spanQuery = z.strictObject({ ...listQuery, eventId, from, to }).refine(isInOrder, ORDER);
export const nowQuery = z.strictObject({ ...listQuery, eventId });

const money = {
  gross: balance.meta({ description: "Money taken" }),
  refunds: balance.meta({ description: "Money given back" }),
  net: balance.meta({ description: "`gross` less `refunds`" }),
};
const sold = {
  tickets: z.int().meta({ description: "Sold" }),
  cancelledTickets: z.int().meta({ description: "Cancelled after they were sold" }),
};
const ofTickets = {
  eventId: z.string(),
  ticketTypeId: z.string().nullable().meta({ description: "null without `eventId`: of the whole event" }),
};

export const sales = z.strictObject({
  items: z.array(z.strictObject({ from: time, to: time, ...sold, ...money }).meta({ id: "SalesBucket" })),
});

const count = z.int();
export const funnel = listOf(
  z
    .strictObject({
      ...ofTickets,
      reservations: z.strictObject({
        made: count,
        offered: count.meta({ description: "Of those made, offers to the waitlist" }),
        bought: count,
        released: count,
        expired: count,
        withdrawn: count.meta({ description: "The event was called off" }),
        declined: count.meta({ description: "Whose payment was declined, whatever became of them then" }),
      }),
      tickets: z.strictObject({
        reserved: count,
        offered: count,
        bought: count,
        released: count,
        expired: count,
        withdrawn: count,
        declined: count,
        returned: count.meta({ description: "Bought, and cancelled" }),
      }),
      waitlist: z.strictObject({ joined: count, ticketsWanted: count, left: count, ended: count }),
    })
    .meta({ id: "Funnel" }),
);

export const revenue = listOf(
  z
    .strictObject({
      ...ofTickets,
      ...sold,
      ...money,
      refundsPending: balance.meta({
        description: "Promised back and not given back yet; less than nothing where it was promised before `from`",
      }),
    })
    .meta({ id: "Revenue" }),
);

export const occupancy = listOf(
  z
    .strictObject({
      ...ofTickets,
      total: count,
      available: count,
      held: count,
      booked: count,
      share: z.number().nullable().meta({ description: "`booked` by `total`, 0 to 1" }),
      onSaleAt: time.nullable(),
      soldOutAt: time.nullable().meta({ description: "When for the first time none was left" }),
      bookedOutAt: time.nullable().meta({ description: "When for the first time all were booked" }),
      secondsToSellOut: z.int().nullable(),
    })
    .meta({ id: "Occupancy" }),
);
