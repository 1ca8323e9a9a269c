import {
  type ExpectedRevision,
  InvalidAppend,
  OutcomeUnknown,
  StoreUnavailable,
  WrongExpectedRevision,
} from "../port.ts";
import { type BatchAppendResp, shared, type streams } from "./protocol.ts";

/** The server says that the events are in the stream: recorded now, or found there under the same ids. */
export interface Recorded {
  readonly revision: number;
  /** Commit position of the last event; null when the server didn't say. */
  readonly position: bigint | null;
}

/** What the server says of a request that it didn't take on at all, seen while it starts or is overloaded. */
const NOT_TAKEN = /not ready|too busy|is busy/i;

/**
 * What an answer means in the port's words.
 *
 * @throws WrongExpectedRevision
 * @throws InvalidAppend too-large: the server's limit is set below the port's
 * @throws StoreUnavailable not ready, busy or not allowed: the server refused to begin
 * @throws OutcomeUnknown it ran out of time inside the server, or gave an answer that we don't know
 */
export function readAnswer(answer: BatchAppendResp, stream: string, expected: ExpectedRevision): Recorded {
  const success = answer.getSuccess();
  if (success !== undefined) return recorded(success);
  const error = answer.getError();
  const details = error?.getDetails();
  const kind = details?.getTypeName() ?? "";
  const message = `EventStoreDB answered "${error?.getMessage() ?? ""}" (${kind})`;
  switch (kind) {
    case "event_store.client.WrongExpectedVersion": {
      const wrong = details?.unpack(shared.WrongExpectedVersion.deserializeBinary, kind);
      const known = wrong?.hasCurrentStreamRevision() ?? false;
      throw new WrongExpectedRevision(stream, expected, known ? Number(wrong?.getCurrentStreamRevision()) : null);
    }
    case "event_store.client.MaximumAppendSizeExceeded":
      throw new InvalidAppend("too-large", message);
    case "event_store.client.AccessDenied":
      throw new StoreUnavailable(message);
    case "event_store.client.StreamDeleted":
      throw new Error(`stream ${stream} was deleted, which Boxoffice never does: ${message}`);
  }
  if (NOT_TAKEN.test(message)) throw new StoreUnavailable(message);
  throw new OutcomeUnknown(message);
}

function recorded(success: streams.BatchAppendResp.Success): Recorded {
  const position = success.getPosition();
  return {
    revision: Number(success.getCurrentRevision()),
    position: position === undefined ? null : BigInt(position.getCommitPosition()),
  };
}
