import type { EventStore, Position, SubscribeOptions } from "../port.ts";
import { feed } from "./feed.ts";
import { empty, prefixFilter, type ReadReq, readOptions, streams } from "./protocol.ts";
import type { SentBefore } from "./sent-before.ts";
import { watchStaleness } from "./staleness.ts";
import type { Transport } from "./transport.ts";

/** The server looks through so many events between two of its checkpoints. */
const EVENTS_PER_CHECKPOINT = 500;

interface Subscribing {
  readonly transport: Transport;
  readonly ids: SentBefore;
  readonly head: EventStore["head"];
  /** How often one that nothing comes from is held against the leader's log; it is given up at the next time. */
  readonly staleAfterMs: number;
}

/**
 * The port's subscription. It does not come back by itself when it was lost: only the consumer knows how far it has
 * come, so it ends with an error and the consumer subscribes again.
 */
export function subscriber({ transport, ids, head, staleAfterMs }: Subscribing): EventStore["subscribe"] {
  return async function* (options) {
    const { after, maxBatch, signal } = options;
    if (options.streamPrefixes.length === 0) throw new TypeError("a subscription needs a prefix");
    if (signal.aborted) return;
    const stream = await transport.follow(request(options));
    const arriving = feed(stream, after, maxBatch);
    signal.addEventListener("abort", arriving.stop, { once: true });
    if (signal.aborted) arriving.stop();
    const endWatch = watchStaleness(arriving, () => head(options.streamPrefixes), staleAfterMs);
    try {
      for (let batch = await arriving.next(); batch !== null; batch = await arriving.next()) {
        ids.heard(batch.checkpoint);
        yield batch;
      }
    } finally {
      endWatch();
      signal.removeEventListener("abort", arriving.stop);
      stream.cancel();
    }
  };
}

function request({ after, streamPrefixes }: SubscribeOptions): ReadReq {
  const options = readOptions()
    .setAll(place(after))
    .setReadDirection(streams.ReadReq.Options.ReadDirection.FORWARDS)
    .setSubscription(new streams.ReadReq.Options.SubscriptionOptions())
    .setFilter(prefixFilter(streamPrefixes, EVENTS_PER_CHECKPOINT));
  return new streams.ReadReq().setOptions(options);
}

function place(after: Position | null): streams.ReadReq.Options.AllOptions {
  const all = new streams.ReadReq.Options.AllOptions();
  if (after === null) return all.setStart(empty());
  const position = String(after);
  return all.setPosition(
    new streams.ReadReq.Options.Position().setCommitPosition(position).setPreparePosition(position),
  );
}
