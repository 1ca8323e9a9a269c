import { z } from "zod";
import type { ProblemCode } from "../problems/catalogue.ts";

/**
 * An id in a path. Ids are opaque to clients, so one that is no UUID is simply of nothing: it gives the 404 of the thing.
 * @param missing the code of that 404; the error handler takes it from the message
 */
export const idParam = (missing: ProblemCode) => z.guid({ error: missing }).toLowerCase();

const FIRST_YEAR = 1970;
const LAST_YEAR = 2999;

/** An id in a body or query. */
export const id = z.guid().toLowerCase();

/**
 * RFC 3339 with any offset, as UTC with milliseconds, so that times compare as texts. Within the years that every part
 * of the system can count in: Postgres has no year 0, and what is near the end of time leaves no room for a term after it.
 */
export const time = z.iso
  .datetime({ offset: true, abort: true, error: "takes an RFC 3339 time, e.g. 2026-12-24T18:00:00Z" })
  .refine((text) => utc(text) !== null, {
    abort: true,
    error: `takes a time in the years ${FIRST_YEAR} to ${LAST_YEAR}, UTC`,
  })
  .overwrite((text) => utc(text) ?? text)
  .meta({ examples: ["2026-12-24T18:00:00.000Z"] });

function utc(text: string): string | null {
  const time = new Date(text);
  const year = time.getUTCFullYear();
  return year >= FIRST_YEAR && year <= LAST_YEAR ? time.toISOString() : null;
}

/** An amount in minor units of an ISO 4217 currency. */
export const money = z
  .strictObject({
    amount: z.int().min(0).max(1_000_000_000_000).meta({ description: "In minor units, e.g. cents" }),
    currency: z.string().regex(/^[A-Z]{3}$/, "takes an ISO 4217 code, e.g. EUR"),
  })
  .meta({ id: "Money", examples: [{ amount: 4500, currency: "EUR" }] });

/**
 * A text as people write it: trimmed, within its length, no control characters but line breaks and tabs, and no half of
 * a surrogate pair, which can't be stored: what is answered has to be what is read back.
 */
export const text = (minLength: number, maxLength: number) =>
  z
    .string()
    .trim()
    .min(minLength)
    .max(maxLength)
    // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is refused; Postgres takes no NUL in texts
    .regex(/^[^\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f]*$/, "has control characters")
    .refine((written) => written.isWellFormed(), "has half a surrogate pair");
