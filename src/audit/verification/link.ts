import type { Envelope } from "../../eventstore/envelope.ts";

/** What verifying takes of an envelope. */
export type Link = Pick<Envelope, "at" | "schemaVersion" | "previousHash">;

const BEGINNING = '{"schemaVersion":1,"at":"';
const AT_LENGTH = "2026-05-01T10:00:00.000Z".length;
const NO_PREVIOUS = ',"previousHash":null}';
const PREVIOUS = ',"previousHash":"';
const HASH_LENGTH = 43;

/**
 * Written as they nearly always are, the three stand at the beginning and end of the metadata, and are cut out: that takes
 * a tenth of parsing. Whether anything between them was changed, the hash says.
 * @returns null where the metadata are no JSON
 */
export function linkIn(metadata: string): Link | null {
  if (!metadata.startsWith(BEGINNING)) return parsed(metadata);
  const at = metadata.slice(BEGINNING.length, BEGINNING.length + AT_LENGTH);
  if (metadata.endsWith(NO_PREVIOUS)) return { at, schemaVersion: 1, previousHash: null };
  const end = metadata.length - '"}'.length;
  if (!metadata.endsWith('"}') || !metadata.startsWith(PREVIOUS, end - HASH_LENGTH - PREVIOUS.length)) {
    return parsed(metadata);
  }
  return { at, schemaVersion: 1, previousHash: metadata.slice(end - HASH_LENGTH, end) };
}

/** When an event was recorded; empty where its metadata do not say. */
export const atIn = (metadata: string): string =>
  metadata.startsWith(BEGINNING)
    ? metadata.slice(BEGINNING.length, BEGINNING.length + AT_LENGTH)
    : (parsed(metadata)?.at ?? "");

function parsed(metadata: string): Link | null {
  try {
    const { at, schemaVersion, previousHash } = JSON.parse(metadata) as Envelope;
    return { at: String(at), schemaVersion, previousHash };
  } catch {
    return null;
  }
}
