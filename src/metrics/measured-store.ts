import { Histogram, type Registry } from "prom-client";
import type { EventStore } from "../eventstore/port.ts";

/** Seconds. */
const BUCKETS = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];
const EVENTS = [1, 2, 5, 10, 25, 50, 100, 250, 500];

/** The same event store, timed. What fails is timed too, under the name of its error. */
export function measuredStore(store: EventStore, register: Registry): EventStore {
  const duration = new Histogram({
    name: "boxoffice_append_duration_seconds",
    help: "How long appends took, by what came of them",
    labelNames: ["outcome"],
    buckets: BUCKETS,
    registers: [register],
  });
  const events = new Histogram({
    name: "boxoffice_append_events",
    help: "Events in one append: how well commands gather in batches",
    buckets: EVENTS,
    registers: [register],
  });
  const recorded = duration.labels("recorded");
  return {
    name: store.name,
    async append(stream, batch, expected) {
      const begun = performance.now();
      try {
        const result = await store.append(stream, batch, expected);
        recorded.observe((performance.now() - begun) / 1_000);
        events.observe(batch.length);
        return result;
      } catch (error) {
        const outcome = error instanceof Error ? error.name : "unknown";
        duration.labels(outcome).observe((performance.now() - begun) / 1_000);
        throw error;
      }
    },
    read: (stream, options) => store.read(stream, options),
    head: (prefixes) => store.head(prefixes),
    subscribe: (options) => store.subscribe(options),
    scan: (options) => store.scan(options),
    close: () => store.close(),
  };
}
