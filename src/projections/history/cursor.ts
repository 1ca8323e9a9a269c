import { InvalidCursor } from "../cursor.ts";
import { isUuid } from "../uuid.ts";

/**
 * Where an account's history was left off. At the same millisecond reservations begin first (`rank` 0, by id), then comes
 * what else happened (1, by position), then reservations end (2, by id).
 */
export interface HistoryCursor {
  readonly atMs: number;
  readonly rank: 0 | 1 | 2;
  /** A reservation's id, or a position. */
  readonly id: string;
}

const MAX_DATE_MS = 8.64e15;
const POSITION = /^\d{1,39}$/;

export const encodeHistoryCursor = ({ atMs, rank, id }: HistoryCursor): string =>
  Buffer.from(`${atMs}.${rank}.${id}`).toString("base64url");

/** @throws InvalidCursor */
export function decodeHistoryCursor(text: string): HistoryCursor {
  const [at = "", rank = "", id = "", ...rest] = Buffer.from(text, "base64url").toString().split(".");
  const atMs = /^\d{1,16}$/.test(at) ? Number(at) : Number.NaN;
  const isOurs = rank === "1" ? POSITION.test(id) : /^[02]$/.test(rank) && isUuid(id);
  if (rest.length > 0 || !(atMs <= MAX_DATE_MS) || !isOurs) {
    throw new InvalidCursor("the cursor is not one that a list gave");
  }
  return { atMs, rank: Number(rank) as HistoryCursor["rank"], id };
}
