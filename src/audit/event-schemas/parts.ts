import { z } from "zod";
import type { RefundTerms } from "../../domain/inventory-events.ts";
import type { RefundStep } from "../../domain/listing-events.ts";
import type { Money } from "../../domain/money.ts";

/** A schema for the data of each type of event of a stream; a type without one does not compile. */
export type SchemasOf<Event extends { readonly type: string; readonly data: unknown }> = {
  readonly [Type in Event["type"]]: z.ZodType<Extract<Event, { readonly type: Type }>["data"]>;
};

/**
 * Objects may have members that are not named here: what was added by newer code is no fault of a record. Texts and numbers
 * have no bounds: what is on record was judged when it was recorded.
 */
export const of = z.looseObject;
export const nothing: z.ZodType<Record<string, never>> = z.object({}).strict() as z.ZodType<Record<string, never>>;

export const id = z.string().meta({ description: "A UUID" });
export const time = z.string().meta({ description: "RFC 3339, UTC" });
export const count = z.int();
export const list = <Item extends z.ZodType>(item: Item) => z.array(item).readonly();

export const money: z.ZodType<Money> = z
  .looseObject({ amount: z.int().meta({ description: "In minor units" }), currency: z.string() })
  .meta({ description: "An amount with its ISO 4217 code" });

export const seated = {
  seats: list(z.string()).exactOptional().meta({ description: "Ids of seats: the n-th ticket is for the n-th" }),
  prices: list(z.int())
    .exactOptional()
    .meta({ description: "Of each ticket in minor units; absent: all cost the same" }),
};

export const refundStep: z.ZodType<RefundStep> = of({ until: time, percent: z.number() });
export const refundPolicy = list(refundStep).nullable();
export const refundTerms: z.ZodType<RefundTerms> = of({ startsAt: time.nullable(), policy: refundPolicy });
