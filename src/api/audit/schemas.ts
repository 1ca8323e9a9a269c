import { z } from "zod";
import type { Instant } from "../../audit/instant.ts";
import type { AuditedEvent } from "../../audit/recorded-events.ts";
import { id, time } from "../conventions/fields.ts";
import { listQuery } from "../conventions/lists.ts";

const position = z.string().meta({ description: "Place in the global log", examples: ["4711"] });
const revision = z.int().meta({ description: "Place in its stream, from 0" });

export const auditedEvent = z
  .strictObject({
    position,
    stream: z.string().meta({ examples: ["listing-0199b0a4-7f6e-7cc3-b5c5-0b3f4a0c1d2e"] }),
    revision,
    eventId: z.string().meta({ description: "Of this record, not of what is sold" }),
    type: z.string().meta({ examples: ["TicketsReserved"] }),
    schemaVersion: z.int(),
    at: time,
    actor: z.union([
      z.strictObject({ account: z.string(), role: z.string() }),
      z.strictObject({ process: z.string() }),
    ]),
    commandId: z.string(),
    correlationId: z.string(),
    causationId: z.string().nullable(),
    data: z.record(z.string(), z.unknown()).meta({ description: "As it was written, in its `schemaVersion`" }),
    hash: z.string().meta({ description: "SHA-256 over the stored bytes, base64url" }),
    previousHash: z.string().nullable().meta({ description: "`hash` of the event before it in its stream" }),
  })
  .meta({ id: "AuditedEvent" });

export const auditedEventView = ({ stored, envelope, data, hash }: AuditedEvent): z.input<typeof auditedEvent> => ({
  position: stored.position.toString(),
  stream: stored.stream,
  revision: stored.revision,
  eventId: stored.id,
  type: stored.type,
  schemaVersion: envelope.schemaVersion,
  at: envelope.at,
  actor: envelope.actor,
  commandId: envelope.commandId,
  correlationId: envelope.correlationId,
  causationId: envelope.causationId,
  data: data as Record<string, unknown>,
  hash,
  previousHash: envelope.previousHash,
});

/** What streams, types and processes are called by us. */
export const NAME = /^[\w.-]+$/;
const name = (maxLength: number) => z.string().min(1).max(maxLength).regex(NAME, "is no name of ours");

/** Of a stream that must be there. */
export const streamParam = z.string().max(200, "stream-not-found").regex(NAME, "stream-not-found");
export const streamName = name(200).meta({ description: "Of one stream alone" });
export const typeName = name(100).meta({ description: "Of one type alone, e.g. `TicketsReserved`" });

export const logQuery = z.strictObject({
  ...listQuery,
  type: typeName.optional(),
  stream: streamName.optional(),
  actor: name(100).optional().meta({ description: "An account's id, or the name of a process" }),
  eventId: id.optional().meta({ description: "The event that is sold" }),
  subject: id.optional().meta({ description: "A reservation, waitlist entry, cart or booking" }),
  from: time.optional().meta({ description: "Recorded then or later" }),
  to: time.optional().meta({ description: "Recorded then or earlier" }),
  order: z.enum(["oldest", "newest"]).default("oldest").meta({ description: "Which come first" }),
});

const PLACE = /^(revision|position):(\d{1,19})$/;
/** A revision is an int in Postgres. */
const MAX_REVISION = 2 ** 31 - 1;
const INSTANT = "takes an RFC 3339 time, `revision:N` or `position:P`";

/** What `at` and `since` take. */
export const instant = z
  .string()
  .max(60)
  .refine((text) => instantOf(text) !== null, { error: INSTANT })
  .meta({ description: INSTANT, examples: ["2026-12-24T18:00:00.000Z", "revision:17", "position:4711"] });

/** null: it is none. */
export function instantOf(text: string): Instant | null {
  const [, kind, digits = ""] = PLACE.exec(text) ?? [];
  if (kind === "position") return { position: BigInt(digits) };
  if (kind === "revision") return Number(digits) <= MAX_REVISION ? { revision: Number(digits) } : null;
  const parsed = time.safeParse(text);
  return parsed.success ? { time: parsed.data } : null;
}

/** As of which event something is shown. */
const asOf = {
  revision: revision.nullable().meta({ description: "Of the last event that counts; null before the first" }),
  position: position.nullable(),
  at: time.nullable().meta({ description: "When that event was recorded" }),
};

const counts = { total: z.int(), available: z.int(), held: z.int(), booked: z.int() };

export const inventoryAsOf = z
  .strictObject({
    ...counts,
    ...asOf,
    status: z.enum(["UNOPENED", "DRAFT", "ACTIVE", "CLOSED", "REMOVED"]),
    paused: z.strictObject({ event: z.boolean(), ticketType: z.boolean() }),
    waiting: z.int().meta({ description: "Entries of the waitlist" }),
    reservations: z.strictObject({
      made: z.int(),
      confirmed: z.int(),
      released: z.int(),
      expired: z.int(),
      withdrawn: z.int(),
    }),
    change: z.strictObject(counts).optional().meta({ description: "Against `since`" }),
  })
  .meta({ id: "InventoryAsOf" });

/** What the routes take that tell how something was at one instant or another. */
export const asOfQuery = z.strictObject({ at: instant.optional(), since: instant.optional() });

const difference = z.strictObject({
  path: z.string().meta({ description: "JSON Pointer into `state`", examples: ["/payment/status"] }),
  before: z.unknown().optional().meta({ description: "Not there: it was not there" }),
  after: z.unknown().optional().meta({ description: "Not there: it is not there any more" }),
});

export const stateAsOf = z
  .strictObject({
    ...asOf,
    state: z.record(z.string(), z.unknown()).nullable().meta({
      description: "What commands would have decided on; amounts in minor units; null before the first event",
    }),
    changes: z.array(difference).optional().meta({ description: "Against `since`" }),
  })
  .meta({ id: "StateAsOf" });
