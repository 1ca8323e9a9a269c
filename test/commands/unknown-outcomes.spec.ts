import { describe, expect, it } from "vitest";
import { InvalidAppend, OutcomeUnknown } from "../../src/eventstore/port.ts";
import { settled } from "../support/surroundings.ts";
import { all, foreignWrite, ledgerBench, STREAM, write } from "./running.ts";

const RESEND_MS = 100;

describe("unknown outcomes", () => {
  it.each(["unknown-before", "unknown-after"] as const)("%s: the same bytes and ids go out again", async (fault) => {
    const { send, store, surroundings, written } = ledgerBench();
    store.failNextAppend(fault);
    const sent = [send(write("a", { parts: 2 })), send(write("b"))];
    await settled();
    expect(sent.map((one) => one.state)).toEqual(["pending", "pending"]);
    await surroundings.advance(RESEND_MS);
    expect((await all(sent)).map((outcome) => outcome.accepted)).toEqual([true, true]);
    expect(store.appends).toHaveLength(2);
    const [first, second] = store.appends;
    expect(second?.events).toEqual(first?.events);
    expect([first?.expected, second?.expected]).toEqual(["no-stream", "no-stream"]);
    expect(written()).toEqual(["a", "a/1", "b"]);
  });

  it("goes on until the outcome is known, and decides nothing else before", async () => {
    const { send, store, surroundings, written } = ledgerBench();
    for (let i = 0; i < 5; i += 1) store.failNextAppend("unknown-before");
    const a = send(write("a"));
    await settled();
    const b = send(write("b"));
    for (let resend = 1; resend <= 5; resend += 1) {
      expect([a.state, b.state]).toEqual(["pending", "pending"]);
      expect(store.appends).toHaveLength(resend);
      await surroundings.advance(RESEND_MS);
    }
    await all([a, b]);
    expect(new Set(store.appends.slice(0, 6).map((call) => JSON.stringify(call.events))).size).toBe(1);
    expect(written()).toEqual(["a", "b"]);
  });

  it.each(["unavailable", "broken"] as const)("'%s' afterwards does not make it known", async (fault) => {
    const { send, store, surroundings, written } = ledgerBench();
    store.failNextAppend("unknown-after");
    store.failNextAppend(fault);
    store.failNextAppend(fault);
    const sent = send(write("a"));
    await surroundings.advance(RESEND_MS);
    await surroundings.advance(RESEND_MS);
    expect(sent.state).toBe("pending");
    await surroundings.advance(RESEND_MS);
    expect(sent.value.accepted).toBe(true);
    expect(new Set(store.appends.map((call) => JSON.stringify(call.events))).size).toBe(1);
    expect(written()).toEqual(["a"]);
  });

  it("recorded and then followed by others, it is still found to be recorded", async () => {
    const { send, store, surroundings, written } = ledgerBench();
    store.failNextAppend("unknown-after");
    const a = send(write("a"));
    await settled();
    await foreignWrite(store, "x");
    await surroundings.advance(RESEND_MS);
    expect(a.value).toMatchObject({ accepted: true, position: 1n });
    const [b] = await all([send(write("b"))]);
    expect(b).toMatchObject({ accepted: true, events: [{ stored: { revision: 2 } }] });
    expect(written()).toEqual(["a", "x", "b"]);
  });

  it("not recorded and overtaken by another: only then is it decided again", async () => {
    const { send, store, surroundings, written } = ledgerBench();
    store.failNextAppend("unknown-before");
    const a = send(write("a"));
    await settled();
    await foreignWrite(store, "a");
    await surroundings.advance(RESEND_MS);
    expect(a.value).toMatchObject({ accepted: false, code: "taken" });
    expect(written()).toEqual(["a"]);
  });

  it("an answer that it can never be recorded ends it: nothing goes on being sent for ever", async () => {
    const { send, store, surroundings } = ledgerBench();
    const { append } = store;
    store.append = async (...args) => {
      if (store.appends.length === 1) throw new InvalidAppend("ids-reused", "scripted");
      return await append.apply(store, args);
    };
    store.failNextAppend("unknown-before");
    const a = send(write("a"));
    await surroundings.advance(RESEND_MS);
    expect(a.error).toBeInstanceOf(InvalidAppend);
    store.append = append;
    expect((await all([send(write("b"))]))[0]?.accepted).toBe(true);
  });

  it("stuck for longer than maxOutcomeMs: the callers hear that it is unknown, and it is recorded once", async () => {
    const { send, store, surroundings, written } = ledgerBench({ limits: { maxOutcomeMs: 1_000, maxWaitMs: 60_000 } });
    for (let i = 0; i < 30; i += 1) store.failNextAppend("unknown-before");
    const a = send(write("a"), { key: "k" });
    await surroundings.advance(900);
    const b = send(write("b"));
    expect(a.state).toBe("pending");
    await surroundings.advance(400);
    expect(a.error).toBeInstanceOf(OutcomeUnknown);
    expect(b.state).toBe("pending");
    await surroundings.advance(3_000);
    expect(b.value.accepted).toBe(true);
    const [again] = await all([send(write("a"), { key: "k" })]);
    expect(again).toMatchObject({ accepted: true, replayed: true });
    expect(written()).toEqual(["a", "b"]);
  });

  it("stuck, given up, then overtaken by another: it is not run any more, and the next one is right", async () => {
    const { send, store, surroundings, written } = ledgerBench({ limits: { maxOutcomeMs: 1_000, maxWaitMs: 60_000 } });
    for (let i = 0; i < 30; i += 1) store.failNextAppend("unknown-before");
    const a = send(write("a"));
    await surroundings.advance(1_500);
    expect(a.error).toBeInstanceOf(OutcomeUnknown);
    await foreignWrite(store, "x");
    const b = send(write("b"));
    await surroundings.advance(3_000);
    expect(b.value.accepted).toBe(true);
    expect(written()).toEqual(["x", "b"]);
  });

  it("an append that hangs without an answer keeps its callers no longer than that either", async () => {
    const { send, store, surroundings, written } = ledgerBench({ limits: { maxOutcomeMs: 1_000 } });
    const gate = store.holdNextAppend();
    const a = send(write("a"));
    await gate.reached;
    await surroundings.advance(1_300);
    expect(a.error).toBeInstanceOf(OutcomeUnknown);
    gate.release();
    const [b] = await all([send(write("b"))]);
    expect(b?.accepted).toBe(true);
    expect(written()).toEqual(["a", "b"]);
    expect(store.eventsOf(STREAM)).toHaveLength(2);
  });
});
