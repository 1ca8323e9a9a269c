import { type ExpectedRevision, InvalidAppend, MAX_APPEND_BYTES, type NewEvent } from "../port.ts";

/** An append that has passed the checks which need no database. */
export interface PreparedAppend {
  readonly stream: string;
  readonly events: readonly NewEvent[];
  readonly expected: ExpectedRevision;
  /** Bytes of UTF-8 over all events; their sum and the ids are what {@link MAX_APPEND_BYTES} bounds. */
  readonly typeBytes: number;
  readonly dataBytes: number;
  readonly metadataBytes: number;
  readonly bytes: number;
}

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

/** Stream names are in an index, whose entries are bounded. */
const MAX_STREAM_NAME_BYTES = 1024;

/**
 * @throws InvalidAppend empty, an id twice, or too large
 * @throws TypeError an id is no UUID in lower case, or the stream's name or the expected revision can't be one
 */
export function prepareAppend(stream: string, events: readonly NewEvent[], expected: ExpectedRevision): PreparedAppend {
  if (stream === "" || stream.includes("\0") || Buffer.byteLength(stream) > MAX_STREAM_NAME_BYTES) {
    throw new TypeError(`not a stream's name: ${JSON.stringify(stream.slice(0, 100))}`);
  }
  if (typeof expected === "number" && !(Number.isSafeInteger(expected) && expected >= 0)) {
    throw new TypeError(`not a revision: ${expected}`);
  }
  if (events.length === 0) throw new InvalidAppend("empty", `an append to ${stream} without events`);
  let [idBytes, typeBytes, dataBytes, metadataBytes] = [0, 0, 0, 0];
  for (const { id, type, data, metadata } of events) {
    if (!UUID.test(id)) throw new TypeError(`not a UUID in lower case: ${id}`);
    idBytes += id.length;
    typeBytes += Buffer.byteLength(type);
    dataBytes += Buffer.byteLength(data);
    metadataBytes += Buffer.byteLength(metadata);
  }
  if (events.length > 1 && new Set(events.map((event) => event.id)).size < events.length) {
    throw new InvalidAppend("duplicate-id", `an append to ${stream} has an event id twice`);
  }
  const bytes = idBytes + typeBytes + dataBytes + metadataBytes;
  if (bytes > MAX_APPEND_BYTES) {
    throw new InvalidAppend("too-large", `an append of ${bytes} bytes to ${stream}, at most ${MAX_APPEND_BYTES}`);
  }
  return { stream, events, expected, typeBytes, dataBytes, metadataBytes, bytes };
}
