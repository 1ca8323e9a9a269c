import pg from "pg";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { type EventStore, OutcomeUnknown, StoreUnavailable } from "../../src/eventstore/port.ts";
import { APPEND_FUNCTION, OUTCOME } from "../../src/eventstore/postgres/append-function.ts";
import { APPEND_STATEMENT } from "../../src/eventstore/postgres/commit-lane.ts";
import { openPostgresEventStore, type PostgresEventStoreOptions } from "../../src/eventstore/postgres/index.ts";
import { freshDatabase } from "../support/postgres.ts";
import { openTcpProxy } from "../support/tcp-proxy.ts";
import { aStream, follow, newEvent, newEvents, readAll } from "./contract-support.ts";

/** What is this adapter's own, beyond the contract: how commits take turns and what they do when they can't. */
describe("commits of the event store on Postgres", () => {
  let database: Awaited<ReturnType<typeof freshDatabase>>;
  let closing: (() => Promise<unknown>)[];
  beforeEach(async () => {
    database = await freshDatabase();
    closing = [];
  });
  afterEach(async () => {
    for (const close of closing.reverse()) await close();
    await database.drop();
  });

  async function openStore(options: Partial<PostgresEventStoreOptions> = {}): Promise<EventStore> {
    const store = await openPostgresEventStore({ connectionString: database.url, ...options });
    closing.push(() => store.close());
    return store;
  }

  async function openClient(): Promise<pg.Client> {
    const client = new pg.Client({ connectionString: database.url });
    await client.connect();
    closing.push(() => client.end());
    return client;
  }

  async function openBehindProxy(options: Partial<PostgresEventStoreOptions> = {}) {
    const url = new URL(database.url);
    const proxy = await openTcpProxy({ host: url.hostname, port: Number(url.port || 5432) });
    closing.push(() => proxy.close());
    url.host = `127.0.0.1:${proxy.port}`;
    return { proxy, store: await openStore({ connectionString: url.href, ...options }) };
  }

  it("are opened by many at once on an empty database", async () => {
    const stores = await Promise.all(Array.from({ length: 8 }, () => openStore()));
    await Promise.all(stores.map((store) => store.append(aStream(), newEvents(1), "no-stream")));
    expect(await stores[0]?.head([""])).toBe(8n);
  });

  it("leave a schema of another version alone", async () => {
    await openStore();
    const client = await openClient();
    await client.query("update eventstore.schema_version set version = 99");
    await expect(openStore()).rejects.toThrow("schema version 99");
  });

  it("wait for the one before them, and nobody sees a position while one below it is not committed", async () => {
    const store = await openStore();
    const first = await store.append("turn-a", newEvents(1), "no-stream");
    const follower = follow(store, { prefixes: ["turn-"] });
    const slow = await openClient();
    await slow.query("begin");
    const values = [["turn-slow"], [-1], [1], [1], [newEvent().id], ["T"], ["{}"], ["{}"]];
    await slow.query("select * from eventstore.append_v1($1, $2, $3, $4, $5, $6, $7, $8)", values);

    const fast = store.append("turn-b", newEvents(1), "no-stream");
    const observer = await openClient();
    await vi.waitUntil(async () => {
      const waiting = "select 1 from pg_locks where locktype = 'advisory' and not granted";
      return (await observer.query(waiting)).rowCount === 1;
    });
    expect(await store.head(["turn-"])).toBe(first.position);
    expect(await readAll(store, "turn-b")).toEqual([]);

    await slow.query("commit");
    expect((await fast).position).toBe(first.position + 2n);
    const events = await follower.until((seen) => seen.length === 3);
    expect(events.map((event) => event.stream)).toEqual(["turn-a", "turn-slow", "turn-b"]);
    await follower.stop();
  });

  it("give back their turn and leave no gap when they are rolled back", async () => {
    const store = await openStore();
    await store.append("gap-a", newEvents(2), "no-stream");
    const slow = await openClient();
    await slow.query("begin");
    const values = [["gap-slow"], [-1], [1], [1], [newEvent().id], ["T"], ["{}"], ["{}"]];
    await slow.query("select * from eventstore.append_v1($1, $2, $3, $4, $5, $6, $7, $8)", values);
    await slow.query("rollback");
    expect((await store.append("gap-b", newEvents(1), "no-stream")).position).toBe(3n);
  });

  it("are durable and in order whatever the database's defaults are", async () => {
    const admin = await openClient();
    const name = new URL(database.url).pathname.slice(1);
    await admin.query(`alter database ${name} set synchronous_commit = off`);
    await admin.query(`alter database ${name} set default_transaction_isolation = 'serializable'`);
    const stores = [await openStore(), await openStore()];
    await Promise.all(
      Array.from({ length: 50 }, (_, index) => stores[index % 2]?.append(aStream(), newEvents(1), "no-stream")),
    );
    expect(await stores[0]?.head([""])).toBe(50n);
  });

  it("share their fate only as far as they must: events that Postgres refuses fail alone", async () => {
    const store = await openStore({ commitsInFlight: 1 });
    const outcomes = await Promise.allSettled([
      store.append("fate-a", [newEvent()], "no-stream"),
      store.append("fate-b", [newEvent({ data: "no json" })], "no-stream"),
      store.append("fate-c", [newEvent()], "no-stream"),
    ]);
    expect(outcomes.map((outcome) => outcome.status)).toEqual(["fulfilled", "rejected", "fulfilled"]);
    expect(outcomes[1]).toMatchObject({ reason: { name: "TypeError", cause: { code: "22P02" } } });
    expect(await readAll(store, "fate-b")).toEqual([]);
  });

  it("tell each append its own place where several of them were recorded before, or are elsewhere than expected", async () => {
    const store = await openStore();
    const recorded = newEvents(2);
    await store.append("own-a", newEvents(3), "no-stream");
    await store.append("own-b", recorded, "no-stream");
    const events = [...newEvents(2), ...recorded];
    const client = await openClient();
    const { rows } = await client.query({
      text: "select * from eventstore.append_v1($1, $2, $3, $4, $5, $6, $7, $8)",
      values: [
        ["own-new", "own-a", "own-b"],
        [-1, 0, -1],
        [1, 1, 2],
        [1, 2, 3, 3],
        events.map(({ id }) => id),
        events.map(({ type }) => type),
        events.map(({ data }) => String(data)),
        events.map(({ metadata }) => String(metadata)),
      ],
      rowMode: "array",
    });
    expect(rows).toEqual([
      [OUTCOME.recorded, "0", "6"],
      [OUTCOME.wrongRevision, "2", expect.anything()], // its position is nothing to anybody
      [OUTCOME.resent, "1", "5"],
    ]);
  });

  it("are made by this program's function, also in a store that an older one made", async () => {
    await openStore();
    const client = await openClient();
    const source = async () => (await client.query(`select prosrc from pg_proc where proname = 'append_v1'`)).rows;
    const ours = await source();
    await client.query(APPEND_FUNCTION.replace("begin", "begin -- once otherwise"));
    expect(await source()).not.toEqual(ours);
    const store = await openStore();
    expect(await source()).toEqual(ours);
    expect(await store.append("again-a", newEvents(1), "no-stream")).toMatchObject({ revision: 0 });
  });

  it("have an unknown outcome when no reply comes in time, and are found when sent again", async () => {
    const { proxy, store } = await openBehindProxy({ commitTimeoutMs: 300 });
    await store.append("slow-a", newEvents(1), "no-stream");
    const events = newEvents(2);
    proxy.stall();
    await expect(store.append("slow-a", events, 0)).rejects.toBeInstanceOf(OutcomeUnknown);
    proxy.resume();
    expect(await store.append("slow-a", events, 0)).toEqual({ revision: 2, position: 3n });
    expect(await readAll(store, "slow-a")).toHaveLength(3);
  });

  it("leave a connection that can only read: after a failover it leads to the standby for ever", async () => {
    const store = await openStore({ commitsInFlight: 1 });
    const admin = await openClient();
    const name = new URL(database.url).pathname.slice(1);
    await admin.query(`alter database ${name} set default_transaction_read_only = on`);
    const events = newEvents(1);
    await expect(store.append("standby-a", events, "no-stream")).rejects.toBeInstanceOf(StoreUnavailable);
    await admin.query(`alter database ${name} reset default_transaction_read_only`);
    expect(await store.append("standby-a", events, "no-stream")).toMatchObject({ revision: 0 });
  });

  it("all have an unknown outcome when the reply to the commit they shared is lost", async () => {
    const { proxy, store } = await openBehindProxy({ commitsInFlight: 1 });
    await store.append(aStream(), newEvents(1), "no-stream");
    const streams = Array.from({ length: 10 }, aStream);
    proxy.cutReplyTo(APPEND_STATEMENT);
    const outcomes = await Promise.allSettled(streams.map((stream) => store.append(stream, newEvents(1), "no-stream")));
    expect(outcomes.map((outcome) => outcome.status === "rejected" && outcome.reason.name)).toEqual(
      streams.map(() => "OutcomeUnknown"),
    );
    for (const stream of streams) expect(await readAll(store, stream)).toHaveLength(1);
  });

  it("have a bounded queue: beyond it appends are refused and nothing of them is recorded", async () => {
    const store = await openStore({ maxWaitingAppends: 5 });
    const streams = Array.from({ length: 8 }, aStream);
    const outcomes = await Promise.allSettled(streams.map((stream) => store.append(stream, newEvents(1), "any")));
    expect(outcomes.filter((outcome) => outcome.status === "fulfilled")).toHaveLength(5);
    for (const outcome of outcomes.slice(5)) expect(outcome).toMatchObject({ reason: { name: "StoreUnavailable" } });
    expect(await store.head([""])).toBe(5n);
  });

  it("finish or fail when the store is closed, and fail after it", async () => {
    const store = await openStore();
    const stream = aStream();
    const appends = Array.from({ length: 5 }, () => store.append(stream, newEvents(1), "any"));
    const follower = follow(store, { prefixes: [""] });
    const settled = Promise.allSettled(appends);
    await vi.waitUntil(async () => (await readAll(store, stream)).length > 0);
    await store.close();
    for (const outcome of await settled) {
      if (outcome.status === "rejected") expect(outcome.reason).toBeInstanceOf(StoreUnavailable);
    }
    const acknowledged = (await settled).filter((outcome) => outcome.status === "fulfilled").length;
    await expect(follower.ended).rejects.toBeInstanceOf(StoreUnavailable);
    await expect(store.append(stream, newEvents(1), "any")).rejects.toBeInstanceOf(StoreUnavailable);
    expect(await readAll(await openStore(), stream)).toHaveLength(acknowledged);
  });

  it("wake subscribers by notification, long before the next poll", async () => {
    const store = await openStore({ pollMs: 600_000 });
    const follower = follow(store, { prefixes: [""] });
    for (let count = 1; count <= 20; count++) {
      await store.append(aStream(), newEvents(1), "no-stream");
      await follower.until((events) => events.length === count);
    }
    await follower.stop();
  });

  it("are found by polling when no notification came", async () => {
    const store = await openStore({ pollMs: 20 });
    await store.append("poll-a", newEvents(1), "no-stream");
    const follower = follow(store, { prefixes: [""] });
    await follower.until((events) => events.length === 1);
    const client = await openClient();
    await client.query(`insert into eventstore.events
      select position + 1, stream_id, revision + 1, gen_random_uuid(), type, data, metadata, false from eventstore.events`);
    await follower.until((events) => events.length === 2);
    await follower.stop();
  });

  it("move the checkpoint of a subscriber past events that are not for it", async () => {
    const store = await openStore();
    for (let count = 0; count < 3; count++) await store.append(aStream(), newEvents(4000), "no-stream");
    await store.append("late-a", newEvents(1), "no-stream");
    const follower = follow(store, { prefixes: ["late-"] });
    await follower.until((events) => events.length === 1);
    await follower.stop();
    const checkpoints = follower.batches.map((batch) => batch.checkpoint);
    expect(checkpoints.at(-1)).toBe(12_001n);
    expect(checkpoints.length).toBeLessThan(6);
  });
});
