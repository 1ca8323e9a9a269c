import { describe, expect, it } from "vitest";
import { settled } from "../support/surroundings.ts";
import { all, type LedgerBench, ledgerBench, STREAM, write } from "./running.ts";

const streams = (count: number): string[] => Array.from({ length: count }, (_, index) => `ledger-${index}`);

/** Reads of the store that a command to this stream took. */
async function readsFor(bench: LedgerBench, stream: string, name: string): Promise<number> {
  const before = bench.store.reads;
  await all([bench.send(write(name), { stream })]);
  return bench.store.reads - before;
}

describe("aggregates in memory", () => {
  it("a stream that is warm is not read again", async () => {
    const bench = ledgerBench();
    expect(await readsFor(bench, "ledger-1", "a")).toBe(1);
    expect(await readsFor(bench, "ledger-1", "b")).toBe(0);
  });

  it("what was used longest ago goes first when there is no more room", async () => {
    const bench = ledgerBench({ maxCachedEntries: 350 });
    for (const stream of streams(3)) await readsFor(bench, stream, "a");
    expect(await readsFor(bench, "ledger-0", "b")).toBe(0);
    expect(await readsFor(bench, "ledger-3", "a")).toBe(1);
    expect(await readsFor(bench, "ledger-0", "c")).toBe(0);
    expect(await readsFor(bench, "ledger-1", "b")).toBe(1);
  });

  it("streams that are busy are kept whatever the room; all is right when they are idle again", async () => {
    const bench = ledgerBench({ maxCachedEntries: 250 });
    const { send, store } = bench;
    const gates = streams(10).map(() => store.holdNextAppend());
    const held = streams(10).map((stream) => send(write("a"), { stream }));
    await Promise.all(gates.map((gate) => gate.reached));
    const waiting = streams(10).flatMap((stream) => [send(write("a"), { stream }), send(write("b"), { stream })]);
    for (const gate of gates) gate.release();
    await all(held);
    const outcomes = await all(waiting);
    expect(outcomes.map((outcome) => outcome.accepted)).toEqual(streams(10).flatMap(() => [false, true]));
    const warm = await Promise.all(streams(10).map((stream) => readsFor(bench, stream, "c")));
    expect(warm.filter((reads) => reads === 0).length).toBeLessThanOrEqual(2);
    for (const stream of streams(10)) expect(store.eventsOf(stream)).toHaveLength(3);
  });

  it("an aggregate larger than the cache is kept, alone, rather than loaded for every command", async () => {
    const bench = ledgerBench({ maxCachedEntries: 50 });
    expect(await readsFor(bench, "ledger-1", "a")).toBe(1);
    for (const name of ["b", "c"]) expect(await readsFor(bench, "ledger-1", name)).toBe(0);
    expect(await readsFor(bench, "ledger-2", "a")).toBe(1);
    expect(await readsFor(bench, "ledger-1", "d")).toBe(1);
    expect(bench.store.eventsOf("ledger-1")).toHaveLength(4);
  });

  it("an aggregate that was loaded ahead answers its first command without a read", async () => {
    const before = ledgerBench();
    await before.send(write("a")).promise;
    const after = ledgerBench({ memory: before.store });
    await after.runner.warm([STREAM], new AbortController().signal);
    expect(await readsFor(after, STREAM, "b")).toBe(0);
    expect(after.written()).toEqual(["a", "b"]);
  });

  it("what is loaded ahead is not more than the time allows", async () => {
    const { runner, store } = ledgerBench();
    await runner.warm([STREAM], AbortSignal.abort());
    expect(store.reads).toBe(0);
  });

  it("an aggregate may weigh a fraction of an entry", async () => {
    const bench = ledgerBench({ entriesOf: () => 0.5 });
    expect(await readsFor(bench, "ledger-1", "a")).toBe(1);
    expect(await readsFor(bench, "ledger-1", "b")).toBe(0);
  });

  it("commands that come in the very moment a stream falls idle are not lost", async () => {
    const { send, runner } = ledgerBench({ maxCachedEntries: 250 });
    const answers: boolean[] = [];
    const again = (left: number): void => {
      if (left === 0) return;
      void send(write(`${left}`), { stream: `ledger-${left % 4}` }).promise.then((outcome) => {
        answers.push(outcome.accepted);
        again(left - 1);
      });
    };
    again(50);
    await settled();
    expect(answers).toEqual(Array(50).fill(true));
    expect(runner.figures()).toMatchObject({ busyStreams: 0, waitingCommands: 0 });
  });
});
