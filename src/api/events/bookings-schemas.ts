import { z } from "zod";
import { BOOKING_STATUSES, booking, bookingsQuery } from "../bookings/schemas.ts";
import { text } from "../conventions/fields.ts";

export const soldQuery = bookingsQuery.extend({
  status: z.enum(BOOKING_STATUSES).optional(),
  q: text(1, 200).optional().meta({
    description:
      "The id of a booking, a reservation, a ticket or an account, a ticket's code, or a part of the buyer's name or e-mail",
  }),
});

const EXAMPLE = { accountId: "0b9fbd54-6a0f-8d0f-9a9b-0d5f5b1f2f15", name: "Ada Lovelace", email: "ada@example.org" };
const buyer = z
  .strictObject({ accountId: z.string(), name: z.string().nullable(), email: z.string().nullable() })
  .meta({ id: "Buyer", description: "Nulls for who gave none and for who was erased" });

const examples = booking.meta()?.examples as readonly object[];

/** A booking as its event's organizer sees it. */
export const soldBooking = booking
  .extend({
    refunds: booking.shape.refunds.nullable().meta({
      description: "null where the booking has tickets of other events too: refunds are of all of it",
    }),
    buyer,
  })
  .meta({
    id: "SoldBooking",
    examples: examples.map((one) => ({ ...one, buyer: EXAMPLE })),
  });

export type SoldBookingView = z.output<typeof soldBooking>;
