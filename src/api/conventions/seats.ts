import { z } from "zod";
import { MAX_SEATS_PER_ORDER } from "../../domain/inventory-sale-rules.ts";
import type { Money } from "../../domain/money.ts";
import { type Priced, priceOf, totalMinor } from "../../domain/pricing.ts";
import type { SeatChoice } from "../../domain/seating/seat-choice.ts";
import { money } from "./fields.ts";

/** Ids of seats in a request, each once. */
export const seatIds = z
  .array(z.string().min(1).max(200))
  .min(1)
  .max(MAX_SEATS_PER_ORDER)
  .superRefine((ids, context) => {
    const known = new Set<string>();
    for (const [index, id] of ids.entries()) {
      if (known.has(id)) context.addIssue({ code: "custom", path: [index], message: "names a seat twice" });
      known.add(id);
    }
  });

/** Tickets in a request: so many, these seats, or the best for a group. */
export const wishedTickets = (least: 0 | 1) => ({
  quantity: z.int().min(least).optional(),
  seats: seatIds.optional().meta({ description: "Numbered seats by their ids, all or none; instead of `quantity`" }),
  bestAvailable: z
    .int()
    .min(1)
    .optional()
    .meta({ description: "The best seats side by side for so many; instead of `quantity`" }),
  split: z.boolean().optional().meta({ description: "With `bestAvailable`: apart, where there is no other way" }),
  accessible: z
    .int()
    .min(0)
    .optional()
    .meta({ description: "With `bestAvailable`: so many of the seats have to be accessible ones" }),
});

interface Wished {
  readonly quantity?: number | undefined;
  readonly seats?: readonly string[] | undefined;
  readonly bestAvailable?: number | undefined;
  readonly split?: boolean | undefined;
  readonly accessible?: number | undefined;
}

/**
 * For `superRefine`: one way of the three, and what goes with it.
 * @param wished with {@link ofAnyObject} its values may be anything that JSON can say
 */
export function oneWay(
  { quantity, seats, bestAvailable, split, accessible }: { readonly [field in keyof Wished]: unknown },
  context: z.core.$RefinementCtx,
): void {
  const refuse = (field: string, message: string) => context.addIssue({ code: "custom", path: [field], message });
  const [way, ...others] = Object.entries({ quantity, seats, bestAvailable }).filter(
    ([, value]) => value !== undefined,
  );
  if (way === undefined) refuse("quantity", "takes how many; or take seats or bestAvailable instead");
  for (const [field] of others) refuse(field, `does not go with ${way?.[0]}`);
  if (bestAvailable === undefined && split !== undefined) refuse("split", "goes with bestAvailable");
  if (bestAvailable === undefined && accessible !== undefined) refuse("accessible", "goes with bestAvailable");
  if (typeof accessible === "number" && typeof bestAvailable === "number" && accessible > bestAvailable) {
    refuse("accessible", "is more than the seats of bestAvailable");
  }
}

/** Also of a body that has other faults: whoever sent it is told of all of them at once. */
export const ofAnyObject = {
  when: ({ value }: { readonly value: unknown }): boolean =>
    typeof value === "object" && value !== null && !Array.isArray(value),
};

/** As the commands take it. */
export function ticketsWished({ quantity, seats, bestAvailable, split = false, accessible = 0 }: Wished): {
  readonly quantity: number;
  readonly choice?: SeatChoice;
} {
  if (seats !== undefined) return { quantity: seats.length, choice: { seats } };
  if (bestAvailable !== undefined) return { quantity: bestAvailable, choice: { split, accessible } };
  return { quantity: quantity ?? 0 };
}

/** Of several tickets: may be more than a price can be. */
const sum = z
  .strictObject({ amount: z.int().min(0).meta({ description: "In minor units, e.g. cents" }), currency: z.string() })
  .meta({ id: "Sum", examples: [{ amount: 9000, currency: "EUR" }] });

/** What tickets cost, and which seats they are for, wherever that is answered. */
export const pricedFields = {
  seats: z.array(z.string()).optional().meta({ description: "One a ticket, where tickets are numbered seats" }),
  unitPrice: money.nullable().meta({ description: "null: they don't all cost the same, see `lines`" }),
  lines: z
    .array(z.strictObject({ seat: z.string(), price: money }))
    .optional()
    .meta({ description: "What each seat costs, where they don't all cost the same" }),
  total: sum,
};

interface PricedView {
  readonly seats?: string[];
  readonly unitPrice: Money | null;
  readonly lines?: { seat: string; price: Money }[];
  readonly total: Money;
}

export function pricedView(priced: Priced & { readonly seats?: readonly string[] }): PricedView {
  const { seats, unitPrice, prices } = priced;
  const total = { amount: totalMinor(priced), currency: unitPrice.currency };
  if (seats === undefined) return { unitPrice, total };
  if (prices === undefined) return { seats: [...seats], unitPrice, total };
  const lines = seats.map((seat, ordinal) => ({ seat, price: priceOf(priced, ordinal) }));
  return { seats: [...seats], unitPrice: null, lines, total };
}
