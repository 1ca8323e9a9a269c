import { z } from "zod";
import type { Cart } from "../../projections/carts/queries.ts";
import { time } from "../conventions/fields.ts";
import { ofAnyObject, oneWay, pricedFields, pricedView, wishedTickets } from "../conventions/seats.ts";

/** What `PUT /cart/items/{ticketTypeId}` takes. Ids are opaque: one of another form is of no event (404). */
export const newCartItem = z
  .strictObject({ eventId: z.string().toLowerCase(), ...wishedTickets(0) })
  .superRefine(oneWay, ofAnyObject)
  .meta({
    id: "NewCartItem",
    examples: [
      { eventId: "0b9fbd54-6a0f-8d0f-9a9b-0d5f5b1f2f11", quantity: 2 },
      { eventId: "0b9fbd54-6a0f-8d0f-9a9b-0d5f5b1f2f11", seats: ["STALLS-A-12"] },
    ],
  });

/** Of several tickets: may be more than a price can be. */
const sum = z.strictObject({ amount: z.int().min(0), currency: z.string() });

const item = z.strictObject({
  reservationId: z.string(),
  eventId: z.string(),
  ticketTypeId: z.string(),
  quantity: z.int(),
  ...pricedFields,
});

/** One's own cart, wherever it is answered. */
export const cart = z
  .strictObject({
    cartId: z.string().nullable().meta({ description: "null before anything was put in" }),
    status: z.enum(["ACTIVE", "CHECKOUT", "COMPLETED", "EXPIRED"]),
    expiresAt: time.nullable().meta({ description: "Of every line; it never moves" }),
    items: z.array(item),
    total: sum,
  })
  .meta({ id: "Cart" });

export type CartView = z.input<typeof cart>;

/** A cart as its owner is shown it. */
export function cartView({ cartId, status, expiresAt, items, total }: Cart): CartView {
  return {
    cartId,
    status,
    expiresAt,
    items: items.map((one) => ({
      reservationId: one.reservationId,
      eventId: one.eventId,
      ticketTypeId: one.ticketTypeId,
      quantity: one.quantity,
      ...pricedView(one),
    })),
    total,
  };
}
