import { type EventPage, pageOfEvents } from "./event-page.ts";
import { type EventStore, type ScanOptions, StoreUnavailable } from "./port.ts";

const BATCH_EVENTS = 2_000;

/** `EventStore.scan` for a store that has nothing faster than its subscriptions. */
export const scanBySubscription = (subscribe: EventStore["subscribe"]) =>
  async function* ({ upTo, ...part }: ScanOptions): AsyncGenerator<EventPage, void, undefined> {
    if ((part.after ?? 0n) >= upTo) return; // a subscription would wait for what is to come
    const done = new AbortController();
    const signal = AbortSignal.any([part.signal, done.signal]);
    try {
      for await (const { events, checkpoint } of subscribe({ ...part, maxBatch: BATCH_EVENTS, signal })) {
        const wanted = checkpoint > upTo ? events.filter(({ position }) => position <= upTo) : events;
        if (wanted.length > 0) yield pageOfEvents(wanted);
        if (checkpoint >= upTo) return;
      }
      if (!part.signal.aborted) throw new StoreUnavailable("the subscription ended by itself");
    } finally {
      done.abort();
    }
  };
