/**
 * The parts of EventStoreDB's gRPC protocol that the adapter speaks, from the message classes that the client brings
 * along. The client's own append and read calls run every event through JSON.parse and JSON.stringify; these messages
 * carry bytes, and the port promises bytes.
 */
import shared from "@eventstore/db-client/generated/shared_pb.js";
import streams from "@eventstore/db-client/generated/streams_pb.js";

export { ServerFeaturesClient } from "@eventstore/db-client/generated/serverfeatures_grpc_pb.js";
export { StreamsClient } from "@eventstore/db-client/generated/streams_grpc_pb.js";
export { shared, streams };

export type BatchAppendReq = streams.BatchAppendReq;
export type BatchAppendResp = streams.BatchAppendResp;
export type ReadReq = streams.ReadReq;
export type ReadResp = streams.ReadResp;
export type RecordedEvent = streams.ReadResp.ReadEvent.RecordedEvent;

export const empty = (): shared.Empty => new shared.Empty();

export function uuid(text: string): shared.UUID {
  return new shared.UUID().setString(text);
}

/** The text of a UUID, which servers send as text or as two halves of 64 bits. */
export function uuidText(message: shared.UUID | undefined): string {
  const halves = message?.getStructured();
  if (halves === undefined) return message?.getString() ?? "";
  const hex = half(halves.getMostSignificantBits()) + half(halves.getLeastSignificantBits());
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})/, "$1-$2-$3-$4-");
}

const half = (bits: string): string => BigInt.asUintN(64, BigInt(bits)).toString(16).padStart(16, "0");

export function streamIdentifier(stream: string): shared.StreamIdentifier {
  return new shared.StreamIdentifier().setStreamName(Buffer.from(stream, "utf8"));
}

/** UTF-8 text of protocol bytes, without copying them first. */
export function text(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("utf8");
}

/** A read request with what all of ours have in common: no links followed, ids as text. */
export function readOptions(): streams.ReadReq.Options {
  return new streams.ReadReq.Options()
    .setResolveLinks(false)
    .setUuidOption(new streams.ReadReq.Options.UUIDOption().setString(empty()));
}

/** Only streams whose name begins with one of `prefixes`. */
export function prefixFilter(prefixes: readonly string[], searchWindow: number): streams.ReadReq.Options.FilterOptions {
  const expression = new streams.ReadReq.Options.FilterOptions.Expression().setPrefixList([...prefixes]);
  return new streams.ReadReq.Options.FilterOptions()
    .setStreamIdentifier(expression)
    .setMax(searchWindow)
    .setCheckpointintervalmultiplier(1);
}
