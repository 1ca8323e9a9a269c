import pg from "pg";
import { from as copyFrom } from "pg-copy-streams";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { CREATE_LEASES, type Lease, requireLease, runUnderLease } from "../../src/leases/lease.ts";
import { silent } from "../projections/given.ts";
import { freshDatabase } from "../support/postgres.ts";

let database: Awaited<ReturnType<typeof freshDatabase>>;
let pool: pg.Pool;
beforeAll(async () => {
  database = await freshDatabase();
  pool = new pg.Pool({ connectionString: database.url });
  pool.on("error", () => undefined);
  await pool.query(CREATE_LEASES);
});
afterAll(async () => {
  await pool.end();
  await database.drop();
});

/** Somebody who wants the lease; `held` is what he holds now. */
function contender(name: string, holder: string, options: { pool?: pg.Pool; validMs?: number; renewMs?: number } = {}) {
  const stop = new AbortController();
  const held: { lease: Lease | null; times: number } = { lease: null, times: 0 };
  const terms = { pool, name, holder, log: silent, validMs: 1_000, renewMs: 100, ...options };
  const stopped = runUnderLease(terms, stop.signal, async (lease) => {
    held.lease = lease;
    held.times += 1;
    await new Promise<void>((resolve) => lease.signal.addEventListener("abort", () => resolve(), { once: true }));
    held.lease = null;
  });
  return {
    held,
    stop() {
      stop.abort();
      return stopped;
    },
  };
}

describe("a lease", () => {
  it("is held by one, and by the next as soon as it is given back", async () => {
    const first = contender("one", "a");
    await vi.waitFor(() => expect(first.held.lease).not.toBeNull());
    const second = contender("one", "b");
    await new Promise((resolve) => setTimeout(resolve, 1_500)); // longer than it stands without renewals
    expect(second.held.times).toBe(0);
    expect(first.held.lease?.epoch).toBe(1);
    await first.stop();
    await vi.waitFor(() => expect(second.held.lease?.epoch).toBe(2), { timeout: 900 });
    await second.stop();
  });

  it("is held by at most one of many", async () => {
    const many = ["a", "b", "c", "d", "e"].map((holder) => contender("many", holder));
    for (let round = 0; round < 4; round += 1) {
      await vi.waitFor(() => expect(many.filter(({ held }) => held.lease !== null)).toHaveLength(1));
      const holder = many.findIndex(({ held }) => held.lease !== null);
      await many.splice(holder, 1)[0]?.stop();
    }
    await many[0]?.stop();
  });

  it("passes on within its term when the holder is cut off without giving it back", async () => {
    const own = new pg.Pool({ connectionString: database.url, max: 1 });
    own.on("error", () => undefined);
    const cutOff = contender("cut", "a", { pool: own });
    await vi.waitFor(() => expect(cutOff.held.lease).not.toBeNull());
    const second = contender("cut", "b");
    const ended = performance.now();
    await own.end(); // from here on every renewal fails
    await vi.waitFor(() => expect(second.held.lease?.epoch).toBe(2), { timeout: 2_000, interval: 20 });
    expect(performance.now() - ended).toBeLessThan(1_500);
    expect(cutOff.held.lease, "who cannot renew knows it").toBeNull();
    await cutOff.stop();
    await second.stop();
  });

  it("that somebody else took is noticed at the next renewal", async () => {
    const first = contender("taken", "a", { validMs: 60_000 });
    await vi.waitFor(() => expect(first.held.lease).not.toBeNull());
    await pool.query(
      "update processes.leases set epoch = 7, holder = 'x', until = clock_timestamp() + interval '1 min' where name = 'taken'",
    );
    await vi.waitFor(() => expect(first.held.lease).toBeNull());
    await first.stop();
    const { rows } = await pool.query("select holder, epoch from processes.leases where name = 'taken'");
    expect(rows, "the new holder's is left alone").toEqual([{ holder: "x", epoch: 7 }]);
  });

  it("is given back when the work fails, and tried again; an error is what fails twice", async () => {
    const stop = new AbortController();
    const epochs: number[] = [];
    const told: string[] = [];
    const log = {
      ...silent,
      warn: (_: object, message: string) => void told.push(`warning: ${message}`),
      error: (_: object, message: string) => void told.push(`error: ${message}`),
    };
    const stopped = runUnderLease({ pool, name: "failing", holder: "a", log }, stop.signal, async (lease) => {
      epochs.push(lease.epoch);
      if (epochs.length < 3) throw new Error("no luck");
      stop.abort();
    });
    await stopped;
    expect(epochs).toEqual([1, 2, 3]);
    expect(told).toEqual(["warning: work under the lease failed", "error: work under the lease failed again"]);
    const { rows } = await pool.query("select until <= now() as free from processes.leases where name = 'failing'");
    expect(rows).toEqual([{ free: true }]);
  });

  it("passes on when its holder is frozen in the middle of a transaction that requires it", async () => {
    const holder = new pg.Client({ connectionString: database.url });
    holder.on("error", () => undefined);
    await holder.connect();
    const held = await taken("frozen", "a");
    await holder.query("begin");
    await requireLease(holder, held);
    const begun = performance.now();
    const second = contender("frozen", "b");
    await vi.waitFor(() => expect(second.held.lease?.epoch).toBe(held.epoch + 1), { timeout: 12_000, interval: 20 });
    expect(performance.now() - begun).toBeLessThan(10_000);
    await expect(holder.query("commit"), "who wakes up can't commit").rejects.toThrow();
    await second.stop();
    await holder.end().catch(() => undefined);
  }, 20_000);

  it("passes on when its holder is frozen while it sends rows, where Postgres waits for the rest of them", async () => {
    const holder = new pg.Client({ connectionString: database.url });
    holder.on("error", () => undefined);
    await holder.connect();
    await holder.query("create temp table sent (row text)");
    const held = await taken("sending", "a");
    await holder.query("begin");
    await requireLease(holder, held);
    const rows = holder.query(copyFrom("copy sent from stdin"));
    rows.on("error", () => undefined);
    rows.write("one\n");
    const begun = performance.now();
    const second = contender("sending", "b");
    await vi.waitFor(() => expect(second.held.lease?.epoch).toBe(held.epoch + 1), { timeout: 12_000, interval: 20 });
    expect(performance.now() - begun).toBeLessThan(10_000);
    await second.stop();
    await holder.end().catch(() => undefined);
  }, 20_000);

  it("bounds no transaction but those that require it", async () => {
    const client = new pg.Client({ connectionString: database.url });
    await client.connect();
    const held = await taken("bounded", "a");
    await client.query("begin");
    await requireLease(client, held);
    await client.query("commit");
    const { rows } = await client.query("select current_setting('idle_in_transaction_session_timeout') as idle");
    expect(rows).toEqual([{ idle: "0" }]);
    await client.end();
  });
});

/** The lease in the hands of somebody who does nothing with it any more. */
async function taken(name: string, holder: string): Promise<Pick<Lease, "name" | "epoch">> {
  const { rows } = await pool.query<{ epoch: number }>(
    "insert into processes.leases (name, holder, epoch, until) values ($1, $2, 1, clock_timestamp()) returning epoch",
    [name, holder],
  );
  return { name, epoch: rows[0]?.epoch ?? 0 };
}
