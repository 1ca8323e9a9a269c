import { describe, expect, it } from "vitest";
import { Busy } from "../../src/commands/outcome.ts";
import type { EventStore } from "../../src/eventstore/port.ts";
import { MemoryEventStore } from "../support/memory-event-store.ts";
import { ledgerBench, STREAM, write } from "./running.ts";

/** A store that can be put back to an earlier backup under a running node. */
function restorable(): {
  store: EventStore;
  backup(): Promise<MemoryEventStore>;
  restore(from: MemoryEventStore): void;
} {
  let now = new MemoryEventStore();
  const store: EventStore = {
    name: "restorable",
    append: (...what) => now.append(...what),
    read: (...what) => now.read(...what),
    head: (...what) => now.head(...what),
    subscribe: (...what) => now.subscribe(...what),
    scan: (...what) => now.scan(...what),
    close: () => now.close(),
  };
  return {
    store,
    async backup() {
      const copy = new MemoryEventStore();
      const events = await now.read(STREAM, { from: "start", direction: "forwards", maxCount: 100 });
      await copy.append(STREAM, events, "no-stream");
      return copy;
    },
    restore(from) {
      now = from;
    },
  };
}

describe("a log that was restored from a backup under a running node", () => {
  it("is read anew: the command that finds out is busy, the next goes by what is there", async () => {
    const { store, backup, restore } = restorable();
    const { send } = ledgerBench({ store });
    await send(write("a")).promise;
    const earlier = await backup();
    await send(write("b")).promise;
    restore(earlier);
    await expect(send(write("c")).promise).rejects.toBeInstanceOf(Busy);
    await expect(send(write("d")).promise).resolves.toMatchObject({ accepted: true });
    expect(earlier.eventsOf(STREAM)).toHaveLength(2);
  });
});

describe("a clock that is lost", () => {
  it("fails a batch with known and new keys as a whole, and nothing is left floating", async () => {
    const { send, surroundings } = ledgerBench();
    await send(write("a"), { key: "known" }).promise;
    surroundings.loseClock();
    const both = [send(write("a"), { key: "known" }), send(write("b"), { key: "new" })];
    for (const { promise } of both) await expect(promise).rejects.toMatchObject({ name: "ClockLost" });
  });
});
