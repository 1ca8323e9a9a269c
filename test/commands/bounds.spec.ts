import { describe, expect, it } from "vitest";
import { Busy } from "../../src/commands/outcome.ts";
import { settled } from "../support/surroundings.ts";
import { all, ledgerBench, STREAM, write } from "./running.ts";

describe("bounds", () => {
  it("more than maxWaiting wait: the rest is told Busy at once, and is not run", async () => {
    const { send, store, written } = ledgerBench({ limits: { maxWaiting: 3 } });
    const gate = store.holdNextAppend();
    const first = send(write("0"));
    await gate.reached;
    const sent = ["1", "2", "3", "4", "5"].map((name) => send(write(name)));
    await settled();
    expect(sent.map((one) => one.state)).toEqual(["pending", "pending", "pending", "rejected", "rejected"]);
    expect(sent[4]?.error).toBeInstanceOf(Busy);
    expect(sent[4]?.error).toMatchObject({ retryAfterSeconds: 1 });
    gate.release();
    await all([first, ...sent.slice(0, 3)]);
    expect(written()).toEqual(["0", "1", "2", "3"]);
    expect((await all([send(write("6"))]))[0]?.accepted).toBe(true);
  });

  it("who waits longer than maxWaitMs is told Busy, and is not run", async () => {
    const { send, store, surroundings, written } = ledgerBench({ limits: { maxWaitMs: 1_000, maxOutcomeMs: 60_000 } });
    const gate = store.holdNextAppend();
    const first = send(write("0"));
    await gate.reached;
    const old = [send(write("1"), { key: "k" }), send(write("2"), { lane: "first" })];
    await surroundings.advance(700);
    const young = send(write("3"));
    expect(old.map((one) => one.state)).toEqual(["pending", "pending"]);
    await surroundings.advance(600);
    for (const one of old) expect(one.error).toBeInstanceOf(Busy);
    expect(young.state).toBe("pending");
    gate.release();
    await all([first, young]);
    expect(written()).toEqual(["0", "3"]);
    const [again] = await all([send(write("1"), { key: "k" })]);
    expect(again).toMatchObject({ accepted: true, replayed: false });
  });

  it("the look-out goes on as long as anybody waits, and ends with it", async () => {
    const { send, store, surroundings } = ledgerBench();
    for (let round = 0; round < 2; round += 1) {
      const gate = store.holdNextAppend();
      send(write(`${round}`));
      await gate.reached;
      const waiting = send(write(`waits${round}`));
      await surroundings.advance(5_300);
      expect(waiting.error).toBeInstanceOf(Busy);
      gate.release();
      await surroundings.advance(1_000);
      const pauses = surroundings.pauses.length;
      await surroundings.advance(10_000);
      expect(surroundings.pauses.length).toBe(pauses);
    }
  });

  it("a load that takes too long is not run later", async () => {
    const { send, store, surroundings, written } = ledgerBench({ limits: { maxOutcomeMs: 1_000 } });
    const gate = store.holdNextRead();
    const sent = send(write("a"));
    await gate.reached;
    await surroundings.advance(1_500);
    expect(sent.state).toBe("rejected");
    gate.release();
    await settled();
    expect(written()).toEqual([]);
    expect((await all([send(write("b"))]))[0]?.accepted).toBe(true);
  });

  it("no more than maxBusyStreams streams are worked on at a time", async () => {
    const { send, store } = ledgerBench({ maxBusyStreams: 2 });
    const gates = [store.holdNextAppend(), store.holdNextAppend()];
    const busy = [send(write("a"), { stream: "ledger-1" }), send(write("a"), { stream: "ledger-2" })];
    await Promise.all(gates.map((gate) => gate.reached));
    const third = send(write("a"), { stream: "ledger-3" });
    const second = send(write("b"), { stream: "ledger-2" });
    await settled();
    expect(third.error).toBeInstanceOf(Busy);
    expect(store.eventsOf("ledger-3")).toEqual([]);
    for (const gate of gates) gate.release();
    await all([...busy, second]);
    expect((await all([send(write("a"), { stream: "ledger-3" })]))[0]?.accepted).toBe(true);
  });

  it("says how much waits and was done", async () => {
    const { send, store, runner } = ledgerBench();
    const gate = store.holdNextAppend();
    const sent = [send(write("a")), send(write("b"))];
    await gate.reached;
    sent.push(send(write("c")));
    expect(runner.figures()).toEqual({
      busyStreams: 1,
      waitingCommands: 1,
      waitingInLanes: { first: 0, normal: 1 },
      deepest: 1,
      batches: 0,
      commands: 0,
    });
    gate.release();
    await all(sent);
    expect(runner.figures()).toMatchObject({ busyStreams: 0, waitingCommands: 0, batches: 2, commands: 3 });
    expect(store.eventsOf(STREAM)).toHaveLength(3);
  });
});

describe("closing", () => {
  it("takes no more commands, not even for streams that are busy; those under way are finished first", async () => {
    const { send, store, runner, written } = ledgerBench();
    const gate = store.holdNextAppend();
    const sent = [send(write("a"))];
    await gate.reached;
    sent.push(send(write("b")));
    let closed = false;
    const closing = runner.close(1_000).then(() => {
      closed = true;
    });
    const late = [send(write("c")), send(write("c"), { stream: "ledger-2" })];
    await settled();
    for (const one of late) expect(one.error).toBeInstanceOf(Busy);
    expect(closed).toBe(false);
    gate.release();
    await closing;
    expect((await all(sent)).map((outcome) => outcome.accepted)).toEqual([true, true]);
    expect(written()).toEqual(["a", "b"]);
  });

  it("takes no longer than it is given", async () => {
    const { send, store, runner, surroundings } = ledgerBench();
    const gate = store.holdNextAppend();
    send(write("a"));
    await gate.reached;
    let closed = false;
    void runner.close(1_000).then(() => {
      closed = true;
    });
    await surroundings.advance(999);
    expect(closed).toBe(false);
    await surroundings.advance(1);
    expect(closed).toBe(true);
    gate.release();
  });
});
