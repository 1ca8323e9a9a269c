import { describe, expect, it } from "vitest";
import { settled } from "../support/surroundings.ts";
import { all, ledgerBench, STREAM, write, written } from "./running.ts";

describe("batches", () => {
  it("what arrives in the same turn of the event loop shares one append", async () => {
    const { send, store } = ledgerBench();
    const outcomes = await all([send(write("a")), send(write("b")), send(write("c"))]);
    expect(store.appends).toHaveLength(1);
    expect(written(store.eventsOf(STREAM))).toEqual(["a", "b", "c"]);
    expect(outcomes.map((outcome) => outcome.accepted && outcome.events[0]?.stored.revision)).toEqual([0, 1, 2]);
  });

  it("what waits during an append shares the next one, however much it is", async () => {
    const { send, store } = ledgerBench();
    const gate = store.holdNextAppend();
    send(write("first"));
    await gate.reached;
    const waiting = Array.from({ length: 300 }, (_, index) => send(write(`${index}`)));
    await settled();
    expect(store.appends).toHaveLength(1);
    gate.release();
    await all(waiting);
    expect(store.appends.map((call) => call.events.length)).toEqual([1, 300]);
    expect(store.appends.map((call) => call.expected)).toEqual(["no-stream", 0]);
  });

  it("a batch takes no more than maxBatch commands; the rest comes in the next ones, in order", async () => {
    const { send, store, written } = ledgerBench({ limits: { maxBatch: 10 } });
    const names = Array.from({ length: 35 }, (_, index) => `${index}`);
    await all(names.map((name) => send(write(name))));
    expect(store.appends.map((call) => call.events.length)).toEqual([10, 10, 10, 5]);
    expect(written()).toEqual(names);
  });

  it("nobody is answered before the append is durable, neither those recorded nor those refused", async () => {
    const { send, store } = ledgerBench();
    const gate = store.holdNextAppend();
    const sent = [send(write("a")), send(write("a")), send({ type: "Look" })];
    await gate.reached;
    await settled();
    expect(sent.map((one) => one.state)).toEqual(["pending", "pending", "pending"]);
    gate.release();
    expect((await all(sent)).map((outcome) => outcome.accepted)).toEqual([true, false, true]);
  });

  it("each command is decided on what those before it in the batch leave", async () => {
    const { send, written } = ledgerBench();
    const outcomes = await all([send(write("a")), send({ type: "Erase", name: "a" }), send(write("a"))]);
    expect(outcomes.every((outcome) => outcome.accepted)).toBe(true);
    expect(written()).toEqual(["a", "-a", "a"]);
  });

  it("the answer says where the events stand: revisions in the stream, a position at or after each", async () => {
    const { send, store } = ledgerBench();
    await all([send(write("a"), { stream: "ledger-other" })]);
    const [one, two, none] = await all([send(write("a", { parts: 2 })), send(write("b")), send({ type: "Look" })]);
    if (!one?.accepted || !two?.accepted || !none?.accepted) throw new Error("refused");
    expect(one.events.map((event) => event.stored.revision)).toEqual([0, 1]);
    expect(two.events.map((event) => event.stored.revision)).toEqual([2]);
    const last = store.eventsOf(STREAM).at(-1)?.position;
    expect([one.position, two.position, none.position]).toEqual([last, last, last]);
    expect(one.replayed).toBe(false);
  });

  it("streams don't wait for each other", async () => {
    const { send, store } = ledgerBench();
    const gate = store.holdNextAppend();
    const stuck = send(write("a"), { stream: "ledger-slow" });
    await gate.reached;
    await all([send(write("a"), { stream: "ledger-fast" })]);
    expect(stuck.state).toBe("pending");
    gate.release();
    await all([stuck]);
  });

  it("a command that finds nothing to change records nothing and gets the stream's position", async () => {
    const { send, store } = ledgerBench();
    await all([send(write("a"))]);
    const [looked] = await all([send({ type: "Look" })]);
    expect(looked).toEqual({ accepted: true, events: [], position: 1n, replayed: false });
    expect(store.appends).toHaveLength(1);
  });
});
