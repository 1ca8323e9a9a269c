import type { Envelope } from "../../eventstore/envelope.ts";
import { type EventPage, PART } from "../../eventstore/event-page.ts";

/** What verifying takes of an envelope; texts in characters of a byte each. */
export type Link = Pick<Envelope, "at" | "schemaVersion" | "previousHash">;

const BEGINNING = '{"schemaVersion":1,"at":"';
const AT_END = BEGINNING.length + "2026-05-01T10:00:00.000Z".length;
const NO_PREVIOUS = ',"previousHash":null}';
const PREVIOUS = ',"previousHash":"';
const HASH_LENGTH = 43;

/**
 * Written as they nearly always are, the three stand at the beginning and end of the metadata, and are cut out: that takes
 * a tenth of parsing. Whether anything between them was changed, the hash says.
 * None of its texts has a line break, so that each can be kept on a line.
 * @returns null where the metadata are no envelope
 */
export function linkOf(page: EventPage, index: number): Link | null {
  const metadata = page.binary(index, PART.metadata);
  const isAlike = metadata.startsWith(BEGINNING) && metadata[AT_END] === '"' && !metadata.includes("\n");
  if (!isAlike) return parsed(page.text(index, PART.metadata));
  const at = metadata.slice(BEGINNING.length, AT_END);
  if (metadata.endsWith(NO_PREVIOUS)) return { at, schemaVersion: 1, previousHash: null };
  const end = metadata.length - '"}'.length;
  if (!metadata.endsWith('"}') || !metadata.startsWith(PREVIOUS, end - HASH_LENGTH - PREVIOUS.length)) {
    return parsed(page.text(index, PART.metadata));
  }
  return { at, schemaVersion: 1, previousHash: metadata.slice(end - HASH_LENGTH, end) };
}

function parsed(metadata: string): Link | null {
  try {
    const { at, schemaVersion, previousHash } = JSON.parse(metadata) as Record<keyof Link, unknown>;
    if (!isLine(at) || !Number.isInteger(schemaVersion)) return null;
    if (previousHash !== null && !isLine(previousHash)) return null;
    return {
      at: binary(at),
      schemaVersion: schemaVersion as number,
      previousHash: previousHash === null ? null : binary(previousHash),
    };
  } catch {
    return null;
  }
}

const isLine = (text: unknown): text is string => typeof text === "string" && !text.includes("\n");
const binary = (text: string): string => Buffer.from(text).toString("latin1");
