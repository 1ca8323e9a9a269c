import { describe, expect, it } from "vitest";
import { all, foreignWrite, ledgerBench, write } from "./running.ts";

const LARGE = 900 * 1024;

describe("a stream of large events, whose pages end early", () => {
  it("is loaded to its end, and so is what others appended to it", async () => {
    const first = ledgerBench();
    for (let number = 0; number < 12; number += 1) await first.send(write(`${number}`, { bytes: LARGE })).promise;
    const next = ledgerBench({ memory: first.store });
    const reads = next.store.reads;
    await all([next.send(write("a"))]);
    expect(next.store.reads - reads).toBe(2);
    for (let number = 12; number < 24; number += 1) await first.send(write(`${number}`, { bytes: LARGE })).promise;
    expect(await all([next.send(write("23")), next.send(write("b"))])).toMatchObject([
      { accepted: false, code: "taken" },
      { accepted: true },
    ]);
  });

  it("costs no more than one read otherwise", async () => {
    const { store, send } = ledgerBench();
    await all([send(write("a"))]);
    await foreignWrite(store, "b");
    const { reads } = store;
    expect(await all([send(write("b"))])).toMatchObject([{ accepted: false, code: "taken" }]);
    expect(store.reads - reads).toBe(1);
    await all([send(write("b"))]);
    expect(store.reads - reads).toBe(2);
  });
});
