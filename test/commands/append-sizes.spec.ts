import { describe, expect, it } from "vitest";
import { InvalidAppend, MAX_APPEND_BYTES } from "../../src/eventstore/port.ts";
import { settled } from "../support/surroundings.ts";
import { all, foreignWrite, ledgerBench, write } from "./running.ts";

const bytesOf = (events: readonly { id: string; type: string; data: string; metadata: string }[]): number =>
  events.reduce((sum, event) => sum + Buffer.byteLength(event.id + event.type + event.data + event.metadata), 0);

const names = (count: number): string[] => Array.from({ length: count }, (_, index) => `${index}`);

describe("sizes of appends", () => {
  it("no append is over 1 MiB; what doesn't fit comes in the next, in order, nothing lost or doubled", async () => {
    const { send, store, written } = ledgerBench({ limits: { maxBatch: 20 } });
    const outcomes = await all(names(50).map((name) => send(write(name, { bytes: 100_000 }), { key: name })));
    expect(outcomes.every((outcome) => outcome.accepted && !outcome.replayed)).toBe(true);
    expect(written()).toEqual(names(50));
    expect(store.appends.every((call) => bytesOf(call.events) <= MAX_APPEND_BYTES)).toBe(true);
    expect(store.appends.length).toBeLessThan(10);
  });

  it("also with conflicts in between", async () => {
    const { send, store, surroundings, written } = ledgerBench();
    for (let i = 0; i < 6; i += 1) store.beforeNextAppend(() => foreignWrite(store, `x${i}`));
    const sent = names(30).map((name) => send(write(name, { bytes: 100_000 }), { key: name }));
    await surroundings.advance(1_000);
    const outcomes = await all(sent);
    expect(outcomes.every((outcome) => outcome.accepted && !outcome.replayed)).toBe(true);
    expect(written().filter((name) => !name.startsWith("x"))).toEqual(names(30));
    expect(written().filter((name) => name.startsWith("x"))).toHaveLength(6);
  });

  it("also with unknown outcomes in between", async () => {
    const { send, store, surroundings, written } = ledgerBench();
    for (const fault of ["unknown-after", "unknown-before", "unknown-after"] as const) store.failNextAppend(fault);
    const sent = names(30).map((name) => send(write(name, { bytes: 100_000 }), { key: name }));
    await surroundings.advance(1_000);
    expect((await all(sent)).every((outcome) => outcome.accepted)).toBe(true);
    expect(written()).toEqual(names(30));
  });

  it("a command of its own append: one that is just under the limit goes alone", async () => {
    const { send, store, written } = ledgerBench();
    await all([send(write("a")), send(write("large", { bytes: 1_040_000 })), send(write("b"))]);
    expect(store.appends.map((call) => call.events.length)).toEqual([1, 1, 1]);
    expect(written()).toEqual(["a", "large", "b"]);
  });

  it("a command that can never fit fails alone: those beside it, refused or recorded, get their answers", async () => {
    const { send, written } = ledgerBench();
    await all([send(write("a"))]);
    const sent = [
      send(write("huge", { bytes: MAX_APPEND_BYTES })),
      send(write("a")),
      send({ type: "Look" }),
      send(write("b")),
    ];
    await settled();
    expect(sent[0]?.error).toBeInstanceOf(InvalidAppend);
    expect(sent.slice(1).map((one) => one.value.accepted)).toEqual([false, true, true]);
    expect(written()).toEqual(["a", "b"]);
  });

  it("housekeeping that leaves no room for the first command goes alone, and the command comes next", async () => {
    const { send, store, surroundings, written } = ledgerBench({ housekeeping: { type: "EraseBefore", ageMs: 1_000 } });
    for (let i = 0; i < 3; i += 1) await all([send(write(`old${i}`, { parts: 300 }))]);
    await surroundings.advance(2_000);
    const before = store.appends.length;
    const sent = send(write("large", { bytes: 700_000 }));
    await settled();
    expect(sent.value.accepted).toBe(true);
    expect(store.appends.slice(before).map((call) => call.events.length)).toEqual([900, 1]);
    expect(written().at(-1)).toBe("large");
  });

  it("housekeeping that can never fit is left out, and said so: commands go on", async () => {
    const housekeeping = { type: "EraseBefore", ageMs: 1_000 } as const;
    const { send, surroundings, log, written } = ledgerBench({ housekeeping });
    for (let i = 0; i < 3; i += 1) await all([send(write(`old${i}`, { parts: 900 }))]);
    await surroundings.advance(2_000);
    const sent = [send(write("a")), send(write("old0"))];
    await settled();
    expect(sent.map((one) => one.value.accepted)).toEqual([true, false]);
    expect(written()).toHaveLength(2_701);
    expect(log.warnings).toEqual(["housekeeping is too large for an append"]);
  });
});
