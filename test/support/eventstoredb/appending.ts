import type { BatchAppendReq, BatchAppendResp } from "@eventstore/db-client/generated/streams_pb.js";
import type { ServerDuplexStream } from "@grpc/grpc-js";
import { type Faults, failureOf, REFUSALS } from "./faults.ts";
import type { Log, Proposed } from "./log.ts";
import { answer, expectedOf, proposedOf, textOf, withError, withOutcome } from "./messages.ts";

type Call = ServerDuplexStream<BatchAppendReq, BatchAppendResp>;

interface Gathered {
  readonly first: BatchAppendReq;
  readonly events: Proposed[];
}

/** Batch appends: any number on one call, each under its correlation id, in one or several messages. */
export function batchAppend(log: Log, faults: () => Faults, dropConnections: () => void): (call: Call) => void {
  return (call) => {
    const gathering = new Map<string, Gathered>();
    call.on("error", () => call.end());
    call.on("end", () => call.end());
    call.on("data", (request: BatchAppendReq) => {
      const failure = failureOf({ ...faults(), refuse: null }, call.metadata);
      if (failure !== null) {
        call.emit("error", failure);
        return;
      }
      const id = request.getCorrelationId()?.getString() ?? "";
      const gathered = gathering.get(id) ?? { first: request, events: [] };
      gathering.set(id, gathered);
      gathered.events.push(...request.getProposedMessagesList().map(proposedOf));
      if (!request.getIsFinal()) return;
      gathering.delete(id);
      void take(call, gathered);
    });
  };

  async function take(call: Call, { first, events }: Gathered): Promise<void> {
    const options = first.getOptions();
    const correlationId = first.getCorrelationId();
    if (options === undefined || correlationId === undefined) throw new Error("an append without options or id");
    const stream = textOf(options.getStreamIdentifier()?.getStreamName_asU8());
    const response = answer(correlationId, stream);
    const { refuse, stall } = faults();
    if (refuse !== null) {
      call.write(withError(response, REFUSALS[refuse]));
      return;
    }
    if (stall?.when === "before-recording") await stall.hold();
    const outcome = log.append(stream, events, expectedOf(options));
    if (stall?.when === "after-recording") await stall.hold();
    if (faults().dropAfterAppend) {
      faults().dropAfterAppend = false;
      dropConnections();
    } else if (!call.cancelled) {
      call.write(withOutcome(response, outcome));
    }
  }
}
