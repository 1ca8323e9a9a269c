import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { keepMissing } from "../../src/audit/checkpointing.ts";
import { ledgerAt } from "../../src/audit/checkpoints.ts";
import { type Instant, lastEventAt } from "../../src/audit/instant.ts";
import { EMPTY_LEDGER, entered, type InventoryLedger } from "../../src/audit/inventory-ledger.ts";
import { prepareAudit } from "../../src/audit/prepare.ts";
import type { InventoryEvent } from "../../src/domain/inventory-events.ts";
import { decode } from "../../src/eventstore/envelope.ts";
import type { EventStore, StoredEvent } from "../../src/eventstore/port.ts";
import { inventoryStream } from "../../src/eventstore/streams.ts";
import { MILESTONE_EVERY } from "../../src/projections/trail/table.ts";
import { project, readModelDatabase } from "../projections/given.ts";
import { EVENT, MORNING, opened, REGULAR, recordedBy, released, reserved } from "../projections/recorded.ts";

const STREAM = inventoryStream(EVENT, REGULAR);
/** A little more than two checkpoints; every third reservation is given back. */
const EVENTS = 2 * MILESTONE_EVERY + 500;

/** `at` moves on by a second every ten events. */
const timeOf = (revision: number): string =>
  new Date(Date.parse(MORNING) + 1_000 * Math.floor(revision / 10)).toISOString();

const LOG: readonly StoredEvent[] = recordedBy()(
  opened({ capacity: EVENTS }),
  ...Array.from({ length: EVENTS - 1 }, (_, index) => {
    const at = timeOf(index + 1);
    return index % 3 === 2 ? released(index - 1, 1, { at }) : reserved(index, { at });
  }),
);

/** The log to read from, and how much was read of it. */
function storeOf(log: readonly StoredEvent[]) {
  const read = { events: 0, calls: 0 };
  const store: Pick<EventStore, "read"> = {
    async read(stream, { from, direction, maxCount }) {
      const all = log.filter((event) => event.stream === stream);
      const first = from === "start" ? 0 : from === "end" ? all.length - 1 : from;
      const found = direction === "forwards" ? all.slice(first, first + maxCount) : all.slice(first, first + 1);
      read.events += found.length;
      read.calls += 1;
      return found;
    },
  };
  return { store, read };
}

/** From zero. */
const replayed = (revision: number, log = LOG): InventoryLedger =>
  log
    .slice(0, revision + 1)
    .reduce((ledger, stored) => entered(ledger, decode<InventoryEvent>(stored).event, stored.revision), EMPTY_LEDGER);

let database: Awaited<ReturnType<typeof readModelDatabase>>;
beforeAll(async () => {
  database = await readModelDatabase();
  await prepareAudit(database.pool);
  await project(database.pool, LOG);
});
afterAll(() => database?.[Symbol.asyncDispose]());
beforeEach(() => database.pool.query("truncate audit.checkpoints"));

const kept = async (): Promise<readonly number[]> =>
  (await database.pool.query<{ revision: number }>("select revision from audit.checkpoints order by 1")).rows.map(
    ({ revision }) => revision,
  );

describe("the books as of a revision", () => {
  it("are those of a replay from zero, whether checkpoints are there or not", async () => {
    const { store } = storeOf(LOG);
    const [first, second] = [MILESTONE_EVERY, 2 * MILESTONE_EVERY];
    const revisions = [
      0,
      1,
      2,
      first - 2,
      first - 1,
      first,
      first + 900,
      second - 1,
      second,
      EVENTS - 1,
      17,
      second - 90,
    ];
    for (const revision of revisions) {
      expect(await ledgerAt({ pool: database.pool, store }, STREAM, revision)).toEqual(replayed(revision));
    }
  });

  it("need the events since the last checkpoint only", async () => {
    const { store, read } = storeOf(LOG);
    await ledgerAt({ pool: database.pool, store }, STREAM, EVENTS - 1);
    expect(await kept()).toEqual([MILESTONE_EVERY - 1, 2 * MILESTONE_EVERY - 1]);
    read.events = 0;
    await ledgerAt({ pool: database.pool, store }, STREAM, MILESTONE_EVERY + 99);
    expect(read.events).toBe(1 + 100);
  });

  it("don't go by a checkpoint of another log", async () => {
    const { pool } = database;
    await ledgerAt({ pool, store: storeOf(LOG).store }, STREAM, EVENTS - 1);
    const other = recordedBy()(
      opened({ capacity: 7 }),
      ...Array.from({ length: EVENTS - 1 }, (_, index) => reserved(index)),
    );
    const { store } = storeOf(other);
    expect(await ledgerAt({ pool, store }, STREAM, EVENTS - 1)).toEqual(replayed(EVENTS - 1, other));
  });

  it("are kept on the way by themselves, and each once", async () => {
    const { store } = storeOf(LOG);
    const dependencies = { pool: database.pool, store };
    const { signal } = new AbortController();
    expect(await keepMissing(dependencies, signal)).toBe(2);
    expect(await kept()).toEqual([MILESTONE_EVERY - 1, 2 * MILESTONE_EVERY - 1]);
    expect(await keepMissing(dependencies, signal)).toBe(0);
  });
});

describe("an instant", () => {
  const revisionAt = async (instant: Instant) => (await lastEventAt(storeOf(LOG).store, STREAM, instant))?.revision;

  it("is a time, which everything counts for that was recorded by then", async () => {
    expect(await revisionAt({ time: timeOf(0) })).toBe(9);
    expect(await revisionAt({ time: timeOf(2_000) })).toBe(2_009);
    expect(await revisionAt({ time: "2999-01-01T00:00:00.000Z" })).toBe(EVENTS - 1);
    expect(await revisionAt({ time: "2000-01-01T00:00:00.000Z" })).toBeUndefined();
  });

  it("is a revision", async () => {
    expect(await revisionAt({ revision: 0 })).toBe(0);
    expect(await revisionAt({ revision: 1_711 })).toBe(1_711);
    expect(await revisionAt({ revision: 10 * EVENTS })).toBe(EVENTS - 1);
  });

  it("is a position of the log, also one of another stream's event", async () => {
    const position = LOG[1_300]?.position ?? 0n;
    expect(await revisionAt({ position })).toBe(1_300);
    expect(await revisionAt({ position: position + 1n })).toBe(1_300);
    expect(await revisionAt({ position: position - 1n })).toBe(1_299);
    expect(await revisionAt({ position: 0n })).toBeUndefined();
  });

  it("is found by halves", async () => {
    const { store, read } = storeOf(LOG);
    await lastEventAt(store, STREAM, { time: timeOf(2_000) });
    expect(read.events).toBeLessThan(20);
  });
});
