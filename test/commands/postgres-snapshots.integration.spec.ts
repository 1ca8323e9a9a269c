import pg from "pg";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { KeyWindow } from "../../src/commands/key-window.ts";
import { type PostgresSnapshots, postgresSnapshots } from "../../src/commands/postgres-snapshots.ts";
import { prepareCommands } from "../../src/commands/prepare.ts";
import type { Snapshot } from "../../src/commands/snapshots.ts";
import { sha256 } from "../../src/eventstore/envelope.ts";
import { StoreUnavailable } from "../../src/eventstore/port.ts";
import { freshDatabase } from "../support/postgres.ts";
import { ledgerFormat } from "./ledger.ts";
import { preparedDatabase } from "./prepared-database.ts";
import { ledgerBench, STREAM, write } from "./running.ts";

let pool: pg.Pool;
let snapshots: PostgresSnapshots;
let close: () => Promise<void>;
beforeAll(async () => {
  ({ pool, close } = await preparedDatabase(8));
  snapshots = postgresSnapshots(pool);
});
afterAll(() => close?.());

let streams = 0;
function snapshot(given: Partial<Snapshot> = {}): Snapshot {
  streams += 1;
  const keys = new KeyWindow();
  keys.add(sha256("key"), 3, 5);
  keys.commit();
  return {
    stream: `ledger-${streams}`,
    stateVersion: 1,
    revision: 7,
    eventId: "00000000-0000-4000-8000-000000000001",
    hash: sha256("event"),
    atMs: 1_790_000_000_123,
    keys: keys.snapshot(),
    state: { names: ['ü 🎟️ \u2028 "quoted"', ""], nothing: null },
    ...given,
  };
}

describe("snapshots in Postgres", () => {
  it("come back as they were written", async () => {
    const written = snapshot();
    await snapshots.save(written);
    expect(await snapshots.load(written.stream, 1)).toEqual(written);
  });

  it("are null for a stream that has none, and for another state version", async () => {
    const written = snapshot();
    await snapshots.save(written);
    expect(await snapshots.load("ledger-none", 1)).toBeNull();
    expect(await snapshots.load(written.stream, 2)).toBeNull();
  });

  it("a newer one takes the place of an older, never the other way round", async () => {
    const newer = snapshot({ revision: 20 });
    await snapshots.save({ ...newer, revision: 10 });
    await snapshots.save(newer);
    await snapshots.save({ ...newer, revision: 15, eventId: "older" });
    expect(await snapshots.load(newer.stream, 1)).toEqual(newer);
  });

  it("the newest are named, as many as asked for and as fit", async () => {
    const [older, newer] = [snapshot(), snapshot()];
    await snapshots.save(older);
    await snapshots.save(newer);
    const size = JSON.stringify(newer).length;
    expect(await snapshots.recent(2, 1_000_000)).toEqual([newer.stream, older.stream]);
    expect(await snapshots.recent(1, 1_000_000)).toEqual([newer.stream]);
    expect(await snapshots.recent(9, size + 50)).toEqual([newer.stream]);
  });

  it("one of another history that was discarded is in nobody's way", async () => {
    const restored = snapshot({ revision: 10 });
    await snapshots.save({ ...restored, revision: 5_000, eventId: "another" });
    await snapshots.save(restored);
    expect(await snapshots.load(restored.stream, 1)).toMatchObject({ revision: 5_000 });
    await snapshots.discard(restored.stream);
    await snapshots.save(restored);
    expect(await snapshots.load(restored.stream, 1)).toEqual(restored);
  });

  it("can't be loaded while Postgres is away, which is another thing than a body that can't be read", async () => {
    const written = snapshot();
    await snapshots.save(written);
    await pool.query("update commands.snapshots set body = 'no json' where stream = $1", [written.stream]);
    await expect(snapshots.load(written.stream, 1)).rejects.toBeInstanceOf(SyntaxError);
    const away = new pg.Pool({ connectionString: "postgres://postgres@127.0.0.1:1/nowhere" });
    await expect(postgresSnapshots(away).load(written.stream, 1)).rejects.toBeInstanceOf(StoreUnavailable);
    await away.end();
  });

  it("one of another state version takes the place of any", async () => {
    const old = snapshot({ revision: 20 });
    await snapshots.save(old);
    await snapshots.save({ ...old, revision: 10, stateVersion: 2 });
    expect(await snapshots.load(old.stream, 1)).toBeNull();
    expect(await snapshots.load(old.stream, 2)).toMatchObject({ revision: 10 });
  });

  it("of a million keys and a hundred thousand reservations are written and read in reasonable time", async () => {
    const ids = Array.from({ length: 100_000 }, (_, index) => `res_${sha256(`${index}`)}`);
    const slots = Buffer.alloc(16_384 * 12, 7).toString("base64");
    const segments = Array.from({ length: 64 }, () => ({ newestAtMs: 1, newestRevision: 1, slots }));
    const large = snapshot({ state: { ids }, keys: { forgottenUpTo: -1, forgottenAtMs: 0, segments } });
    await snapshots.save(large);
    const began = performance.now();
    expect((await snapshots.load(large.stream, 1))?.revision).toBe(large.revision);
    expect(performance.now() - began).toBeLessThan(5_000);
  });

  it("can be prepared by several processes at once, and again", async () => {
    const database = await freshDatabase();
    const pools = Array.from({ length: 4 }, () => new pg.Pool({ connectionString: database.url, max: 1 }));
    try {
      await Promise.all(pools.map((one) => prepareCommands(one)));
      await prepareCommands(pools[0] as pg.Pool);
      const { rows } = await (pools[0] as pg.Pool).query("select count(*)::int as n from commands.snapshots");
      expect(rows).toEqual([{ n: 0 }]);
    } finally {
      await Promise.all(pools.map((one) => one.end()));
      await database.drop();
    }
  });

  it("one written by a runner is taken up by the next", async () => {
    const options = { snapshots: { store: snapshots, format: ledgerFormat } };
    const first = ledgerBench(options);
    await first.send(write("a", { parts: 600 }), { key: "k" }).promise;
    await first.runner.close(1_000);
    const next = ledgerBench({ ...options, memory: first.store });
    const again = next.send(write("a", { parts: 600 }), { key: "k" });
    expect(await again.promise).toMatchObject({ accepted: true, replayed: true });
    expect(next.log.warnings).toEqual([]);
    expect(await snapshots.load(STREAM, ledgerFormat.version)).toMatchObject({ revision: 599 });
  });
});
