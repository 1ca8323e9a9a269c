import { z } from "zod";

/**
 * Query parameters of every list; extend by `z.strictObject({ ...listQuery, status: ... })`. Whether a cursor is one of
 * ours, `projections/cursor.ts` knows; what isn't becomes a 400 in `problems/problem-of.ts`.
 */
export const listQuery = {
  limit: z.coerce.number().int().min(1).max(200).default(50).meta({ description: "How many items at most" }),
  cursor: z.string().min(1).max(500).optional().meta({ description: "`next` of the answer before" }),
};

/** The answer of every list: `{items, next}`. */
export const listOf = <Item extends z.ZodType>(item: Item) =>
  z.strictObject({
    items: z.array(item),
    next: z.string().nullable().meta({ description: "`cursor` for what follows; null at the end" }),
  });
