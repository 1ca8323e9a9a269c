import { describe, expect, it } from "vitest";
import { type Batch, type EventStore, type ScanOptions, StoreUnavailable } from "../../src/eventstore/port.ts";
import { scanBySubscription } from "../../src/eventstore/scan-by-subscription.ts";
import { MemoryEventStore } from "../support/memory-event-store.ts";
import { newEvents, scanOf } from "./contract-support.ts";

async function counted(
  subscribe: EventStore["subscribe"],
  part: Pick<ScanOptions, "upTo"> & Partial<ScanOptions>,
): Promise<number> {
  let count = 0;
  for await (const page of scanBySubscription(subscribe)({ ...scanOf("a-"), ...part })) count += page.count;
  return count;
}

describe("a scan by a subscription", () => {
  it("of nothing ends at once, also where nothing will ever follow", async () => {
    const store = new MemoryEventStore();
    const subscribe: EventStore["subscribe"] = (options) => store.subscribe(options);
    expect(await counted(subscribe, { upTo: 0n })).toBe(0);
    const { position } = await store.append("a-1", newEvents(2), "no-stream");
    expect(await counted(subscribe, { upTo: position })).toBe(2);
    expect(await counted(subscribe, { after: position, upTo: position })).toBe(0);
  });

  it("does not pass for whole where the subscription ended before it was", async () => {
    const batch: Batch = { events: [], checkpoint: 3n };
    const ending = async function* () {
      yield batch;
    };
    expect(await counted(ending, { upTo: 3n })).toBe(0);
    await expect(counted(ending, { upTo: 4n })).rejects.toThrow(StoreUnavailable);
    expect(await counted(ending, { upTo: 4n, signal: AbortSignal.abort() })).toBe(0);
  });
});
