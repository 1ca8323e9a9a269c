import { describe, expect, it } from "vitest";
import { settled } from "../support/surroundings.ts";
import { all, erase, foreignErase, foreignWrite, ledgerBench, write } from "./running.ts";

describe("refusals", () => {
  it("what another node undid just before is seen: a refusal rests on a read begun after the command came", async () => {
    const { send, store, written } = ledgerBench();
    await all([send(write("a"))]);
    await foreignErase(store, "a");
    const [again] = await all([send(write("a"))]);
    expect(again?.accepted).toBe(true);
    expect(written()).toEqual(["a", "-a", "a"]);
  });

  it("a command that came during such a read waits for one of its own", async () => {
    const { send, store } = ledgerBench();
    await all([send(write("a"))]);
    const reading = store.holdNextRead();
    const first = send(write("a"));
    await reading.reached;
    const second = send(write("a"));
    store.beforeNextRead(() => foreignErase(store, "a"));
    reading.release();
    const outcomes = await all([first, second]);
    expect(outcomes.map((outcome) => outcome.accepted)).toEqual([false, true]);
  });

  it("one read serves a whole batch of refusals, and nothing is recorded", async () => {
    const { send, store } = ledgerBench();
    await all([send(write("a"))]);
    const before = store.reads;
    const outcomes = await all(Array.from({ length: 200 }, () => send(write("a"), { key: `${Math.random()}` })));
    expect(outcomes.every((outcome) => !outcome.accepted && outcome.code === "taken")).toBe(true);
    expect(store.reads - before).toBe(1);
    expect(store.appends).toHaveLength(1);
  });

  it("a refusal that rests on what the same batch records waits until that is durable", async () => {
    const { send, store, surroundings } = ledgerBench();
    store.failNextAppend("unknown-after");
    const [, refused] = [send(write("a")), send(write("a"))];
    await settled();
    expect(refused.state).toBe("pending");
    await surroundings.advance(100);
    expect(refused.value).toMatchObject({ accepted: false, code: "taken" });
  });

  it("a refusal that rests on what is then not recorded is not given", async () => {
    const { send, store } = ledgerBench();
    store.failNextAppend("unavailable");
    const [a, again] = [send(write("a")), send(write("a"))];
    await settled();
    expect([a.error.name, again.error.name]).toEqual(["StoreUnavailable", "StoreUnavailable"]);
  });

  it("'nothing to change' is answered like a refusal: from a state that was read after the command came", async () => {
    const { send, store } = ledgerBench();
    await all([send(write("a"))]);
    await foreignWrite(store, "b");
    const [looked] = await all([send({ type: "Look" })]);
    expect(looked).toMatchObject({ accepted: true, position: 2n });
  });

  it("details of a refusal come through", async () => {
    const { send } = ledgerBench();
    const [, taken, absent] = await all([send(write("a")), send(write("a")), send(erase("b"))]);
    expect(taken).toEqual({ accepted: false, code: "taken", details: { name: "a" } });
    expect(absent).toEqual({ accepted: false, code: "absent", details: {} });
  });

  it("when the read fails, the commands fail as unavailable and the next ones are right", async () => {
    const { send, store } = ledgerBench();
    await all([send(write("a"))]);
    store.failNextRead();
    const refused = send(write("a"));
    await settled();
    expect(refused.error.name).toBe("StoreUnavailable");
    const outcomes = await all([send(write("a")), send(write("b"))]);
    expect(outcomes.map((outcome) => outcome.accepted)).toEqual([false, true]);
  });
});
