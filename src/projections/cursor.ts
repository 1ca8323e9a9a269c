import { isUuid } from "./uuid.ts";

/** Where a list was left off: its order's key of the last item shown. Opaque to clients. */
export interface Cursor {
  readonly createdAtMs: number;
  readonly id: string;
}

/** What was given as a cursor is none of ours. */
export class InvalidCursor extends Error {
  override readonly name = "InvalidCursor";
}

export interface Page<Item> {
  readonly items: readonly Item[];
  /** Gives the items after these; null at the end. */
  readonly next: string | null;
}

/** The range of a JavaScript date, which is within Postgres's. */
const MAX_DATE_MS = 8.64e15;

export const encodeCursor = ({ createdAtMs, id }: Cursor): string =>
  Buffer.from(`${createdAtMs}.${id}`).toString("base64url");

/** @throws InvalidCursor */
export function decodeCursor(text: string): Cursor {
  const [createdAt = "", id = "", ...rest] = Buffer.from(text, "base64url").toString().split(".");
  const createdAtMs = /^\d{1,16}$/.test(createdAt) ? Number(createdAt) : Number.NaN;
  if (rest.length > 0 || !(createdAtMs <= MAX_DATE_MS) || !isUuid(id)) {
    throw new InvalidCursor("the cursor is not one that a list gave");
  }
  return { createdAtMs, id };
}

/** @param found one more than `limit`, when there are more */
export function pageOf<Item>(found: readonly Item[], limit: number, cursorOf: (item: Item) => Cursor): Page<Item> {
  const items = found.slice(0, limit);
  const last = items.at(-1);
  return { items, next: found.length > limit && last !== undefined ? encodeCursor(cursorOf(last)) : null };
}
