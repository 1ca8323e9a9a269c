import { describe, expect, it } from "vitest";
import { settled } from "../support/surroundings.ts";
import { all, erase, foreignErase, foreignWrite, ledgerBench, write } from "./running.ts";

describe("conflicts", () => {
  it("the tail is read and the batch decided again, on what the other one wrote", async () => {
    const { send, store, written } = ledgerBench();
    await all([send(write("a"))]);
    store.beforeNextAppend(() => foreignWrite(store, "b"));
    const [b, c] = await all([send(write("b")), send(write("c"))]);
    expect(b).toMatchObject({ accepted: false, code: "taken" });
    expect(c?.accepted).toBe(true);
    expect(written()).toEqual(["a", "b", "c"]);
  });

  it("what was refused is decided again too", async () => {
    const { send, store, written } = ledgerBench();
    await all([send(write("a"))]);
    store.beforeNextAppend(() => foreignErase(store, "a"));
    const [a, b] = await all([send(write("a")), send(write("b"))]);
    expect([a?.accepted, b?.accepted]).toEqual([true, true]);
    expect(written()).toEqual(["a", "-a", "a", "b"]);
  });

  it("what the first decision staged is gone before the second", async () => {
    const { send, store, written } = ledgerBench();
    store.beforeNextAppend(() => foreignWrite(store, "x"));
    const outcomes = await all([send(write("a")), send(write("b")), send(erase("a"))]);
    expect(outcomes.map((outcome) => outcome.accepted)).toEqual([true, true, true]);
    expect(written()).toEqual(["x", "a", "b", "-a"]);
    const [again] = await all([send(write("a"))]);
    expect(again?.accepted).toBe(true);
  });

  it("a decision made again has fresh event ids: they are used again only for identical bytes", async () => {
    const { send, store } = ledgerBench();
    store.beforeNextAppend(() => foreignWrite(store, "x"));
    await all([send(write("a"))]);
    expect(store.appends.map((call) => call.expected)).toEqual(["no-stream", 0]);
    const ids = store.appends.flatMap((call) => call.events.map((event) => event.id));
    expect(new Set(ids).size).toBe(2);
  });

  it("pauses a random moment from the second conflict in a row on, and not before", async () => {
    const { send, store, surroundings } = ledgerBench();
    const conflictPauses = (): readonly number[] => surroundings.pauses.filter((ms) => ms < 20);
    surroundings.randomNext(0.25, 0.75);
    for (const name of ["x", "y", "z"]) store.beforeNextAppend(() => foreignWrite(store, name));
    const sent = send(write("a"));
    await settled();
    expect(store.appends).toHaveLength(2);
    expect(conflictPauses()).toEqual([2]);
    await surroundings.advance(1);
    expect(store.appends).toHaveLength(2);
    await surroundings.advance(1);
    expect(store.appends).toHaveLength(3);
    expect(conflictPauses()).toEqual([2, 6]);
    await surroundings.advance(6);
    expect(sent.value.accepted).toBe(true);
    store.beforeNextAppend(() => foreignWrite(store, "w"));
    await all([send(write("b"))]);
    expect(conflictPauses()).toEqual([2, 6]);
  });

  it("a command that another node answered meanwhile gets that answer and is not done twice", async () => {
    const { send, store, written } = ledgerBench();
    store.beforeNextAppend(() => foreignWrite(store, "a", { key: "k" }));
    const [replayed, other] = await all([send(write("a"), { key: "k" }), send(write("b"))]);
    expect(replayed).toMatchObject({ accepted: true, replayed: true, position: 1n });
    expect(other).toMatchObject({ accepted: true, replayed: false });
    expect(written()).toEqual(["a", "b"]);
  });

  it("a tail longer than a page of reads is read to its end", async () => {
    const { send, store, written } = ledgerBench();
    await all([send(write("a"))]);
    const other = ledgerBench({ memory: store, store: store.elsewhere });
    store.beforeNextAppend(async () => {
      for (let i = 0; i < 3; i += 1) await other.send(write(`wave${i}`, { parts: 1_500 })).promise;
    });
    const [b] = await all([send(write("b"))]);
    expect(b).toMatchObject({ accepted: true, events: [{ stored: { revision: 4501 } }] });
    expect(written().at(-1)).toBe("b");
  });
});
