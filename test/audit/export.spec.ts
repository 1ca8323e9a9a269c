import { describe, expect, it } from "vitest";
import { type ExportWish, exported } from "../../src/audit/export/export.ts";
import { logLines } from "../../src/audit/export/log-lines.ts";
import { eventHash } from "../../src/eventstore/envelope.ts";
import type { EventStore, Position } from "../../src/eventstore/port.ts";
import { exportedEvent } from "../../src/verifier/export-line.ts";
import { created, opened, recordedBy, released, reserved } from "../projections/recorded.ts";
import { MemoryEventStore } from "../support/memory-event-store.ts";

const ALL: ExportWish = { from: null, to: null, stream: null, type: null, upcast: false, organizerId: null };

/** For auditors nothing is looked up by the trail but the place before the first. */
const trail = {
  list: () => Promise.reject(new Error("only for organizers")),
  before: async (position: Position) => (position <= 1n ? null : position - 1n),
};

async function storeWith(reservations: number): Promise<EventStore> {
  const store = new MemoryEventStore();
  const facts = Array.from({ length: reservations }, (_, n) => [reserved(n), released(n)]).flat();
  for (const { stream, ...event } of recordedBy()(created(), opened(), ...facts))
    await store.append(stream, [event], "any");
  return store;
}

const METADATA = JSON.stringify({
  schemaVersion: 1,
  at: "2026-05-01T10:00:00.000Z",
  actor: { account: "a1", role: "guest" },
  commandId: "c1",
  correlationId: "c1",
  causationId: null,
  requestId: "r1",
  keyHash: null,
  bodyHash: null,
  previousHash: null,
});

interface Line {
  readonly position: string;
  readonly type: string;
  readonly subject: string;
}

async function linesOf(store: EventStore, wish: Partial<ExportWish> = {}): Promise<readonly Line[]> {
  const pieces: (string | Uint8Array)[] = [];
  for await (const piece of exported({ store, trail, logLines: logLines(store) }, { ...ALL, ...wish }))
    pieces.push(piece);
  return textOf(pieces)
    .split("\n")
    .slice(0, -1)
    .map((line) => JSON.parse(line) as Line);
}

const textOf = (pieces: readonly (string | Uint8Array)[]): string =>
  Buffer.concat(pieces.map((piece) => Buffer.from(piece as Uint8Array))).toString();

const positions = (lines: readonly Line[]): readonly bigint[] => lines.map(({ position }) => BigInt(position));

describe("an export", () => {
  it("is the whole log in its order, each event once", async () => {
    const store = await storeWith(3_000);
    const lines = await linesOf(store);
    expect(lines).toHaveLength(6_002);
    const found = positions(lines);
    expect(found.every((position, index) => index === 0 || position > (found[index - 1] as bigint))).toBe(true);
    expect(lines[2]).toMatchObject({ type: "boxoffice.TicketsReserved.v1" });
  });

  it("is a span of positions, ends included; two spans make the whole", async () => {
    const store = await storeWith(10);
    const all = await linesOf(store);
    const middle = BigInt(all[9]?.position ?? 0);
    const [before, after] = [await linesOf(store, { to: middle }), await linesOf(store, { from: middle + 1n })];
    expect([before.length, after.length]).toEqual([10, 12]);
    expect([...before, ...after]).toEqual(all);
    expect(await linesOf(store, { from: middle, to: middle })).toEqual([all[9]]);
    expect(await linesOf(store, { from: 10n ** 18n })).toEqual([]);
    expect(await linesOf(store, { to: 10n ** 18n })).toEqual(all);
  });

  it("is of one stream or type, within the span", async () => {
    const store = await storeWith(5);
    const all = await linesOf(store);
    const stream = all[0]?.subject as string;
    expect(await linesOf(store, { stream })).toEqual(all.filter(({ subject }) => subject === stream));
    const ofType = all.filter(({ type }) => type === "boxoffice.TicketsReserved.v1");
    expect(await linesOf(store, { type: "TicketsReserved" })).toEqual(ofType);
    const to = BigInt(ofType[2]?.position ?? 0);
    expect(await linesOf(store, { type: "TicketsReserved", to })).toEqual(ofType.slice(0, 3));
    expect(await linesOf(store, { stream: "listing-nothing" })).toEqual([]);
  });

  it("ends with what was there when it began", async () => {
    const store = await storeWith(5);
    const pieces = exported({ store, trail, logLines: logLines(store) }, ALL);
    const first = await pieces.next();
    const [later] = recordedBy()(reserved(99));
    if (later === undefined) throw new Error("nothing to append");
    const { stream, ...event } = later;
    await store.append(`${stream}x`, [event], "any");
    const all = [first.value ?? ""];
    for await (const piece of pieces) all.push(piece);
    expect(textOf(all).split("\n").slice(0, -1)).toHaveLength(12);
    expect(await linesOf(store)).toHaveLength(13);
  });

  it("gives data and envelopes byte for byte, and their hash, whatever they are written in", async () => {
    const store = new MemoryEventStore();
    const written = [
      { data: '{"name":"Łódź 🎟 \\u0000"}', metadata: METADATA.replace("r1", "ré") },
      { data: '{"name":"\\u0142"}', metadata: METADATA.replace("r1", "\\u0122\\u00e9\\ud83c\\udf9f") },
      { data: '{ "name": "½" }', metadata: METADATA.replace(",", ", ").replace("r1", "🎟") },
    ];
    for (const [index, texts] of written.entries()) {
      const event = { id: `0000000${index}-0000-4000-8000-000000000000`, type: "InventoryOpened", ...texts };
      await store.append("inventory-e.t", [event], "any");
    }
    const pieces: Uint8Array[] = [];
    const part = { after: null, from: 0n, to: 3n, type: null, upcast: false };
    for await (const piece of logLines(store)(part)) pieces.push(piece);
    const read = textOf(pieces).split("\n").slice(0, -1).map(exportedEvent);
    expect(read.map(({ recorded: { data, metadata } }) => ({ data, metadata }))).toEqual([
      written[0],
      { ...written[1], data: '{"name":"ł"}' },
      { ...written[2], data: '{"name":"½"}' }, // blanks in data are not kept by who parses a line
    ]);
    expect(read.map(({ hash }) => hash)).toEqual(store.events.map(eventHash));
  });

  it("of an empty log is nothing", async () => {
    expect(await linesOf(new MemoryEventStore())).toEqual([]);
  });

  it("lets go of the store when somebody leaves, and fetches no more than is read", async () => {
    const store = await storeWith(10_000);
    let fetched = 0;
    let ended = false;
    const watched: Pick<EventStore, "read" | "scan" | "head"> = {
      read: store.read.bind(store),
      head: store.head.bind(store),
      async *scan(options) {
        options.signal.addEventListener("abort", () => {
          ended = true;
        });
        for await (const page of store.scan(options)) {
          fetched += page.count;
          yield page;
        }
      },
    };
    const pieces = exported({ store: watched, trail, logLines: logLines(watched) }, ALL);
    await pieces.next();
    await new Promise((resolve) => setImmediate(resolve));
    expect(fetched).toBeLessThanOrEqual(3 * 2_048);
    await pieces.return();
    expect(ended).toBe(true);
  });
});
