import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { openEventStoreDB } from "../../src/eventstore/eventstoredb/index.ts";
import { type EventStore, OutcomeUnknown, StoreUnavailable } from "../../src/eventstore/port.ts";
import { stall } from "../support/eventstoredb/faults.ts";
import { type StandIn, startStandIn } from "../support/eventstoredb/server.ts";
import { aStream, category, follow, newEvent, newEvents, readAll } from "./contract-support.ts";

/** Where an answer is waited for that doesn't come; enough for a busy machine to give those that do. */
const SHORT_DEADLINE_MS = 1_000;

/** What only the stand-in can be made to do; it is there whatever server the contract runs on. */
describe("eventstoredb, at the moments a real server can't be brought to (stand-in)", () => {
  let server: StandIn;
  let store: EventStore;
  const closing: Array<() => Promise<void>> = [];
  beforeEach(async () => {
    server = await startStandIn();
    closing.push(server.close);
    store = await opened(server.connectionString);
  });
  afterEach(async () => {
    for (const close of closing.splice(0).reverse()) await close();
  });

  async function opened(connectionString: string): Promise<EventStore> {
    const store = await openEventStoreDB({ connectionString });
    closing.push(store.close);
    return store;
  }

  describe("an append that is not answered", () => {
    beforeEach(async () => {
      store = await opened(`esdb://127.0.0.1:${server.port}?tls=false&defaultDeadline=${SHORT_DEADLINE_MS}`);
    });

    it.each(["before-recording", "after-recording"] as const)(
      "stalled %s: unknown, and one event when it was sent again",
      async (when) => {
        const stream = aStream();
        const events = newEvents(2);
        const stalled = stall(when);
        server.faults.stall = stalled;
        await expect(store.append(stream, events, "no-stream")).rejects.toThrow(OutcomeUnknown);
        await expect(store.append(stream, events, "no-stream")).rejects.toThrow(OutcomeUnknown);
        server.faults.stall = null;
        stalled.release();
        const result = await store.append(stream, events, "no-stream");
        const stored = await readAll(store, stream);
        expect(stored).toMatchObject(events);
        expect(result).toEqual({ revision: 1, position: stored[1]?.position });
      },
    );

    it("is found to have been recorded with other bytes when those are sent", async () => {
      const stream = aStream();
      const events = newEvents(2);
      server.faults.stall = stall("after-recording");
      await expect(store.append(stream, events, "no-stream")).rejects.toThrow(OutcomeUnknown);
      server.faults.stall = null;
      const changed = events.map((event) => ({ ...event, data: '{"other":1}' }));
      await expect(store.append(stream, changed, "no-stream")).rejects.toMatchObject({ reason: "ids-reused" });
      expect(await store.append(stream, events, "no-stream")).toMatchObject({ revision: 1 });
    });

    it("leaves the others alone", async () => {
      const [slow, quick] = [aStream(), aStream()];
      const stalled = stall("before-recording");
      server.faults.stall = stalled;
      const unanswered = expect(store.append(slow, newEvents(1), "any")).rejects.toThrow(OutcomeUnknown);
      await stalled.holding;
      server.faults.stall = null;
      expect(await store.append(quick, newEvents(1), "any")).toMatchObject({ revision: 0 });
      await unanswered;
    });

    it("takes part in a bound: beyond it appends are refused, not queued", async () => {
      await store.append("spec-1", newEvents(1), "any"); // the call is open, what follows goes out at once
      server.faults.stall = stall("before-recording");
      const outcomes = await Promise.all(
        Array.from({ length: 4100 }, () =>
          store.append("spec-1", [newEvent()], "any").then(
            () => "recorded",
            (error: Error) => error.name,
          ),
        ),
      );
      expect(outcomes.filter((outcome) => outcome === "OutcomeUnknown")).toHaveLength(4096);
      expect(outcomes.filter((outcome) => outcome === "StoreUnavailable")).toHaveLength(4);
    });
  });

  describe.each(["busy", "not-ready"] as const)("a server that says it is %s", (refuse) => {
    it("is unavailable, records nothing, and is used again when it is over", async () => {
      const stream = aStream();
      await store.append(stream, newEvents(1), "no-stream");
      server.faults.refuse = refuse;
      const events = newEvents(1);
      await expect(store.append(stream, events, 0)).rejects.toThrow(StoreUnavailable);
      await expect(readAll(store, stream)).rejects.toThrow(StoreUnavailable);
      await expect(store.head(["spec"])).rejects.toThrow(StoreUnavailable);
      await expect(follow(store, { prefixes: [stream] }).ended).rejects.toThrow(StoreUnavailable);
      server.faults.refuse = null;
      expect(await readAll(store, stream)).toHaveLength(1);
      expect(await store.append(stream, events, 0)).toMatchObject({ revision: 1 });
    });
  });

  describe("a cluster", () => {
    let leader: StandIn;
    beforeEach(async () => {
      leader = await startStandIn({ log: server.log });
      closing.push(leader.close);
      server.faults.leader = { host: "127.0.0.1", port: leader.port };
    });

    it("whose leader moved: the append goes to the new one and is recorded once", async () => {
      const stream = aStream();
      const events = newEvents(2);
      await expect(store.append(stream, events, "no-stream")).rejects.toThrow(OutcomeUnknown);
      await server.stop(); // whatever works now, works on the leader
      expect(await store.append(stream, events, "no-stream")).toMatchObject({ revision: 1 });
      expect(await readAll(store, stream)).toMatchObject(events);
    });

    it("whose leader moved: reads follow", async () => {
      const stream = aStream();
      await opened(leader.connectionString).then((other) => other.append(stream, newEvents(1), "any"));
      expect(await readAll(store, stream)).toHaveLength(1);
      await server.stop(); // whatever works now, works on the leader
      expect(await store.head([stream])).not.toBeNull();
    });

    it("is discovered by gossip, and the leader chosen", async () => {
      const nodes = `esdb://127.0.0.1:${server.port},127.0.0.1:${server.port}?tls=false`;
      const discovered = await opened(nodes);
      await server.stop();
      expect(await discovered.append(aStream(), newEvents(1), "no-stream")).toMatchObject({ revision: 0 });
    });
  });

  describe("a subscription", () => {
    it("that the server ends, ends with an error and goes on from its checkpoint without gap or repetition", async () => {
      const own = category();
      await store.append(`${own}-a`, newEvents(10), "no-stream");
      const follower = follow(store, { prefixes: [`${own}-`], maxBatch: 4 });
      await follower.until((events) => events.length === 10);
      server.dropSubscriptions();
      await expect(follower.ended).rejects.toThrow(StoreUnavailable);
      await store.append(`${own}-a`, newEvents(10), 9);
      const after = follower.batches.at(-1)?.checkpoint ?? null;
      const resumed = follow(store, { prefixes: [`${own}-`], after });
      expect(await resumed.until((events) => events.length >= 10)).toEqual(
        (await readAll(store, `${own}-a`)).slice(10),
      );
      await resumed.stop();
    });

    it("moves its checkpoint past other streams' events, to places that miss nothing when resumed from", async () => {
      const [own, other] = [category(), category()];
      await store.append(`${own}-a`, newEvents(1), "no-stream");
      const follower = follow(store, { prefixes: [`${own}-`] });
      await follower.until((events) => events.length === 1);
      for (let revision = 0; revision < 20; revision++) await store.append(`${other}-a`, newEvents(1), "any");
      const last = await store.append(`${own}-a`, newEvents(1), 0);
      await follower.until((events) => events.length === 2);
      await follower.stop();
      const passing = follower.batches.filter((batch) => batch.events.length === 0);
      expect(passing.length).toBeGreaterThan(0);
      for (const { checkpoint } of passing) {
        const resumed = follow(store, { prefixes: [`${own}-`], after: checkpoint });
        const [event] = await resumed.until((events) => events.length > 0);
        await resumed.stop();
        expect(event?.position).toBe(last.position);
      }
    });
  });

  describe("closing", () => {
    it("ends subscriptions with an error, and everything after is unavailable", async () => {
      const follower = follow(store, { prefixes: ["spec"] });
      await store.append(aStream(), newEvents(1), "any");
      await follower.until((events) => events.length === 1);
      await store.close();
      await expect(follower.ended).rejects.toThrow(StoreUnavailable);
      await expect(store.append(aStream(), newEvents(1), "any")).rejects.toThrow(StoreUnavailable);
      await expect(readAll(store, aStream())).rejects.toThrow(StoreUnavailable);
    });

    it("waits for appends under way", async () => {
      const stalled = stall("before-recording");
      server.faults.stall = stalled;
      const stream = aStream();
      const append = store.append(stream, newEvents(1), "any");
      await stalled.holding;
      const closed = store.close();
      stalled.release();
      expect(await append).toMatchObject({ revision: 0 });
      await closed;
    });
  });

  it("opening where no server is says so", async () => {
    await server.stop();
    await expect(openEventStoreDB({ connectionString: server.connectionString })).rejects.toThrow(StoreUnavailable);
  });
});
