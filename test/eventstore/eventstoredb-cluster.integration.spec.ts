import { once } from "node:events";
import { createServer, type Socket } from "node:net";
import { setTimeout as pause } from "node:timers/promises";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { openEventStoreDB } from "../../src/eventstore/eventstoredb/index.ts";
import { type EventStore, StoreUnavailable } from "../../src/eventstore/port.ts";
import { type StandIn, startStandIn } from "../support/eventstoredb/server.ts";
import { aStream, follow, newEvents, readAll } from "./contract-support.ts";

/** How long a call may take in these specs, and what a busy machine may add to it. */
const DEADLINE_MS = 1_000;
const SLACK_MS = 3_000;

/** What a cluster was seen to do to a client, played by stand-ins that share a log. */
describe("eventstoredb in a cluster (stand-ins)", () => {
  let one: StandIn;
  let two: StandIn;
  let store: EventStore;
  const closing: Array<() => Promise<void>> = [];
  beforeEach(async () => {
    one = await startStandIn();
    two = await startStandIn({ log: one.log });
    closing.push(one.close, two.close);
    leads(two, one);
    store = await opened(`esdb://127.0.0.1:${one.port},127.0.0.1:${two.port}?tls=false&defaultDeadline=${DEADLINE_MS}`);
  });
  afterEach(async () => {
    for (const close of closing.splice(0).reverse()) await close();
  });

  async function opened(connectionString: string): Promise<EventStore> {
    const store = await openEventStoreDB({ connectionString });
    closing.push(store.close);
    return store;
  }

  /** That nothing happens can only be seen by waiting. */
  const stillFollows = (follower: ReturnType<typeof follow>, forMs: number): Promise<boolean> =>
    Promise.race([follower.ended.then(() => false), pause(forMs, true)]);

  function leads(leader: StandIn, follower: StandIn): void {
    leader.faults.leader = null;
    follower.faults.leader = { host: "127.0.0.1", port: leader.port };
  }

  it("without a leader is unavailable and used again when there is one; a subscription that ends meanwhile harms nobody", async () => {
    const stream = aStream();
    await store.append(stream, newEvents(1), "no-stream");
    const follower = follow(store, { prefixes: [stream] });
    await follower.until((events) => events.length === 1);
    leads(one, two); // the subscription stays where it is, appends move on
    const events = newEvents(1);
    await untilRecorded(stream, events, 0);

    await one.stop();
    two.faults.electing = true;
    await expect(store.append(stream, newEvents(1), 1)).rejects.toThrow();
    const away = expect(store.read(stream, { from: "start", direction: "forwards", maxCount: 1 })).rejects.toThrow(
      StoreUnavailable,
    );
    // While the client looks for a leader its own handler fails over a lost call: that must not end the process.
    two.dropSubscriptions();
    await expect(follower.ended).rejects.toThrow(StoreUnavailable);
    await away;

    two.faults.electing = false;
    leads(two, one);
    // A look for a leader that began before this one was elected may still end without one, for whoever waits for it.
    const found = () =>
      readAll(store, stream).then(
        (events) => events.length,
        (error: unknown) => error,
      );
    await expect.poll(found, { timeout: 10_000 }).toBe(2);
  });

  it("gives a subscription up whose node was cut off from the others and tells nothing", async () => {
    const stream = aStream();
    const url = `esdb://127.0.0.1:${one.port},127.0.0.1:${two.port}?tls=false&defaultDeadline=${DEADLINE_MS}`;
    const reader = await openEventStoreDB({ connectionString: url, staleAfterMs: 200 });
    closing.push(reader.close);
    await store.append(stream, newEvents(1), "no-stream");
    const follower = follow(reader, { prefixes: [stream] });
    await follower.until((events) => events.length === 1);
    await expect(stillFollows(follower, 700)).resolves.toBe(true);
    one.faults.silent = true;
    two.faults.silent = true;
    await store.append(stream, newEvents(1), 0);
    await expect(follower.ended).rejects.toThrow(/nothing comes, while the log is at/);
    one.faults.silent = false;
    two.faults.silent = false;
    const again = follow(reader, { prefixes: [stream] });
    await again.until((events) => events.length === 2);
  });

  it("can be closed while there is no leader, and at once", async () => {
    const stream = aStream();
    await store.append(stream, newEvents(1), "no-stream");
    await one.stop();
    await two.stop();
    await expect(store.append(stream, newEvents(1), 0)).rejects.toThrow();
    await expect(readAll(store, stream)).rejects.toThrow(StoreUnavailable);
    const from = performance.now();
    await store.close();
    expect(performance.now() - from).toBeLessThan(DEADLINE_MS);
  });

  describe("whose nodes take connections and say nothing", () => {
    let silent: string;
    beforeEach(async () => {
      const sockets = new Set<Socket>();
      const nodes = await Promise.all(
        [1, 2].map(async () => {
          const node = createServer((socket) => sockets.add(socket.on("error", () => {})));
          await once(node.listen(0, "127.0.0.1"), "listening");
          return node;
        }),
      );
      closing.push(async () => {
        for (const socket of sockets) socket.destroy();
        for (const node of nodes) node.close();
      });
      const ports = nodes.map((node) => (node.address() as { port: number }).port);
      silent = `esdb://127.0.0.1:${ports[0]},127.0.0.1:${ports[1]}?tls=false&defaultDeadline=${DEADLINE_MS}`;
    });

    it("a start ends within the deadline, and says so", async () => {
      const from = performance.now();
      await expect(openEventStoreDB({ connectionString: silent })).rejects.toThrow(StoreUnavailable);
      expect(performance.now() - from).toBeLessThan(2 * DEADLINE_MS + SLACK_MS);
    });
  });

  async function untilRecorded(stream: string, events: ReturnType<typeof newEvents>, expected: number): Promise<void> {
    await expect
      .poll(() =>
        store.append(stream, events, expected).then(
          () => true,
          () => false,
        ),
      )
      .toBe(true);
  }
});
