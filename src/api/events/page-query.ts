import { z } from "zod";
import { decodeCursor, InvalidCursor } from "../../projections/cursor.ts";
import { listQuery } from "../conventions/lists.ts";

/** Query parameters of the lists whose cursors are those of the read models: what is none of them is refused here. */
export const pageQuery = {
  ...listQuery,
  cursor: z
    .string()
    .max(500)
    .refine(isCursor, "takes the `next` of an earlier answer to the same list")
    .optional()
    .meta({ description: "`next` of the answer before" }),
};

function isCursor(text: string): boolean {
  try {
    decodeCursor(text);
    return true;
  } catch (error) {
    if (error instanceof InvalidCursor) return false;
    throw error;
  }
}
