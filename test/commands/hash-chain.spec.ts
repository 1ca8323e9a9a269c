import { describe, expect, it } from "vitest";
import { type Envelope, eventHash } from "../../src/eventstore/envelope.ts";
import type { StoredEvent } from "../../src/eventstore/port.ts";
import { settled } from "../support/surroundings.ts";
import { ledgerFormat } from "./ledger.ts";
import { all, foreignWrite, ledgerBench, memorySnapshots, STREAM, write } from "./running.ts";

const envelope = (event: StoredEvent): Envelope => JSON.parse(event.metadata) as Envelope;

/** Each event names the hash of the one before it, as it is stored. */
function expectUnbroken(events: readonly StoredEvent[]): void {
  const links = events.map((event) => envelope(event).previousHash);
  expect(links).toEqual([null, ...events.slice(0, -1).map((event) => eventHash(event))]);
}

describe("hash chain", () => {
  it("is unbroken over batches, several events a command, conflicts, faults, restarts and snapshots", async () => {
    const snapshots = { store: memorySnapshots(), format: ledgerFormat };
    const one = ledgerBench({ snapshots });
    const { store } = one;
    await all([one.send(write("a", { parts: 3 })), one.send(write("b"))]);
    store.beforeNextAppend(() => foreignWrite(store, "x"));
    await all([one.send(write("c")), one.send(write("d"))]);
    store.failNextAppend("unavailable");
    one.send(write("lost"));
    await settled();
    store.failNextAppend("unknown-after");
    const unsure = one.send(write("e"));
    await one.surroundings.advance(1_000);
    await all([unsure, one.send(write("f"))]);
    await all([one.send(write("many", { parts: 600 }))]);
    await one.runner.close(1_000);
    expect(snapshots.store.saves).toBe(1);
    const restarted = ledgerBench({ memory: store, snapshots });
    await all([restarted.send(write("g"))]);
    const replayed = ledgerBench({ memory: store });
    await all([replayed.send(write("h"))]);
    expect(store.eventsOf(STREAM)).toHaveLength(611);
    expectUnbroken(store.eventsOf(STREAM));
  });

  it("holds what the envelope promises about each event", async () => {
    const { send, store } = ledgerBench();
    await all([send(write("a", { parts: 2 }), { key: "k" }), send(write("b"))]);
    const [first, second, third] = store.eventsOf(STREAM).map(envelope);
    expect(first).toMatchObject({ schemaVersion: 1, actor: { account: "acc_1", role: "customer" }, causationId: null });
    expect(first?.commandId).toBe(second?.commandId);
    expect(first?.commandId).not.toBe(third?.commandId);
    expect(first?.correlationId).toBe(first?.requestId);
    expect([first?.keyHash, typeof second?.keyHash, third?.keyHash]).toEqual([null, "string", null]);
    expect([first?.bodyHash, typeof second?.bodyHash, third?.bodyHash]).toEqual([null, "string", null]);
  });

  it("names Boxoffice itself for what it does by itself", async () => {
    const { send, store, surroundings } = ledgerBench({ housekeeping: { type: "EraseBefore", ageMs: 10 } });
    await all([send(write("a"))]);
    await surroundings.advance(11);
    await all([send(write("b"), { key: "k" })]);
    const [, erased, written] = store.eventsOf(STREAM).map(envelope);
    expect(erased).toMatchObject({ actor: { process: "housekeeping" }, requestId: null, keyHash: null });
    expect(written).toMatchObject({ actor: { account: "acc_1", role: "customer" } });
    expectUnbroken(store.eventsOf(STREAM));
  });
});
