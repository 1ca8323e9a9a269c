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

const FIRST_ID = "00000000-0000-0000-0000-000000000000";
export const LAST_ID = "ffffffff-ffff-ffff-ffff-ffffffffffff";

/**
 * SQL: whether a row comes after a cursor in a list that begins with the newest. `$2` and `$3` are the cursor's time and id,
 * or null without one. One comparison, which begins a scan of an index in its place; of `$2 is null or ...` a plan that is made
 * once for all pages asks each row from the list's beginning on.
 */
export const isOlder = (createdAt: string, id: string): string =>
  `(${createdAt}, ${id}) < (coalesce($2::timestamptz, 'infinity'), coalesce($3::uuid, '${LAST_ID}'))`;
/** The same for a list that begins with the oldest. */
export const isNewer = (createdAt: string, id: string): string =>
  `(${createdAt}, ${id}) > (coalesce($2::timestamptz, '-infinity'), coalesce($3::uuid, '${FIRST_ID}'))`;

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
