import { describe, expect, it, vi } from "vitest";
import { KEY_WINDOW_MS } from "../../src/commands/key-window.ts";
import { KeyReused } from "../../src/commands/outcome.ts";
import type { Snapshot } from "../../src/commands/snapshots.ts";
import { eventHash } from "../../src/eventstore/envelope.ts";
import { StoreUnavailable } from "../../src/eventstore/port.ts";
import { START_MS, settled } from "../support/surroundings.ts";
import { ledgerFormat } from "./ledger.ts";
import { all, erase, type LedgerBench, ledgerBench, memorySnapshots, STREAM, write } from "./running.ts";

/** Same first 64 bits, another key. */
const COLLIDING = [`${"A".repeat(11)}${"x".repeat(32)}`, `${"A".repeat(11)}${"y".repeat(32)}`] as const;

describe("two keys with one fingerprint", () => {
  it("are two keys: the second is decided", async () => {
    const { send, written } = ledgerBench();
    await all([send(write("a"), { keyHash: COLLIDING[0] })]);
    const [other] = await all([send(write("b"), { keyHash: COLLIDING[1] })]);
    expect(other).toMatchObject({ accepted: true, replayed: false });
    expect(written()).toEqual(["a", "b"]);
  });

  it("also when the second one's append meets a conflict", async () => {
    const { send, store, written } = ledgerBench();
    await all([send(write("a"), { keyHash: COLLIDING[0] })]);
    const other = ledgerBench({ memory: store, store: store.elsewhere });
    store.beforeNextAppend(() => other.send(write("b"), { keyHash: COLLIDING[1] }).promise);
    const [answered] = await all([send(write("b"), { keyHash: COLLIDING[1] })]);
    expect(answered).toMatchObject({ accepted: true, replayed: true, events: [{ stored: { revision: 1 } }] });
    expect(written()).toEqual(["a", "b"]);
  });

  it("are told apart in one batch", async () => {
    const { send, written } = ledgerBench();
    const outcomes = await all(COLLIDING.map((keyHash, index) => send(write(`${index}`), { keyHash })));
    expect(outcomes.map((outcome) => outcome.accepted && outcome.replayed)).toEqual([false, false]);
    expect(written()).toEqual(["0", "1"]);
  });
});

describe("keys beyond the window", () => {
  it("are not asked for while nothing has been forgotten", async () => {
    const findOlderKey = vi.fn(async () => null);
    const { send } = ledgerBench({ findOlderKey });
    await all([send(write("a"), { key: "k" })]);
    await all([send(write("b"), { key: "l" })]);
    expect(findOlderKey).not.toHaveBeenCalled();
  });

  it("are asked for, up to the revision that was forgotten, and the event found answers", async () => {
    const findOlderKey = vi.fn(async () => 0);
    const { send, written } = await forgetful({ findOlderKey });
    const [again] = await all([send(write("a"), { key: "k" })]);
    expect(findOlderKey).toHaveBeenCalledExactlyOnceWith(STREAM, expect.any(String), 1);
    expect(again).toMatchObject({ accepted: true, replayed: true, events: [{ stored: { revision: 0 } }] });
    expect(written()).toEqual(["a", "b", "-b"]);
  });

  it("with another body are refused as reused", async () => {
    const { send } = await forgetful({ findOlderKey: async () => 0 });
    const reused = send(write("c"), { key: "k", body: "other" });
    await settled();
    expect(reused.error).toBeInstanceOf(KeyReused);
  });

  it("that nobody knows are decided, and asked for once, whatever conflicts come", async () => {
    const findOlderKey = vi.fn(async () => null);
    const { send, store, written } = await forgetful({ findOlderKey });
    const other = ledgerBench({ memory: store, store: store.elsewhere });
    store.beforeNextAppend(() => other.send(write("x")).promise);
    const [fresh] = await all([send(write("c"), { key: "new" })]);
    expect(fresh).toMatchObject({ accepted: true, replayed: false });
    expect(findOlderKey).toHaveBeenCalledTimes(1);
    expect(written()).toEqual(["a", "b", "-b", "x", "c"]);
  });

  it("that are still in the window, and commands without a key, ask nobody", async () => {
    const findOlderKey = vi.fn(async () => null);
    const { send } = await forgetful({ findOlderKey });
    const [erased] = await all([send(erase("b"), { key: "e" }), send(write("c"))]);
    expect(erased).toMatchObject({ accepted: true, replayed: true });
    expect(findOlderKey).not.toHaveBeenCalled();
  });

  it("are not asked for any more when all that was forgotten is older than 24 hours", async () => {
    const findOlderKey = vi.fn(async () => null);
    const { send, surroundings } = await forgetful({ findOlderKey });
    await surroundings.advance(KEY_WINDOW_MS);
    await all([send(write("c"), { key: "new" })]);
    expect(findOlderKey).not.toHaveBeenCalled();
  });

  it("when asking fails, only those who had to ask fail; nothing of theirs is recorded", async () => {
    let asked = 0;
    const findOlderKey = async (): Promise<number | null> => {
      asked += 1;
      if (asked > 1) return null;
      throw new StoreUnavailable("the read model is away");
    };
    const { send, written } = await forgetful({ findOlderKey });
    const [lost, other] = [send(write("c"), { key: "new" }), send(write("d"))];
    await settled();
    expect(lost.error.message).toBe("the read model is away");
    expect(other.value.accepted).toBe(true);
    const [again] = await all([send(write("c"), { key: "new" })]);
    expect(again).toMatchObject({ accepted: true, replayed: false });
    expect(written()).toEqual(["a", "b", "-b", "d", "c"]);
  });
});

/** A runner whose window had to forget what the first two events answered: `a` under the key `k`, and `b`. */
async function forgetful(options: {
  readonly findOlderKey: (stream: string, keyHash: string, upTo: number) => Promise<number | null>;
}): Promise<LedgerBench> {
  const before = ledgerBench();
  await all([before.send(write("a"), { key: "k" })]);
  await all([before.send(write("b"))]);
  const store = memorySnapshots();
  const last = before.store.eventsOf(STREAM)[1];
  const snapshot: Snapshot = {
    stream: STREAM,
    stateVersion: ledgerFormat.version,
    revision: 1,
    eventId: last?.id ?? "",
    hash: last === undefined ? "" : eventHash(last),
    atMs: START_MS,
    keys: { forgottenUpTo: 1, forgottenAtMs: START_MS, segments: [] },
    state: {
      entries: 2,
      names: [
        ["a", START_MS],
        ["b", START_MS],
      ],
    },
  };
  await store.save(snapshot);
  await all([before.send(erase("b"), { key: "e" })]);
  return ledgerBench({ memory: before.store, snapshots: { store, format: ledgerFormat }, ...options });
}
