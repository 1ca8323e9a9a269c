import { randomUUID } from "node:crypto";
import pg from "pg";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { startSigningHeads } from "../../../src/audit/heads/signing.ts";
import { signingKeyIn, signingKeyOf } from "../../../src/audit/heads/signing-key.ts";
import { headQueries, keepHead, thinHeads } from "../../../src/audit/heads/table.ts";
import { prepareAudit } from "../../../src/audit/prepare.ts";
import { type Envelope, encode, eventHash } from "../../../src/eventstore/envelope.ts";
import type { EventStore, StoredEvent } from "../../../src/eventstore/port.ts";
import { openPostgresEventStore } from "../../../src/eventstore/postgres/index.ts";
import { CREATE_LEASES } from "../../../src/leases/lease.ts";
import { publicKeysIn } from "../../../src/verifier/key-files.ts";
import { headAfter, NO_EVENTS } from "../../../src/verifier/running-head.ts";
import { isSignedBy, type SignedHead } from "../../../src/verifier/signed-head.ts";
import { type Database, freshDatabase } from "../../support/postgres.ts";
import { freshKey, signHeads } from "../../support/signed-heads.ts";

let database: Database;
let pool: pg.Pool;
let store: EventStore;
beforeEach(async () => {
  database = await freshDatabase();
  pool = new pg.Pool({ connectionString: database.url, max: 8 });
  pool.on("error", () => {}); // a connection that is still closing when its database is dropped
  await pool.query(CREATE_LEASES);
  await prepareAudit(pool);
  store = await openPostgresEventStore({ connectionString: database.url });
});
afterEach(async () => {
  await store?.close();
  await pool?.end();
  await database?.drop();
});

let written = 0;
/** Appends so many events, each to a stream of its own. */
async function append(count: number): Promise<void> {
  for (let n = 0; n < count; n += 1) {
    const envelope: Envelope = {
      schemaVersion: 1,
      at: "2026-05-01T10:00:00.000Z",
      actor: { process: "spec" },
      commandId: "c",
      correlationId: "r",
      causationId: null,
      requestId: null,
      keyHash: null,
      bodyHash: null,
      previousHash: null,
    };
    written += 1;
    const event = encode(randomUUID(), { type: "ListingPaused", data: { written } }, envelope);
    await store.append(`listing-${written}`, [event], "no-stream");
  }
}

/** The head of the whole log by a loop over it. */
async function folded(): Promise<typeof NO_EVENTS> {
  const { rows } = await pool.query<Omit<StoredEvent, "position"> & { position: string }>(
    `select e.position, s.name as stream, e.revision::int as revision, e.event_id as id, e.type, e.data::text, e.metadata::text
       from eventstore.events e join eventstore.streams s on s.id = e.stream_id order by e.position`,
  );
  return rows.reduce((head, row) => headAfter(head, BigInt(row.position), eventHash(row)), NO_EVENTS);
}

const logged = () => ({ info: vi.fn(), warn: vi.fn(), error: vi.fn() });
const clock = { nowMs: () => Date.now() };
const start = (key = freshKey(), more: Partial<Parameters<typeof startSigningHeads>[0]> = {}) =>
  startSigningHeads({ pool, store, clock, key, holder: randomUUID(), log: logged(), everyMs: 10, ...more });

const bare = ({ count, position, hash }: SignedHead) => ({ count, position, hash });

it("a head is signed of all that is recorded, and goes on with it, also in another process", async () => {
  const key = freshKey();
  await append(3);
  const first = await signHeads(database.url, key);
  expect(bare(first)).toEqual(await folded());
  await append(1_200);
  const second = await signHeads(database.url, key);
  expect(bare(second)).toEqual(await folded());
  const keys = publicKeysIn(JSON.stringify({ keys: await headQueries(pool).keys() }));
  for (const head of [first, second]) {
    const publicKey = keys.get(head.keyId);
    expect(publicKey !== undefined && isSignedBy(head, publicKey)).toBe(true);
  }
});

it("heads that are folded anew from the beginning are the same", async () => {
  await append(5);
  const before = await signHeads(database.url);
  await pool.query("delete from audit.heads");
  expect(bare(await signHeads(database.url))).toEqual(bare(before));
});

it("of two processes one signs; when it goes, the other goes on", async () => {
  const [one, other] = [start(), start()];
  try {
    await append(4);
    const signedAt = async (position: bigint) =>
      vi.waitFor(async () => expect((await headQueries(pool).latest())?.position).toBe(position), 10_000);
    await signedAt(4n);
    await one.stop();
    await append(2);
    await signedAt(6n);
    expect(bare((await headQueries(pool).latest()) as SignedHead)).toEqual(await folded());
  } finally {
    await Promise.all([one.stop(), other.stop()]);
  }
});

it("who lost the lease can keep no head", async () => {
  const log = logged();
  await append(1);
  const signing = start(freshKey(), { log, renewMs: 60_000, validMs: 120_000 });
  try {
    await vi.waitFor(async () => expect(await headQueries(pool).latest()).not.toBeNull(), 10_000);
    await pool.query("update processes.leases set epoch = epoch + 1, holder = 'another' where name = 'audit-heads'");
    await append(1);
    const failed = [expect.anything(), "work under the lease failed"];
    await vi.waitFor(() => expect(log.warn).toHaveBeenCalledWith(...failed), 10_000);
    expect((await headQueries(pool).latest())?.position).toBe(1n);
  } finally {
    await signing.stop();
  }
});

it("a log that ends before its last head gets no other head in its place", async () => {
  await append(3);
  await signHeads(database.url);
  await pool.query("delete from eventstore.events where position = 3");
  const log = logged();
  const signing = start(freshKey(), { log });
  try {
    await vi.waitFor(() => expect(log.error).toHaveBeenCalled(), 10_000);
    expect(log.error.mock.calls[0]?.[0].err).toMatchObject({ name: "LogCut" });
    expect(await headQueries(pool).before(null, 10)).toHaveLength(1);
  } finally {
    await signing.stop();
  }
});

it("heads are kept each second of a day, each hour of a year, each day for ever", async () => {
  const now = Date.parse("2026-11-22T12:00:00.000Z");
  const [second, hour, day] = [1_000, 3_600_000, 86_400_000];
  const ages = [5 * second, 10 * second, 30 * hour + 1, 30 * hour + 2, 30 * hour + 3, 400 * day, 400 * day + 3 * hour];
  for (const [n, age] of ages.toSorted((a, b) => b - a).entries()) {
    const signedAt = new Date(now - age).toISOString();
    const head = { count: n + 1, position: BigInt(n + 1), hash: "h", signedAt, keyId: "k", signature: "s" };
    await keepHead(pool, head);
  }
  expect(await thinHeads(pool, now)).toBe(3);
  const kept = await headQueries(pool).before(null, 10);
  expect(kept.map(({ signedAt }) => now - Date.parse(signedAt))).toEqual([
    5 * second,
    10 * second,
    30 * hour + 1,
    400 * day,
  ]);
  expect(await thinHeads(pool, now)).toBe(0);
});

it("a key is the same for the same seed; a PEM may have its line breaks written out", () => {
  const seed = Buffer.alloc(32, 7);
  expect(signingKeyOf(seed).jwk).toEqual(signingKeyOf(seed).jwk);
  const pem = signingKeyOf(seed).privateKey.export({ type: "pkcs8", format: "pem" }).toString();
  expect(signingKeyIn(pem.replaceAll("\n", "\\n")).jwk).toEqual(signingKeyOf(seed).jwk);
  expect(() => signingKeyIn("-----BEGIN nothing")).toThrow();
});
