import type { Logger } from "pino";
import { OutcomeUnknown, StoreUnavailable } from "../port.ts";
import type { EncodedAppend } from "./encoding.ts";
import { because } from "./failures.ts";
import { type BatchAppendResp, uuid, uuidText } from "./protocol.ts";
import type { AppendStream, Transport } from "./transport.ts";

/** Appends that wait for their answer, at most: beyond it the store is as good as away. */
const MAX_UNDER_WAY = 4096;
const MAX_BYTES_UNDER_WAY = 64 * 1024 * 1024;

/** One two-way call that all appends of a process share, each answered under its correlation id. */
export interface AppendChannel {
  /**
   * Resolves with what the server answered, which may be a refusal.
   * @throws OutcomeUnknown it was sent and no answer came in time, or the call broke
   * @throws StoreUnavailable it was not sent
   */
  send(append: EncodedAppend, correlationId: string): Promise<BatchAppendResp>;
  /** Takes no more, and resolves when what is under way has an answer or has run out of time. */
  drain(): Promise<void>;
}

interface Waiting {
  readonly bytes: number;
  readonly timer: NodeJS.Timeout;
  /** The call it went out on; null while that is being opened. */
  stream: AppendStream | null;
  answer(response: BatchAppendResp): void;
  fail(error: Error): void;
}

export function appendChannel(transport: Transport, log?: Pick<Logger, "warn">): AppendChannel {
  const waiting = new Map<string, Waiting>();
  let bytesUnderWay = 0;
  let open: AppendStream | null = null;
  let opening: Promise<AppendStream> | null = null;
  let drained: (() => void) | null = null;

  const take = (correlationId: string): Waiting | undefined => {
    const entry = waiting.get(correlationId);
    if (entry === undefined) return undefined; // its time ran out before
    waiting.delete(correlationId);
    bytesUnderWay -= entry.bytes;
    clearTimeout(entry.timer);
    if (waiting.size === 0) drained?.();
    return entry;
  };

  /** What went out on a call that broke may have been recorded: the server is asked again by sending it again. */
  const broken = (stream: AppendStream, cause: unknown): void => {
    if (open !== stream) return; // said before: an error is followed by an end
    open = null;
    let lost = 0;
    for (const [id, entry] of waiting) {
      if (entry.stream !== stream) continue;
      lost++;
      take(id)?.fail(new OutcomeUnknown(because("the append's connection was lost", cause), { cause }));
    }
    if (drained === null) log?.warn({ err: cause, appends: lost }, "the append call to EventStoreDB ended");
  };

  const connect = async (): Promise<AppendStream> => {
    const stream = await transport.openAppends();
    open = stream;
    stream.on("data", (response: BatchAppendResp) => take(uuidText(response.getCorrelationId()))?.answer(response));
    stream.on("error", (error) => broken(stream, error));
    stream.on("end", () => broken(stream, new Error("the server ended it")));
    return stream;
  };

  /** Opens the call once for all that wait for it. */
  const opened = (): Promise<AppendStream> => {
    opening ??= connect().finally(() => {
      opening = null;
    });
    return opening;
  };

  const dispatch = (correlationId: string, entry: Waiting, { request }: EncodedAppend): void => {
    const write = (stream: AppendStream): void => {
      if (waiting.get(correlationId) !== entry) return; // its time ran out while the call was being opened
      entry.stream = stream;
      stream.write(request);
    };
    if (open !== null) write(open);
    else opened().then(write, (error: Error) => take(correlationId)?.fail(error));
  };

  return {
    send(append, correlationId) {
      const { deadlineMs } = transport;
      if (drained !== null) return Promise.reject(new StoreUnavailable("the event store is closed"));
      if (waiting.size >= MAX_UNDER_WAY || bytesUnderWay + append.bytes > MAX_BYTES_UNDER_WAY) {
        return Promise.reject(new StoreUnavailable(`${waiting.size} appends are under way`));
      }
      append.request.setCorrelationId(uuid(correlationId));
      return new Promise((answer, fail) => {
        // Batch appends have no timer of their own: without this one a lost answer would be waited for without end.
        const timer = setTimeout(() => {
          const { stream } = take(correlationId) ?? entry;
          const message = `no answer from EventStoreDB within ${deadlineMs} ms`;
          fail(stream === null ? new StoreUnavailable(message) : new OutcomeUnknown(message));
        }, deadlineMs);
        const entry: Waiting = { bytes: append.bytes, timer, stream: null, answer, fail };
        waiting.set(correlationId, entry);
        bytesUnderWay += append.bytes;
        dispatch(correlationId, entry, append);
      });
    },
    drain: () =>
      new Promise((resolve) => {
        drained = resolve;
        if (waiting.size === 0) resolve();
      }),
  };
}
