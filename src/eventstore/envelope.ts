import { hash } from "node:crypto";
import type { NewEvent, StoredEvent } from "./port.ts";
import { upcast } from "./schema-versions.ts";

/** Who caused an event: a person with the role that let them, or one of Boxoffice's own processes. */
export type Actor = { readonly account: string; readonly role: string } | { readonly process: string };

/**
 * What is kept beside every event's data. It can't be changed later, so all of it is there from the first event on;
 * `docs/decisions/envelope.md` says what each field is for.
 */
export interface Envelope {
  readonly schemaVersion: number;
  /** RFC 3339 UTC with milliseconds; never below the `at` of the event before it in the stream. */
  readonly at: string;
  readonly actor: Actor;
  readonly commandId: string;
  readonly correlationId: string;
  /** The event or command that led to this command; null when a person did. */
  readonly causationId: string | null;
  /** The HTTP request that carried the command; null inside processes. */
  readonly requestId: string | null;
  /** On the event that answers a command with an `Idempotency-Key`: hashes of caller, route and key, and of the body. */
  readonly keyHash: string | null;
  readonly bodyHash: string | null;
  /** {@link eventHash} of the event before it in the stream; null for the first. */
  readonly previousHash: string | null;
}

/** A domain event with what the store and the envelope say about it. */
export interface RecordedEvent<Event extends { readonly type: string } = DomainEventShape> {
  readonly event: Event;
  readonly envelope: Envelope;
  readonly stored: StoredEvent;
}

export interface DomainEventShape {
  readonly type: string;
  readonly data: unknown;
}

/** SHA-256 in base64url. */
export const sha256 = (text: string | Uint8Array): string => hash("sha256", text, "base64url");

/**
 * The link of the hash chain: SHA-256 over stream, revision, id, type, metadata and data as stored, each on a line of
 * its own. Neither names nor JSON texts as they are written here have raw line breaks, so that lines can't run into each
 * other; `verify` tells where one has. Because the metadata holds the hash of the event before, changing, removing or
 * swapping an event breaks every later link of its stream.
 */
export function eventHash(event: Omit<StoredEvent, "position">): string {
  return sha256(`${event.stream}\n${event.revision}\n${event.id}\n${event.type}\n${event.metadata}\n${event.data}`);
}

/** Writes an event's bytes; key order is fixed by the code, so the same input always gives the same bytes. */
export function encode(id: string, event: DomainEventShape, envelope: Envelope): NewEvent {
  return { id, type: event.type, data: JSON.stringify(event.data), metadata: JSON.stringify(envelope) };
}

/** Reads a stored event, of whatever schema version it was written in, as today's domain event. */
export function decode<Event extends DomainEventShape>(stored: StoredEvent): RecordedEvent<Event> {
  const envelope = JSON.parse(stored.metadata) as Envelope;
  const data = upcast(stored.type, envelope.schemaVersion, JSON.parse(stored.data));
  return { event: { type: stored.type, data } as unknown as Event, envelope, stored };
}
