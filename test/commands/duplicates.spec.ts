import { describe, expect, it } from "vitest";
import { KEY_WINDOW_MS } from "../../src/commands/key-window.ts";
import { KeyReused } from "../../src/commands/outcome.ts";
import { settled } from "../support/surroundings.ts";
import { all, erase, foreignErase, ledgerBench, STREAM, write } from "./running.ts";

describe("duplicates by key", () => {
  it("in the same batch: one effect, one answer", async () => {
    const { send, written } = ledgerBench();
    const [first, second] = await all([send(write("a"), { key: "k" }), send(write("a"), { key: "k" })]);
    if (!first?.accepted || !second?.accepted) throw new Error("refused");
    expect([first.replayed, second.replayed]).toEqual([false, true]);
    expect(second.events.at(-1)?.stored.id).toBe(first.events.at(-1)?.stored.id);
    expect(written()).toEqual(["a"]);
  });

  it("while the first is being appended: the second waits and gets its answer", async () => {
    const { send, store, written } = ledgerBench();
    const gate = store.holdNextAppend();
    const first = send(write("a"), { key: "k" });
    await gate.reached;
    const second = send(write("a"), { key: "k" });
    await settled();
    expect(second.state).toBe("pending");
    gate.release();
    const outcomes = await all([first, second]);
    expect(outcomes.map((outcome) => outcome.accepted && outcome.replayed)).toEqual([false, true]);
    expect(written()).toEqual(["a"]);
  });

  it("in a later batch, although the state has moved on", async () => {
    const { send, written } = ledgerBench();
    const [first] = await all([send(write("a"), { key: "k" })]);
    await all([send(erase("a")), send(write("b"))]);
    const [again, fresh] = await all([send(write("a"), { key: "k" }), send(write("c"))]);
    expect(again).toEqual({ ...first, replayed: true, events: [expect.objectContaining({ event: event("a") })] });
    expect(fresh?.accepted).toBe(true);
    expect(written()).toEqual(["a", "-a", "b", "c"]);
  });

  it("on another node", async () => {
    const one = ledgerBench();
    const two = ledgerBench({ memory: one.store });
    await all([two.send(write("x"))]);
    await all([one.send(write("a"), { key: "k" })]);
    const [again] = await all([two.send(write("a"), { key: "k" })]);
    expect(again).toMatchObject({ accepted: true, replayed: true, events: [{ event: event("a") }] });
    expect(one.written()).toEqual(["x", "a"]);
  });

  it("on two nodes at once", async () => {
    const one = ledgerBench();
    const two = ledgerBench({ memory: one.store });
    const sent = [one, two].flatMap(({ send }) => [send(write("a"), { key: "k" }), send(write("a"), { key: "k" })]);
    const outcomes = await all(sent);
    expect(outcomes.filter((outcome) => outcome.accepted && !outcome.replayed)).toHaveLength(1);
    expect(outcomes.every((outcome) => outcome.accepted)).toBe(true);
    expect(one.written()).toEqual(["a"]);
  });

  it("when a refusal would be the answer today, on a node that has not heard of the first", async () => {
    const one = ledgerBench();
    const two = ledgerBench({ memory: one.store });
    await all([two.send(write("x"))]);
    await all([one.send(erase("x"), { key: "k" })]);
    await all([one.send(write("x"))]);
    await all([one.send(erase("x"))]);
    const [again] = await all([two.send(erase("x"), { key: "k" })]);
    expect(again).toMatchObject({ accepted: true, replayed: true, events: [{ stored: { revision: 1 } }] });
  });

  it("after a restart", async () => {
    const before = ledgerBench();
    await all([before.send(write("a"), { key: "k" })]);
    const after = ledgerBench({ memory: before.store });
    const [again] = await all([after.send(write("a"), { key: "k" })]);
    expect(again).toMatchObject({ accepted: true, replayed: true, position: 1n });
    expect(after.written()).toEqual(["a"]);
  });

  it("after an unknown outcome that ended a process", async () => {
    const before = ledgerBench();
    before.store.failNextAppend("unknown-after");
    before.send(write("a"), { key: "k" });
    await settled();
    const after = ledgerBench({ memory: before.store });
    const [again] = await all([after.send(write("a"), { key: "k" })]);
    expect(again).toMatchObject({ accepted: true, replayed: true });
    expect(after.written()).toEqual(["a"]);
  });

  it("a command of several events is answered by its last, which alone carries the key", async () => {
    const { send, store, written } = ledgerBench();
    const keyed = write("a", { parts: 3 });
    await all([send(keyed, { key: "k" })]);
    const [again] = await all([send(keyed, { key: "k" })]);
    expect(again).toMatchObject({ accepted: true, replayed: true, events: [{ event: event("a/2") }] });
    const keys = store.eventsOf(STREAM).map(({ metadata }) => (JSON.parse(metadata) as { keyHash: unknown }).keyHash);
    expect(keys).toEqual([null, null, expect.any(String)]);
    expect(written()).toEqual(["a", "a/1", "a/2"]);
  });

  it("holds within 24 hours, to the millisecond, and no longer", async () => {
    const { send, surroundings, written } = ledgerBench();
    await all([send(write("a"), { key: "k" })]);
    await surroundings.advance(KEY_WINDOW_MS - 1);
    const [within] = await all([send(write("a"), { key: "k" })]);
    expect(within).toMatchObject({ accepted: true, replayed: true });
    await surroundings.advance(1);
    const [after] = await all([send(write("a"), { key: "k" })]);
    expect(after).toMatchObject({ accepted: false, code: "taken" });
    await all([send(erase("a"))]);
    const [afresh] = await all([send(write("a"), { key: "k" })]);
    expect(afresh).toMatchObject({ accepted: true, replayed: false });
    const [replayed] = await all([send(write("a"), { key: "k" })]);
    expect(replayed).toMatchObject({ accepted: true, replayed: true, events: [{ stored: { revision: 2 } }] });
    expect(written()).toEqual(["a", "-a", "a"]);
  });

  it("with another body the key is refused, in the same batch and later, and nothing is recorded", async () => {
    const { send, written } = ledgerBench();
    const sent = [send(write("a"), { key: "k", body: "1" }), send(write("b"), { key: "k", body: "2" })];
    await settled();
    expect(sent[0]?.value.accepted).toBe(true);
    expect(sent[1]?.error).toBeInstanceOf(KeyReused);
    const later = send(write("c"), { key: "k", body: "3" });
    const other = send(write("d"));
    await settled();
    expect(later.error).toBeInstanceOf(KeyReused);
    expect(other.value.accepted).toBe(true);
    expect(written()).toEqual(["a", "d"]);
  });

  it("the key of a refused command is free: it is decided afresh, with another body too", async () => {
    const { send, store, written } = ledgerBench();
    await all([send(write("a"))]);
    const [refused] = await all([send(write("a"), { key: "k", body: "1" })]);
    expect(refused?.accepted).toBe(false);
    await foreignErase(store, "a");
    const [afresh] = await all([send(write("a"), { key: "k", body: "2" })]);
    expect(afresh).toMatchObject({ accepted: true, replayed: false });
    expect(written()).toEqual(["a", "-a", "a"]);
  });

  it("in one batch too: a second command under a refused one's key is decided", async () => {
    const { send, written } = ledgerBench();
    await all([send(write("a"))]);
    const outcomes = await all([send(write("a"), { key: "k" }), send(erase("a")), send(write("a"), { key: "k" })]);
    expect(outcomes.map((outcome) => outcome.accepted && outcome.replayed)).toEqual([false, false, false]);
    expect(outcomes.map((outcome) => outcome.accepted)).toEqual([false, true, true]);
    expect(written()).toEqual(["a", "-a", "a"]);
  });

  it("a key whose append was not recorded is free", async () => {
    const { send, store, written } = ledgerBench();
    store.failNextAppend("unavailable");
    const lost = send(write("a"), { key: "k", body: "1" });
    await settled();
    expect(lost.error.name).toBe("StoreUnavailable");
    const { reads } = store;
    const [afresh] = await all([send(write("a"), { key: "k", body: "2" })]);
    expect(afresh).toMatchObject({ accepted: true, replayed: false });
    expect(store.reads).toBe(reads); // the key is not remembered, so no event is looked up for it
    expect(written()).toEqual(["a"]);
  });
});

const event = (name: string): object => ({ type: "Written", data: expect.objectContaining({ name }) });
