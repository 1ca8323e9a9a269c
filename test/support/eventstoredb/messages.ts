import codes from "@eventstore/db-client/generated/code_pb.js";
import shared from "@eventstore/db-client/generated/shared_pb.js";
import rpc from "@eventstore/db-client/generated/status_pb.js";
import streams from "@eventstore/db-client/generated/streams_pb.js";
import any from "google-protobuf/google/protobuf/any_pb.js";
import type { Expected, LogRecord, Outcome, Proposed } from "./log.ts";

const empty = (): shared.Empty => new shared.Empty();

export const textOf = (bytes: Uint8Array | undefined): string => Buffer.from(bytes ?? []).toString("utf8");

export function proposedOf(message: streams.BatchAppendReq.ProposedMessage): Proposed {
  return {
    id: message.getId()?.getString() ?? "",
    type: message.getMetadataMap().get("type") ?? "",
    contentType: message.getMetadataMap().get("content-type") ?? "",
    data: message.getData_asU8(),
    metadata: message.getCustomMetadata_asU8(),
  };
}

export function expectedOf(options: streams.BatchAppendReq.Options): Expected {
  const { ExpectedStreamPositionCase: given } = streams.BatchAppendReq.Options;
  switch (options.getExpectedStreamPositionCase()) {
    case given.STREAM_POSITION:
      return Number(options.getStreamPosition());
    case given.NO_STREAM:
      return "no-stream";
    case given.STREAM_EXISTS:
      return "stream-exists";
    default:
      return "any";
  }
}

export function answer(correlationId: shared.UUID, stream: string): streams.BatchAppendResp {
  const identifier = new shared.StreamIdentifier().setStreamName(Buffer.from(stream));
  return new streams.BatchAppendResp().setCorrelationId(correlationId).setStreamIdentifier(identifier);
}

export function withOutcome(response: streams.BatchAppendResp, outcome: Outcome): streams.BatchAppendResp {
  switch (outcome.kind) {
    case "success": {
      const success = new streams.BatchAppendResp.Success();
      if (outcome.revision < 0) success.setNoStream(empty());
      else success.setCurrentRevision(String(outcome.revision));
      if (outcome.position === null) return response.setSuccess(success.setNoPosition(empty()));
      return response.setSuccess(success.setPosition(logPosition(outcome.position)));
    }
    case "wrong-revision": {
      const wrong = new shared.WrongExpectedVersion();
      if (outcome.actual === null) wrong.setCurrentNoStream(empty());
      else wrong.setCurrentStreamRevision(String(outcome.actual));
      return withError(response, "wrong expected version", "event_store.client.WrongExpectedVersion", wrong);
    }
    case "too-large": {
      const limit = new shared.MaximumAppendSizeExceeded().setMaxappendsize(1024 * 1024);
      return withError(response, "too large", "event_store.client.MaximumAppendSizeExceeded", limit);
    }
  }
}

/** An error as batch appends carry it: not as a failed call, which would fail all appends on it, but in the answer. */
export function withError(
  response: streams.BatchAppendResp,
  message: string,
  detail = "google.protobuf.Empty",
  packed: { serializeBinary(): Uint8Array } = empty(),
): streams.BatchAppendResp {
  const details = new any.Any();
  details.pack(packed.serializeBinary(), detail);
  return response.setError(new rpc.Status().setCode(codes.Code.UNKNOWN).setMessage(message).setDetails(details));
}

const logPosition = (position: bigint): shared.AllStreamPosition =>
  new shared.AllStreamPosition().setCommitPosition(String(position)).setPreparePosition(String(position));

export function eventMessage(record: LogRecord): streams.ReadResp {
  const event = new streams.ReadResp.ReadEvent.RecordedEvent()
    .setId(new shared.UUID().setString(record.id))
    .setStreamIdentifier(new shared.StreamIdentifier().setStreamName(Buffer.from(record.stream)))
    .setStreamRevision(String(record.revision))
    .setCommitPosition(String(record.position))
    .setPreparePosition(String(record.position))
    .setData(record.data)
    .setCustomMetadata(record.metadata);
  event.getMetadataMap().set("type", record.type).set("content-type", record.contentType).set("created", "0");
  const read = new streams.ReadResp.ReadEvent().setEvent(event).setCommitPosition(String(record.position));
  return new streams.ReadResp().setEvent(read);
}

export function checkpointMessage(position: bigint): streams.ReadResp {
  const checkpoint = new streams.ReadResp.Checkpoint().setCommitPosition(String(position));
  return new streams.ReadResp().setCheckpoint(checkpoint.setPreparePosition(String(position)));
}

export const caughtUpMessage = (): streams.ReadResp =>
  new streams.ReadResp().setCaughtUp(new streams.ReadResp.CaughtUp());

export const confirmationMessage = (id: string): streams.ReadResp =>
  new streams.ReadResp().setConfirmation(new streams.ReadResp.SubscriptionConfirmation().setSubscriptionId(id));

export function notFoundMessage(stream: string): streams.ReadResp {
  const identifier = new shared.StreamIdentifier().setStreamName(Buffer.from(stream));
  return new streams.ReadResp().setStreamNotFound(
    new streams.ReadResp.StreamNotFound().setStreamIdentifier(identifier),
  );
}
