import { setImmediate as arrivals } from "node:timers/promises";
import { pageLength } from "../pages.ts";
import { type Batch, type Position, type StoredEvent, StoreUnavailable } from "../port.ts";
import { because } from "./failures.ts";
import type { ReadResp } from "./protocol.ts";
import { storedEvent } from "./stored-event.ts";
import type { ReadStream } from "./transport.ts";

/** Events are taken from the server ahead of the consumer up to so many bytes of data and metadata. */
const MAX_BYTES_AHEAD = 16 * 1024 * 1024;

/** What has arrived and was not delivered yet, in the order of the log: checkpoints stay behind the events before them. */
export interface Feed {
  /**
   * The next batch, as large as what has arrived allows; null once {@link Feed.stop} was called.
   * @throws StoreUnavailable the subscription was lost, after everything that arrived before has been delivered
   */
  next(): Promise<Batch | null>;
  /** Position of the last event that arrived, or of one that was passed over since. */
  readonly reached: Position;
  /** Whether all that has arrived was delivered, and more may arrive. */
  readonly isIdle: boolean;
  /** As if the server had ended it. */
  lose(cause: Error): void;
  stop(): void;
}

export function feed(stream: ReadStream, after: Position | null, maxBatch: number): Feed {
  const events: StoredEvent[] = [];
  let bytesAhead = 0;
  /** Position of the last event that arrived, or a server's checkpoint past it that is safe to resume from. */
  let reached: Position = after ?? -1n;
  let announced: Position = -1n;
  let delivered: Position = reached;
  let failure: StoreUnavailable | null = null;
  let stopped = false;
  let wake: (() => void) | null = null;

  const isFull = (): boolean => events.length >= 2 * maxBatch || bytesAhead >= MAX_BYTES_AHEAD;
  const hasNews = (): boolean => stopped || events.length > 0 || reached > delivered || failure !== null;

  const lost = (cause: unknown): void => {
    failure ??= new StoreUnavailable(because("the subscription to EventStoreDB was lost", cause), { cause });
  };

  const arrived = (event: StoredEvent): void => {
    if (event.position <= reached) {
      lost(new Error(`the log went back from ${reached} to ${event.position}`));
      return;
    }
    events.push(event);
    bytesAhead += event.data.length + event.metadata.length;
    reached = event.position;
    if (isFull()) stream.pause();
  };

  /**
   * A checkpoint counts once the next one has come. Some servers name the end of the log when they have read to it,
   * and the event that is written there later would be skipped on resuming; the next checkpoint comes after it.
   */
  const checkpoint = (position: Position): void => {
    if (announced < position && announced > reached) reached = announced;
    announced = position;
  };

  stream.on("data", (response: ReadResp) => {
    if (failure !== null) return;
    const event = response.getEvent()?.getEvent();
    const passed = response.getCheckpoint();
    if (event !== undefined) arrived(storedEvent(event));
    else if (passed !== undefined) checkpoint(BigInt(passed.getCommitPosition()));
    if (hasNews()) wake?.();
  });
  stream.on("end", () => {
    lost(new Error("the server ended it"));
    wake?.();
  });
  stream.on("error", (error) => {
    lost(error);
    wake?.();
  });

  const taken = (): Batch => {
    const batch = events.splice(0, pageLength(events, maxBatch));
    for (const event of batch) bytesAhead -= event.data.length + event.metadata.length;
    if (stream.isPaused() && !isFull()) stream.resume();
    delivered = events.length === 0 ? reached : (batch.at(-1)?.position ?? delivered);
    return { events: batch, checkpoint: delivered };
  };

  return {
    async next() {
      while (!hasNews()) {
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
      if (events.length < maxBatch) await arrivals(); // what came in the same packet belongs into the same batch
      if (stopped) return null;
      if (events.length > 0 || reached > delivered) return taken();
      throw failure;
    },
    get reached() {
      return reached;
    },
    get isIdle() {
      return !hasNews() && !stream.isPaused();
    },
    lose(cause) {
      lost(cause);
      wake?.();
    },
    stop() {
      stopped = true;
      wake?.();
    },
  };
}
