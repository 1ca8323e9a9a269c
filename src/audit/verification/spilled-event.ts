import { type EventPage, PART } from "../../eventstore/event-page.ts";
import type { Link } from "./link.ts";

/** What is kept of an event between reading it and replaying its stream. */
export interface SpilledEvent extends Link {
  /** Decimal. */
  readonly position: string;
  readonly stream: string;
  readonly revision: number;
  readonly type: string;
  readonly data: string;
  readonly hash: string;
  /** In a copy that is there for a booking, which it is about. */
  readonly bookingId: string | null;
}

/** What an event is kept with; texts in characters of a byte each. */
export type Addressed = Link & Pick<SpilledEvent, "hash" | "bookingId">;

/** Where the data begin. */
const PLACE_BYTES = 4;

/** What is told of an event before the bytes of its record, of which all but the metadata are kept. */
export const toldOf = (page: EventPage, index: number, addressed: Addressed): string => {
  const { hash, bookingId, at, schemaVersion, previousHash } = addressed;
  return `${page.position(index)}\n${hash}\n${bookingId ?? ""}\n${at}\n${schemaVersion}\n${previousHash ?? ""}\n`;
};

/** Bytes that {@link put} writes. */
export const sizeOf = (page: EventPage, index: number, told: string): number =>
  PLACE_BYTES + told.length + page.offset(index, PART.metadata) + page.size(index) - page.offset(index, PART.data);

/** Bytes of the record are only moved: nothing is written again that has been written before. */
export function put(to: Buffer, at: number, page: EventPage, index: number, told: string): void {
  const record = at + PLACE_BYTES + told.length;
  const data = record + page.offset(index, PART.metadata);
  to.writeUInt32LE(data - at, at);
  to.write(told, at + PLACE_BYTES, "latin1");
  page.copy(index, PART.stream, PART.metadata, to, record);
  page.copy(index, PART.data, null, to, data);
}

/** What was put between two places of a buffer. */
export function spilledEvent(bytes: Buffer, from: number, to: number): SpilledEvent {
  const data = from + bytes.readUInt32LE(from);
  const [position = "", hash = "", bookingId, at = "", version, previousHash, stream = "", revision, , type = ""] =
    bytes.toString("utf8", from + PLACE_BYTES, data).split("\n");
  return {
    position,
    stream,
    revision: Number(revision),
    type,
    at,
    schemaVersion: Number(version),
    previousHash: previousHash || null,
    data: bytes.toString("utf8", data, to),
    hash,
    bookingId: bookingId || null,
  };
}
