import { type ExpectedRevision, InvalidAppend, MAX_APPEND_BYTES, type NewEvent } from "../port.ts";
import { empty, streamIdentifier, streams, uuid } from "./protocol.ts";

/** An append as it goes over the wire, and how much it weighs. */
export interface EncodedAppend {
  readonly request: streams.BatchAppendReq;
  /** As the port counts: data, metadata, types and ids. */
  readonly bytes: number;
}

const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/**
 * One request for a whole append: it is under 1 MiB, so it is never split. The content type is JSON, so that the
 * server's own tools show events as JSON; the bytes are the caller's.
 *
 * @throws InvalidAppend empty, duplicate-id, too-large
 * @throws TypeError an id is no UUID in lower case, or a revision no whole number from 0: mistakes of the caller that
 *   would end the call which all other appends share
 */
export function encodeAppend(stream: string, events: readonly NewEvent[], expected: ExpectedRevision): EncodedAppend {
  if (events.length === 0) throw new InvalidAppend("empty", `an append to ${stream} has no events`);
  const request = new streams.BatchAppendReq().setOptions(options(stream, expected)).setIsFinal(true);
  const ids = new Set<string>();
  let bytes = 0;
  for (const event of events) {
    if (!UUID.test(event.id)) throw new TypeError(`an event id is a UUID in lower case, not ${event.id}`);
    if (ids.has(event.id)) throw new InvalidAppend("duplicate-id", `event ${event.id} is twice in an append`);
    ids.add(event.id);
    const data = Buffer.from(event.data, "utf8");
    const metadata = Buffer.from(event.metadata, "utf8");
    bytes += data.length + metadata.length + Buffer.byteLength(event.type) + event.id.length;
    if (bytes > MAX_APPEND_BYTES) {
      throw new InvalidAppend("too-large", `an append to ${stream} is over ${MAX_APPEND_BYTES} bytes`);
    }
    request.addProposedMessages(proposed(event, data, metadata));
  }
  return { request, bytes };
}

function proposed(event: NewEvent, data: Buffer, metadata: Buffer): streams.BatchAppendReq.ProposedMessage {
  const message = new streams.BatchAppendReq.ProposedMessage().setId(uuid(event.id));
  message.getMetadataMap().set("type", event.type).set("content-type", "application/json");
  return message.setData(data).setCustomMetadata(metadata);
}

function options(stream: string, expected: ExpectedRevision): streams.BatchAppendReq.Options {
  const options = new streams.BatchAppendReq.Options().setStreamIdentifier(streamIdentifier(stream));
  switch (expected) {
    case "no-stream":
      return options.setNoStream(empty());
    case "stream-exists":
      return options.setStreamExists(empty());
    case "any":
      return options.setAny(empty());
    default:
      if (!Number.isSafeInteger(expected) || expected < 0) throw new TypeError(`no such revision: ${expected}`);
      return options.setStreamPosition(String(expected));
  }
}
