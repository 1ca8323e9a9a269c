import { describe, expect, it } from "vitest";
import type { StoredEvent } from "../../src/eventstore/port.ts";
import { ClockLost } from "../../src/ports.ts";
import { START_MS, settled } from "../support/surroundings.ts";
import { ledger } from "./ledger.ts";
import { all, erase, foreignWrite, ledgerBench, STREAM, write } from "./running.ts";

describe("faults", () => {
  it("a decider that throws for one command fails that one only", async () => {
    const { send, written } = ledgerBench();
    const sent = [send(write("a")), send({ type: "Break" }), send(write("b"))];
    await settled();
    expect(sent[1]?.error.message).toBe("broken on purpose");
    expect([sent[0]?.value.accepted, sent[2]?.value.accepted]).toEqual([true, true]);
    expect(written()).toEqual(["a", "b"]);
  });

  it("alone in its batch too, and the stream goes on", async () => {
    const { send, written } = ledgerBench();
    const broken = send({ type: "Break" });
    await settled();
    expect(broken.error.message).toBe("broken on purpose");
    await all([send(write("a"))]);
    expect(written()).toEqual(["a"]);
  });

  it.each(["unavailable", "broken"] as const)(
    "an append that is '%s': all rolled back, the next right",
    async (fault) => {
      const { send, store, written } = ledgerBench();
      await all([send(write("a"))]);
      store.failNextAppend(fault);
      const lost = [send(write("b"), { key: "k" }), send(erase("a"))];
      await settled();
      for (const one of lost) expect(one.state).toBe("rejected");
      const outcomes = await all([send(write("b"), { key: "k" }), send(write("a")), send(erase("a"))]);
      expect(outcomes.map((outcome) => outcome.accepted && !outcome.replayed)).toEqual([true, false, true]);
      expect(written()).toEqual(["a", "b", "-a"]);
    },
  );

  it("an append that failed in an unknown way and was recorded after all is found when the stream is read", async () => {
    const { send, store, written } = ledgerBench();
    store.failNextAppend("broken");
    store.beforeNextAppend(async () => {});
    const lost = send(write("a"), { key: "k" });
    await settled();
    expect(lost.state).toBe("rejected");
    await foreignWrite(store, "a", { key: "k" });
    const [again] = await all([send(write("a"), { key: "k" })]);
    expect(again).toMatchObject({ accepted: true, replayed: true });
    expect(written()).toEqual(["a"]);
  });

  it("a store that is away for the load: StoreUnavailable, and then it is loaded", async () => {
    const { send, store, written } = ledgerBench();
    await foreignWrite(store, "a");
    store.goAway();
    const lost = send(write("b"));
    await settled();
    expect(lost.error.name).toBe("StoreUnavailable");
    store.comeBack();
    const [a, b] = await all([send(write("a")), send(write("b"))]);
    expect([a?.accepted, b?.accepted]).toEqual([false, true]);
    expect(written()).toEqual(["a", "b"]);
  });

  it("a failing read between a conflict and the next decision leaves a state that is right", async () => {
    const { send, store, written } = ledgerBench();
    await all([send(write("a"))]);
    store.beforeNextAppend(async () => {
      await foreignWrite(store, "x");
      store.failNextRead();
    });
    const lost = [send(write("b")), send(erase("a"))];
    await settled();
    expect(lost.map((one) => one.error.name)).toEqual(["StoreUnavailable", "StoreUnavailable"]);
    const outcomes = await all([send(write("b")), send(write("x")), send(write("a"))]);
    expect(outcomes.map((outcome) => outcome.accepted)).toEqual([true, false, false]);
    expect(written()).toEqual(["a", "x", "b"]);
  });

  it("an event that evolve chokes on while it is staged: the batch fails, and what is durable stays right", async () => {
    let choke = true;
    const evolve: typeof ledger.evolve = (state, event) => {
      if (choke && event.data.name === "b") throw new Error("choked");
      return ledger.evolve(state, event);
    };
    const { send, written } = ledgerBench({ decider: { ...ledger, evolve } });
    await all([send(write("a"))]);
    const sent = [send(write("c")), send(write("b"))];
    await settled();
    expect(sent.map((one) => one.error.message)).toEqual(["choked", "choked"]);
    choke = false;
    expect((await all([send(write("c")), send(write("a"))])).map((outcome) => outcome.accepted)).toEqual([true, false]);
    expect(written()).toEqual(["a", "c"]);
  });

  it("without a clock nothing is decided and nothing recorded; with one it goes on", async () => {
    const { send, store, surroundings, written } = ledgerBench();
    await all([send(write("a"))]);
    surroundings.loseClock();
    const lost = [send(write("b")), send(write("a"))];
    await settled();
    for (const one of lost) expect(one.error).toBeInstanceOf(ClockLost);
    expect(store.appends).toHaveLength(1);
    surroundings.setClock(START_MS + 5_000);
    expect((await all([send(write("b"))]))[0]?.accepted).toBe(true);
    expect(written()).toEqual(["a", "b"]);
  });
});

describe("time of events", () => {
  const times = (events: readonly StoredEvent[]): number[] =>
    events.map(({ metadata }) => Date.parse((JSON.parse(metadata) as { at: string }).at));

  it("is the clock's at the decision, one for the batch, and the commands see the same", async () => {
    const { send, store, surroundings } = ledgerBench();
    await surroundings.advance(1_234);
    await all([send(write("a")), send(write("b"))]);
    expect(times(store.eventsOf(STREAM))).toEqual([START_MS + 1_234, START_MS + 1_234]);
    const at = store.eventsOf(STREAM).map(({ data }) => (JSON.parse(data) as { at: number }).at);
    expect(at).toEqual([START_MS + 1_234, START_MS + 1_234]);
  });

  it("never goes below the last event's, whoever wrote that and however the clock jumps", async () => {
    const { send, store, surroundings } = ledgerBench();
    const ahead = ledgerBench({ memory: store });
    await all([send(write("a"))]);
    await ahead.surroundings.advance(60_000);
    await all([ahead.send(write("b"))]);
    await all([send(write("c"))]);
    surroundings.setClock(START_MS - 3_600_000);
    await all([send(write("d"))]);
    const restarted = ledgerBench({ memory: store });
    await all([restarted.send(write("e"))]);
    const written = times(store.eventsOf(STREAM)).map((at) => at - START_MS);
    expect(written).toEqual([0, 60_000, 60_000, 60_000, 60_000]);
  });
});
