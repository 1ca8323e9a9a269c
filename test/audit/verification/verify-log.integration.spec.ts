import { existsSync } from "node:fs";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import pg from "pg";
import { afterEach, beforeEach, expect, it } from "vitest";
import { headQueries, keepHead, keepKey } from "../../../src/audit/heads/table.ts";
import { prepareAudit } from "../../../src/audit/prepare.ts";
import { verifyLog } from "../../../src/audit/verification/verify-log.ts";
import { eventHash } from "../../../src/eventstore/envelope.ts";
import type { EventStore, StoredEvent } from "../../../src/eventstore/port.ts";
import { openPostgresEventStore } from "../../../src/eventstore/postgres/index.ts";
import { CREATE_LEASES } from "../../../src/leases/lease.ts";
import { headAfter, NO_EVENTS } from "../../../src/verifier/running-head.ts";
import { signatureOf } from "../../../src/verifier/signed-head.ts";
import { plant } from "../../support/planted-log.ts";
import { type Database, freshDatabase } from "../../support/postgres.ts";
import { freshKey, signHeads } from "../../support/signed-heads.ts";
import { chained, opened, reserved, SOLD } from "./sold-log.ts";

let database: Database;
let pool: pg.Pool;
let store: EventStore;
let workDir: string;
beforeEach(async () => {
  database = await freshDatabase();
  pool = new pg.Pool({ connectionString: database.url, max: 4 });
  pool.on("error", () => {}); // a connection that is still closing when its database is dropped
  await pool.query(CREATE_LEASES);
  await prepareAudit(pool);
  store = await openPostgresEventStore({ connectionString: database.url });
  workDir = await mkdtemp(join(tmpdir(), "boxoffice-verify-spec-"));
});
afterEach(async () => {
  await store?.close();
  await pool?.end();
  await database?.drop();
  await rm(workDir, { recursive: true, force: true });
});

const log = chained(SOLD);
const verify = (more: Partial<Parameters<typeof verifyLog>[0]> = {}) =>
  verifyLog({ store, heads: headQueries(pool), workDir, ...more });
const codes = async () => (await verify()).violations.map(({ code }) => code);

async function signed(events: readonly StoredEvent[]): Promise<void> {
  await plant(pool, events);
  await signHeads(database.url);
}

it("a log is read to its end, agrees with its heads, and leaves nothing behind", async () => {
  await signed(log.slice(0, 20));
  await signed(log);
  const result = await verify();
  expect(result).toMatchObject({ eventsChecked: log.length, found: 0, violations: [], unsettled: 0 });
  expect(result.head).toEqual({
    count: log.length,
    position: BigInt(log.length),
    hash: (await headQueries(pool).latest())?.hash,
  });
  expect(existsSync(workDir)).toBe(false);
});

it("a log that has nothing in it is one", async () => {
  expect(await verify()).toMatchObject({ eventsChecked: 0, found: 0, head: { count: 0, hash: "" } });
});

it("a tail that is cut off is found by the last head", async () => {
  await signed(log);
  await plant(pool, log.slice(0, -3));
  expect(await codes()).toContain("head-differs");
});

it("events of two streams that changed places are found by it, which no chain tells", async () => {
  await signed(log);
  const [a, b] = [log.at(-4), log.at(-5)] as [StoredEvent, StoredEvent];
  expect(a.stream).not.toBe(b.stream);
  const swapped = log.map((event) =>
    event === a ? { ...a, position: b.position } : event === b ? { ...b, position: a.position } : event,
  );
  await plant(
    pool,
    swapped.toSorted((one, other) => Number(one.position - other.position)),
  );
  expect(await codes()).toEqual(["head-differs"]);
});

it("a log that was written anew, every hash in place, is found by it", async () => {
  await signed(log);
  await plant(pool, chained(SOLD.toSpliced(-1, 1, reserved(4_320, "r5", "ian", 1, {}, "inventory-e2.regular"))));
  expect(await codes()).toEqual(["head-differs"]);
});

it("a head that was changed in its table is found by its signature", async () => {
  await signed(log);
  await pool.query("update audit.heads set signed_at = signed_at - interval '1 day'");
  expect(await codes()).toEqual(["head-differs"]);
});

it("what threads help with, and what goes on where it was ended early, comes to the same", async () => {
  const many = [opened("inventory-e1.many", 100_000)];
  for (let n = 0; n < 9_000; n += 1) many.push(reserved(n / 10, `r${n}`, `a${n}`, 1, {}, "inventory-e1.many"));
  for (let n = 0; n < 40; n += 1) many.push(opened(`inventory-e1.${n}`, 5));
  for (let n = 39; n >= 0; n -= 1) many.push({ ...opened(`inventory-e1.${n}`, 1), minute: 1_000 });
  await plant(pool, chained(many));
  const whole = await verify();
  expect(new Set(whole.violations.map(({ stream }) => stream)).size).toBe(40);
  expect(await verify({ threads: 2 })).toEqual(whole);
  for (const phase of ["reading", "replaying"] as const) {
    const stop = new AbortController();
    const begun: number[] = [];
    const onProgress = (progress: { phase: string; events: number }) => {
      if (progress.phase === phase) stop.abort(new Error("ended early"));
    };
    await expect(verify({ signal: stop.signal, onProgress, keepEveryMs: 0, threads: 1 })).rejects.toThrow(
      "ended early",
    );
    const result = await verify({ onProgress: ({ events }) => void begun.push(events) });
    expect(result).toEqual(whole);
    expect(begun[0]).toBeGreaterThan(2_000);
  }
});

it.each([0, 1])("what shows while events are sorted is told, with %i threads more", async (threads) => {
  const spoilt = log.map((event, at) => (at === 7 ? { ...event, metadata: "[]" } : event));
  await plant(pool, spoilt);
  const { violations } = await verify({ threads });
  expect(violations.map(({ detail }) => detail)).toContain("its metadata are no envelope");
});

it.each([0, 1])("files that can't be written end it, with %i threads more", async (threads) => {
  await plant(pool, log);
  await mkdir(join(workDir, "part-0003"));
  await expect(verify({ threads })).rejects.toThrow("EISDIR");
});

it("what a version of the program with other files left there is not gone on with: it begins anew", async () => {
  await plant(pool, log);
  const stop = new AbortController();
  await expect(
    verify({ signal: stop.signal, onProgress: () => stop.abort(new Error("ended early")), keepEveryMs: 0 }),
  ).rejects.toThrow("ended early");
  const file = join(workDir, "verification.json");
  const kept = JSON.parse(await readFile(file, "utf8")) as { readonly sizes: readonly number[] };
  await writeFile(file, JSON.stringify({ ...kept, version: 1 }));
  for (const [part, size] of kept.sizes.entries()) {
    if (size === 0) continue;
    const event = Buffer.alloc(size, `${"1\u00000\u0000inventory-e1.regular\u0000InventoryOpened\u0000"}`);
    event.writeUInt32LE(size - 4);
    await writeFile(join(workDir, `part-${String(part).padStart(4, "0")}`), event);
  }
  expect(await verify()).toMatchObject({ eventsChecked: log.length, found: 0, violations: [] });
});

it("heads may stand at each event, as they do where there is one in a second", async () => {
  const many = [opened("inventory-e1.many", 100_000)];
  for (let n = 1; n < 4_000; n += 1) many.push(reserved(n, `r${n}`, `a${n}`, 1, {}, "inventory-e1.many"));
  const events = chained(many);
  await plant(pool, events);
  await keepHeads(events);
  expect(await verify()).toMatchObject({ eventsChecked: 4_000, found: 0, violations: [] });
});

/** A signed head after each event. */
async function keepHeads(events: readonly StoredEvent[]): Promise<void> {
  const { jwk, privateKey } = freshKey();
  const signedAt = new Date().toISOString();
  await keepKey(pool, jwk, Date.now());
  const client = await pool.connect();
  await client.query("begin");
  let head = NO_EVENTS;
  for (const event of events) {
    head = headAfter(head, event.position, eventHash(event));
    const signature = signatureOf({ ...head, signedAt }, privateKey);
    await keepHead(client, { ...head, signedAt, keyId: jwk.kid, signature });
  }
  await client.query("commit");
  client.release();
}
