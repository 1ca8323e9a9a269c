import { type EventPage, PART } from "../../eventstore/event-page.ts";

/** What is kept of an event between reading it and replaying its stream. */
export interface SpilledEvent {
  /** Decimal. */
  readonly position: string;
  readonly stream: string;
  readonly revision: number;
  readonly type: string;
  readonly metadata: string;
  readonly data: string;
  readonly hash: string;
  /** In a copy that is there for a booking, which it is about. */
  readonly bookingId: string | null;
}

/** What an event is kept with. */
export type Addressed = Pick<SpilledEvent, "hash" | "bookingId">;

/** Where metadata and data begin, counted from the beginning. */
const PLACES_BYTES = 8;

/**
 * Its bytes are those of the record, which are only moved, behind two places and a line of texts: nothing is written again
 * that has been written before.
 */
export function put(to: Buffer, at: number, page: EventPage, index: number, told: string): void {
  const record = at + PLACES_BYTES + told.length;
  to.writeUInt32LE(record - at + page.offset(index, PART.metadata), at);
  to.writeUInt32LE(record - at + page.offset(index, PART.data), at + 4);
  to.write(told, at + PLACES_BYTES, "latin1");
  page.copyRecord(index, to, record);
}

/** Bytes that {@link put} writes. */
export const sizeOf = (page: EventPage, index: number, told: string): number =>
  PLACES_BYTES + told.length + page.size(index);

/** The texts that are told beside the record. */
export const toldOf = (page: EventPage, index: number, { hash, bookingId }: Addressed): string =>
  `${page.position(index)}\n${hash}\n${bookingId ?? ""}\n`;

/** What was put between two places of a buffer. */
export function spilledEvent(bytes: Buffer, from: number, to: number): SpilledEvent {
  const metadata = from + bytes.readUInt32LE(from);
  const data = from + bytes.readUInt32LE(from + 4);
  const [position = "", hash = "", bookingId = "", stream = "", revision, , type = ""] = bytes
    .toString("utf8", from + PLACES_BYTES, metadata)
    .split("\n");
  return {
    position,
    stream,
    revision: Number(revision),
    type,
    metadata: bytes.toString("utf8", metadata, data - 1),
    data: bytes.toString("utf8", data, to),
    hash,
    bookingId: bookingId === "" ? null : bookingId,
  };
}
