import { EventStoreDBClient, jsonEvent } from "@eventstore/db-client";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openEventStoreDB } from "../../src/eventstore/eventstoredb/index.ts";
import type { EventStore } from "../../src/eventstore/port.ts";
import { eventStoreContract } from "./contract.ts";
import { aStream, newEvent, newEvents, readAll } from "./contract-support.ts";
import { eventStoreDBServers, type OpenServer } from "./eventstoredb-server.ts";

const servers = await eventStoreDBServers();
console.log(`EventStoreDB specs run on ${servers.name}`);
afterAll(() => servers.close());

eventStoreContract(`eventstoredb (${servers.name})`, async () => {
  const server = await servers.open();
  const store = await openEventStoreDB({ connectionString: server.connectionString });
  const close = async (): Promise<void> => {
    await store.close();
    await server.close();
  };
  return server.faults === undefined ? { store, close } : { store, faults: server.faults, close };
});

describe(`eventstoredb beside its other users (${servers.name})`, () => {
  let server: OpenServer;
  let store: EventStore;
  let client: EventStoreDBClient;
  beforeAll(async () => {
    server = await servers.open();
    store = await openEventStoreDB({ connectionString: server.connectionString });
    client = EventStoreDBClient.connectionString(server.connectionString);
  });
  afterAll(async () => {
    await client?.dispose();
    await store?.close();
    await server?.close();
  });

  it("writes events that other tools see as JSON", async () => {
    const stream = aStream();
    await store.append(stream, [newEvent({ data: ' {"quantity" : 2}', metadata: '{ "at":"x"}' })], "no-stream");
    for await (const { event } of client.readStream(stream)) {
      expect(event).toMatchObject({ isJson: true, data: { quantity: 2 }, metadata: { at: "x" }, streamId: stream });
    }
  });

  it("reads events that other tools wrote", async () => {
    const stream = aStream();
    const written = jsonEvent({ type: "Imported", data: { b: 1, a: "ü" }, metadata: { by: "another" } });
    await client.appendToStream(stream, written);
    expect(await readAll(store, stream)).toMatchObject([
      { id: written.id, type: "Imported", data: '{"b":1,"a":"ü"}', metadata: '{"by":"another"}', revision: 0 },
    ]);
  });

  it("finds reused ids that another process recorded before this one started", async () => {
    const stream = aStream();
    const events = newEvents(2);
    await store.append(stream, events, "no-stream");
    const other = await openEventStoreDB({ connectionString: server.connectionString });
    try {
      const changed = events.map((event) => ({ ...event, data: '{"other":1}' }));
      await expect(other.append(stream, changed, "no-stream")).rejects.toMatchObject({ reason: "ids-reused" });
      expect(await other.append(stream, events, "no-stream")).toMatchObject({ revision: 1 });
    } finally {
      await other.close();
    }
  });

  it("resumes from the position of any event, and from those of appends", async () => {
    const stream = aStream();
    const results = [];
    for (let revision = 0; revision < 20; revision++) {
      results.push(await store.append(stream, newEvents(3), revision === 0 ? "no-stream" : revision * 3 - 1));
    }
    const events = await readAll(store, stream);
    const prefixes = [stream];
    for (const after of [
      ...events.slice(0, -1).map((event) => event.position),
      ...results.slice(0, -1).map((r) => r.position),
    ]) {
      const stop = new AbortController();
      const next = [];
      for await (const batch of store.subscribe({
        after,
        streamPrefixes: prefixes,
        maxBatch: 1,
        signal: stop.signal,
      })) {
        next.push(...batch.events);
        if (next.length > 0) stop.abort();
      }
      expect(next).toEqual([events.find((event) => event.position > after)]);
    }
  });
});
