import { setImmediate as turn } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import { type Batch, PAGE_BYTES, type StoredEvent } from "../../src/eventstore/port.ts";
import { ReadAhead } from "../../src/projections/read-ahead.ts";

const QUARTER = "x".repeat(PAGE_BYTES / 4);

describe("what is read ahead of the projector", () => {
  it("is bounded by bytes: two pages wait, and one is taken at a time", async () => {
    const { source, given } = endless();
    const stop = new AbortController();
    const ahead = new ReadAhead(source, 1_000_000, stop.signal);
    await turn();
    expect(given()).toBe(8);
    expect((await ahead.next(1_000_000))?.events).toHaveLength(4);
    await turn();
    expect(given()).toBe(12);
    stop.abort();
  });

  it("is taken whatever it weighs when it came as one batch", async () => {
    const stop = new AbortController();
    const events = Array.from({ length: 6 }, (_, index) => large(index));
    async function* one(): AsyncGenerator<Batch> {
      yield { events, checkpoint: 5n };
    }
    expect(await new ReadAhead(one(), 10, stop.signal).next(10)).toEqual({ events, checkpoint: 5n });
  });
});

function endless(): { source: AsyncIterable<Batch>; given: () => number } {
  let count = 0;
  async function* source(): AsyncGenerator<Batch> {
    for (;;) {
      const event = large(count);
      count += 1;
      yield { events: [event], checkpoint: event.position };
    }
  }
  return { source: source(), given: () => count };
}

const large = (index: number): StoredEvent => ({
  id: `${index}`,
  type: "Large",
  stream: "listing-1",
  revision: index,
  position: BigInt(index),
  data: QUARTER,
  metadata: "",
});
