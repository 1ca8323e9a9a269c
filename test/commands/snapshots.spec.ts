import { describe, expect, it } from "vitest";
import type { Snapshot } from "../../src/commands/snapshots.ts";
import { eventHash } from "../../src/eventstore/envelope.ts";
import { StoreUnavailable } from "../../src/eventstore/port.ts";
import type { MemoryEventStore } from "../support/memory-event-store.ts";
import { settled } from "../support/surroundings.ts";
import { ledgerFormat } from "./ledger.ts";
import {
  all,
  foreignWrite,
  type LedgerBench,
  ledgerBench,
  type MemorySnapshots,
  memorySnapshots,
  STREAM,
  write,
} from "./running.ts";

/** A stream of 600 events under the key `k`, its runner closed, and with that its snapshot taken. */
async function closed(): Promise<{ bench: LedgerBench; texts: MemorySnapshots; snapshot: Snapshot }> {
  const texts = memorySnapshots();
  const bench = ledgerBench({ snapshots: { store: texts, format: ledgerFormat } });
  await all([bench.send(write("a", { parts: 600 }), { key: "k" })]);
  await bench.runner.close(1_000);
  return { bench, texts, snapshot: JSON.parse(texts.texts.get(STREAM) ?? "null") as Snapshot };
}

/** A fresh node: what it answers, and how many events it read to do so. */
async function restart(memory: MemoryEventStore, texts: MemorySnapshots) {
  let readEvents = 0;
  const read: MemoryEventStore["read"] = async (stream, options) => {
    const events = await memory.elsewhere.read(stream, options);
    readEvents += events.length;
    return events;
  };
  const store = { ...memory.elsewhere, read };
  const bench = ledgerBench({ memory, store, snapshots: { store: texts, format: ledgerFormat } });
  const [again, taken, fresh] = await all([
    bench.send(write("a", { parts: 600 }), { key: "k" }),
    bench.send(write("a/599")),
    bench.send(write("b")),
  ]);
  return { again, taken, fresh, readEvents, warnings: bench.log.warnings };
}

const rightAnswers = {
  again: { accepted: true, replayed: true },
  taken: { accepted: false, code: "taken" },
  fresh: { accepted: true, replayed: false },
};

function expectUnbroken(memory: MemoryEventStore): void {
  const events = memory.eventsOf(STREAM);
  const last = JSON.parse(events.at(-1)?.metadata ?? "") as { previousHash: string };
  expect(last.previousHash).toBe(eventHash(events.at(-2) as (typeof events)[number]));
}

describe("snapshots", () => {
  it("stand for what was before: state, keys and chain, with only the tail read", async () => {
    const { bench, texts } = await closed();
    await foreignWrite(bench.store, "x");
    const { readEvents, warnings, ...answers } = await restart(bench.store, texts);
    expect(answers).toMatchObject(rightAnswers);
    expect(readEvents).toBeLessThan(10);
    expect(warnings).toEqual([]);
    expectUnbroken(bench.store);
  });

  it.each<[string, (snapshot: Snapshot) => object]>([
    ["of another history", (snapshot) => ({ ...snapshot, eventId: "00000000-0000-4000-8000-000000000000" })],
    ["of another history with the same ids", (snapshot) => ({ ...snapshot, hash: "A".repeat(43) })],
    ["of a revision that the stream does not have", (snapshot) => ({ ...snapshot, revision: 5_000 })],
    ["with a state that can't be read", (snapshot) => ({ ...snapshot, state: null })],
    ["with keys that can't be read", (snapshot) => ({ ...snapshot, keys: {} })],
    ["without anything", () => ({ stateVersion: ledgerFormat.version })],
  ])("%s: ignored, said so, and the stream is replayed", async (_, spoil) => {
    const { bench, texts, snapshot } = await closed();
    texts.texts.set(STREAM, JSON.stringify(spoil(snapshot)));
    const { readEvents, warnings, ...answers } = await restart(bench.store, texts);
    expect(answers).toMatchObject(rightAnswers);
    expect(readEvents).toBeGreaterThan(600);
    expect(warnings).toHaveLength(1);
    expectUnbroken(bench.store);
  });

  it("of another state version: ignored", async () => {
    const { bench, texts, snapshot } = await closed();
    texts.texts.set(STREAM, JSON.stringify({ ...snapshot, stateVersion: 2 }));
    const { readEvents, ...answers } = await restart(bench.store, texts);
    expect(answers).toMatchObject(rightAnswers);
    expect(readEvents).toBeGreaterThan(600);
  });

  it("that failed once are out of the way of the next", async () => {
    const { bench, texts, snapshot } = await closed();
    texts.texts.set(STREAM, JSON.stringify({ ...snapshot, revision: 5_000, eventId: "another history's" }));
    const next = ledgerBench({ memory: bench.store, snapshots: { store: texts, format: ledgerFormat } });
    await all([next.send(write("b"))]);
    expect(texts.texts.has(STREAM)).toBe(false);
    await next.runner.close(1_000);
    expect(JSON.parse(texts.texts.get(STREAM) ?? "null")).toMatchObject({ revision: 600 });
  });

  it("can't be said to be there or not: the command is unavailable, and the stream is not replayed for it", async () => {
    const { bench, texts } = await closed();
    const { load } = texts;
    texts.load = async () => {
      throw new StoreUnavailable("Postgres is away");
    };
    const next = ledgerBench({ memory: bench.store, snapshots: { store: texts, format: ledgerFormat } });
    const reads = bench.store.reads;
    const refused = next.send(write("b"));
    await settled();
    expect(refused.error).toBeInstanceOf(StoreUnavailable);
    expect(bench.store.reads).toBe(reads);
    texts.load = load;
    await all([next.send(write("b"))]);
    expect(next.log.warnings).toEqual([]);
  });

  it("a store of snapshots that fails otherwise costs time only", async () => {
    const { bench, texts } = await closed();
    const fail = async () => {
      throw new Error("broken");
    };
    Object.assign(texts, { load: fail, save: fail, discard: fail });
    const { readEvents, warnings, ...answers } = await restart(bench.store, texts);
    expect(answers).toMatchObject(rightAnswers);
    expect(warnings).toHaveLength(2);
    const late = ledgerBench({ memory: bench.store, snapshots: { store: texts, format: ledgerFormat } });
    await all([late.send(write("c"))]);
    await late.runner.close(1_000);
    expect(late.log.warnings).toHaveLength(3);
  });

  it("a format that can't write a state costs time only", async () => {
    const texts = memorySnapshots();
    const format = {
      ...ledgerFormat,
      write: () => {
        throw new Error("can't be written");
      },
    };
    const { send, runner, log, written } = ledgerBench({ snapshots: { store: texts, format } });
    for (const name of ["a", "b", "c", "d", "e"]) await all([send(write(name, { parts: 1_300 }))]);
    await runner.close(1_000);
    expect(written()).toHaveLength(6_500);
    expect(log.warnings.every((warning) => warning === "snapshot not saved")).toBe(true);
    expect(log.warnings.length).toBeGreaterThan(0);
  });

  it("are taken from what is durable only: nothing of a batch under way is in them", async () => {
    const texts = memorySnapshots();
    const { send, store } = ledgerBench({ snapshots: { store: texts, format: ledgerFormat } });
    for (let i = 0; i < 4; i += 1) await all([send(write(`${i}`, { parts: 1_300 }))]);
    expect(texts.saves).toBe(1);
    const taken = JSON.parse(texts.texts.get(STREAM) ?? "") as Snapshot;
    expect(taken.revision).toBe(5_199);
    expect(taken.eventId).toBe(store.eventsOf(STREAM)[5_199]?.id);
    for (let i = 4; i < 7; i += 1) await all([send(write(`${i}`, { parts: 1_300 }))]);
    store.failNextAppend("unknown-before");
    send(write("7", { parts: 1_300 }));
    await settled();
    expect(texts.saves).toBe(1);
  });

  it("one at a time is written and ten seconds apart, however fast a stream grows", async () => {
    const texts = memorySnapshots();
    const saving = Promise.withResolvers<void>();
    const save = texts.save.bind(texts);
    texts.save = async (snapshot) => {
      await save(snapshot);
      await saving.promise;
    };
    const { send, surroundings } = ledgerBench({ snapshots: { store: texts, format: ledgerFormat } });
    for (let i = 0; i < 20; i += 1) await all([send(write(`${i}`, { parts: 1_300 }))]);
    expect(texts.saves).toBe(1);
    saving.resolve();
    await surroundings.advance(9_000);
    for (let i = 20; i < 22; i += 1) await all([send(write(`sooner ${i}`, { parts: 1_300 }))]);
    expect(texts.saves).toBe(1);
    await surroundings.advance(1_000);
    for (let i = 20; i < 22; i += 1) await all([send(write(`${i}`, { parts: 1_300 }))]);
    expect(texts.saves).toBe(2);
  });
});
