import { z } from "zod";
import { invalid } from "../problems/problem.ts";

/** Query parameters of every list; extend by `z.strictObject({ ...listQuery, status: ... })`. */
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

/**
 * A cursor over rows that are ordered by some values: the values of the last row that was given, as opaque text.
 * @example cursorOf([row.created_at.toISOString(), row.id])
 */
export const cursorOf = (values: readonly (string | number)[]): string =>
  Buffer.from(JSON.stringify(values)).toString("base64url");

/**
 * Reads what {@link cursorOf} wrote, checked by a schema, because clients can send anything.
 * @throws Problem `invalid`
 */
export function readCursor<Values>(cursor: string, values: z.ZodType<Values>): Values {
  let decoded: unknown;
  try {
    decoded = JSON.parse(Buffer.from(cursor, "base64url").toString());
  } catch {
    throw malformed();
  }
  const parsed = values.safeParse(decoded);
  if (!parsed.success) throw malformed();
  return parsed.data;
}

const malformed = () => invalid("query", "/cursor", "takes the `next` of an earlier answer to the same list");
