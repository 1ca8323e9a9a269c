import { once } from "node:events";
import streams from "@eventstore/db-client/generated/streams_pb.js";
import type { ServerWritableStream } from "@grpc/grpc-js";
import { type Faults, failureOf } from "./faults.ts";
import type { Log, LogRecord } from "./log.ts";
import {
  caughtUpMessage,
  checkpointMessage,
  confirmationMessage,
  eventMessage,
  notFoundMessage,
  textOf,
} from "./messages.ts";

export type ReadCall = ServerWritableStream<streams.ReadReq, streams.ReadResp>;

const { BACKWARDS } = streams.ReadReq.Options.ReadDirection;

/** Reads of a stream or of the whole log, either way, with a filter; and subscriptions to the whole log. */
export function read(log: Log, faults: () => Faults, subscriptions: Set<ReadCall>): (call: ReadCall) => void {
  return (call) => {
    const failure = failureOf(faults(), call.metadata);
    const options = call.request.getOptions();
    call.on("error", () => {});
    if (failure !== null) {
      call.emit("error", failure);
    } else if (options?.hasSubscription()) {
      void subscription(log, call, options, subscriptions, faults);
    } else if (options !== undefined) {
      for (const message of options.hasStream() ? ofStream(log, options) : ofAll(log, options)) call.write(message);
      call.end();
    }
  };
}

function ofStream(log: Log, options: streams.ReadReq.Options): streams.ReadResp[] {
  const place = options.getStream();
  const name = textOf(place?.getStreamIdentifier()?.getStreamName_asU8());
  const own = log.stream(name);
  if (own.length === 0) return [notFoundMessage(name)];
  const backwards = options.getReadDirection() === BACKWARDS;
  const from = place?.hasStart()
    ? 0
    : place?.hasEnd()
      ? own.length - (backwards ? 1 : 0)
      : Number(place?.getRevision());
  const run = backwards ? own.slice(0, from + 1).reverse() : own.slice(from);
  return run.slice(0, Number(options.getCount())).map(eventMessage);
}

function ofAll(log: Log, options: streams.ReadReq.Options): streams.ReadResp[] {
  const backwards = options.getReadDirection() === BACKWARDS;
  const place = options.getAll();
  if (place?.hasPosition()) throw new Error("the stand-in reads the whole log from its ends only");
  const run = backwards === place?.hasEnd() ? log.records.filter(filterOf(options)) : [];
  return (backwards ? run.reverse() : run).slice(0, Number(options.getCount())).map(eventMessage);
}

function filterOf(options: streams.ReadReq.Options): (record: LogRecord) => boolean {
  const prefixes = options.getFilter()?.getStreamIdentifier()?.getPrefixList();
  if (prefixes === undefined) return () => true;
  return (record) => prefixes.some((prefix) => record.stream.startsWith(prefix));
}

/**
 * A catch-up subscription with a filter. Its checkpoints are the nastiest that servers were seen to send: when it has
 * read to the end of the log it names the end, where the next event will stand.
 */
async function subscription(
  log: Log,
  call: ReadCall,
  options: streams.ReadReq.Options,
  subscriptions: Set<ReadCall>,
  faults: () => Faults,
): Promise<void> {
  const gone = new AbortController();
  call.on("cancelled", () => gone.abort());
  call.on("error", () => gone.abort());
  subscriptions.add(call);
  const matches = filterOf(options);
  const window = (options.getFilter()?.getMax() ?? 32) * (options.getFilter()?.getCheckpointintervalmultiplier() ?? 1);
  const position = options.getAll()?.getPosition();
  let index = position === undefined ? 0 : log.indexAfter(BigInt(position.getCommitPosition()));
  let considered = 0;
  call.write(confirmationMessage("stand-in"));
  while (!gone.signal.aborted) {
    if (faults().silent) {
      await once(gone.signal, "abort");
      break;
    }
    const record = log.records[index];
    if (record === undefined) {
      call.write(checkpointMessage(log.end));
      call.write(caughtUpMessage());
      await log.grown(index, gone.signal);
      continue;
    }
    index++;
    const more = matches(record) ? call.write(eventMessage(record)) : true;
    if (++considered % window === 0) call.write(checkpointMessage(record.position));
    if (!more) await Promise.race([once(call, "drain"), once(gone.signal, "abort")]);
  }
  subscriptions.delete(call);
}
