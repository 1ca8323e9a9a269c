import { describe, expect, it } from "vitest";
import { settled } from "../support/surroundings.ts";
import { all, ledgerBench, STREAM, write, written } from "./running.ts";

/** Sends while an append is held back, so that all of it waits; then lets it go. */
async function whileHeld(bench: ReturnType<typeof ledgerBench>, sendAll: () => void): Promise<string[][]> {
  const gate = bench.store.holdNextAppend();
  bench.send(write("before"));
  await gate.reached;
  sendAll();
  gate.release();
  await settled();
  return bench.store.appends.slice(1).map((call) => written(call.events));
}

const names = (prefix: string, count: number): string[] => Array.from({ length: count }, (_, i) => `${prefix}${i}`);

describe("lanes", () => {
  it("the first lane goes first, and each lane keeps its order", async () => {
    const bench = ledgerBench();
    const batches = await whileHeld(bench, () => {
      for (const name of names("n", 3)) bench.send(write(name));
      for (const name of names("f", 3)) bench.send(write(name), { lane: "first" });
    });
    expect(batches).toEqual([["f0", "f1", "f2", "n0", "n1", "n2"]]);
  });

  it("the normal lane gets a quarter of each batch, however full the first one is", async () => {
    const bench = ledgerBench({ limits: { maxBatch: 8 } });
    const batches = await whileHeld(bench, () => {
      for (const name of names("f", 20)) bench.send(write(name), { lane: "first" });
      for (const name of names("n", 20)) bench.send(write(name));
    });
    expect(batches.slice(0, 3)).toEqual([
      ["f0", "f1", "f2", "f3", "f4", "f5", "n0", "n1"],
      ["f6", "f7", "f8", "f9", "f10", "f11", "n2", "n3"],
      ["f12", "f13", "f14", "f15", "f16", "f17", "n4", "n5"],
    ]);
    expect(batches.flat().filter((name) => name.startsWith("n"))).toEqual(names("n", 20));
  });

  it("either lane gets what the other one leaves of a batch", async () => {
    const bench = ledgerBench({ limits: { maxBatch: 8 } });
    const batches = await whileHeld(bench, () => {
      bench.send(write("f0"), { lane: "first" });
      for (const name of names("n", 7)) bench.send(write(name));
      for (const name of names("m", 8)) bench.send(write(name), { lane: "first" });
    });
    expect(batches[0]).toEqual(["f0", "m0", "m1", "m2", "m3", "m4", "n0", "n1"]);
    expect(batches[1]).toEqual(["m5", "m6", "m7", "n2", "n3", "n4", "n5", "n6"]);
  });

  it("the normal lane gets on even where the first lane alone fills every append to its size", async () => {
    const bench = ledgerBench();
    const gate = bench.store.holdNextAppend();
    bench.send(write("before"));
    await gate.reached;
    const normal = bench.send(write("normal"));
    let more = 0;
    const refill = (): void => {
      for (let i = 0; i < 3; i += 1) bench.send(write(`f${more++}`, { bytes: 400_000 }), { lane: "first" });
    };
    refill();
    for (let append = 0; append < 6; append += 1) {
      bench.store.beforeNextAppend(async () => refill());
    }
    gate.release();
    await settled();
    expect(normal.state).toBe("resolved");
    const place = bench.store.appends.findIndex((call) => written(call.events).includes("normal"));
    expect(place).toBeLessThanOrEqual(3);
  });

  it("keys and answers are those of each command, whichever lane it came by", async () => {
    const bench = ledgerBench();
    const sent = [bench.send(write("n"), { key: "1" }), bench.send(write("f"), { key: "2", lane: "first" })];
    const answers = (await all(sent)).map((outcome) => outcome.accepted && outcome.events[0]?.event.data.name);
    expect(answers).toEqual(["n", "f"]);
    expect(bench.store.eventsOf(STREAM).map((event) => event.revision)).toEqual([0, 1]);
  });
});
