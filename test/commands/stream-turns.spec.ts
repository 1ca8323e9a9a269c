import { describe, expect, it } from "vitest";
import type { StreamTurns } from "../../src/commands/stream-turns.ts";
import type { StoredEvent } from "../../src/eventstore/port.ts";
import { settled } from "../support/surroundings.ts";
import { all, foreignErase, foreignWrite, ledgerBench, STREAM, write } from "./running.ts";

describe("turns between nodes", () => {
  it("are not asked for by who meets nobody, nor after one conflict", async () => {
    const turns = scriptedTurns();
    const { send, store } = ledgerBench({ turns });
    await all([send(write("a"))]);
    store.beforeNextAppend(() => foreignWrite(store, "x"));
    await all([send(write("b"))]);
    expect(turns.log).toEqual([]);
  });

  it("are waited for after two conflicts in a row, in place of a pause, and given on after the batch", async () => {
    const turns = scriptedTurns();
    const { send, store, surroundings, written } = ledgerBench({ turns });
    conflictTwice(store);
    const a = send(write("a"));
    await settled();
    expect(turns.log).toEqual([`ask ${STREAM}`]);
    expect(store.appends).toHaveLength(2);
    await foreignWrite(store, "z"); // by who has the turn
    turns.give();
    await settled();
    expect(a.value.accepted).toBe(true);
    expect(written()).toEqual(["x", "y", "z", "a"]);
    expect(turns.log).toEqual([`ask ${STREAM}`, "taken", "released"]);
    expect(surroundings.pauses.filter((ms) => ms < 20)).toEqual([]);
  });

  it("come before the next batch, which gathers until then and is decided once, on what the others wrote", async () => {
    const turns = scriptedTurns();
    const { send, store, written } = ledgerBench({ turns });
    await meetOthers({ send, store }, turns);
    const before = store.appends.length;
    const sent = [send(write("b"))];
    await settled();
    await foreignWrite(store, "z");
    sent.push(send(write("c")), send(write("z")));
    turns.give();
    await settled();
    expect(sent.map(({ value }) => value.accepted)).toEqual([true, true, false]);
    expect(store.appends.length - before).toBe(1);
    expect(written().slice(-3)).toEqual(["z", "b", "c"]);
  });

  it("bring what the others wrote, which is not read again", async () => {
    const turns = scriptedTurns();
    const { send, store, written } = ledgerBench({ turns });
    await meetOthers({ send, store }, turns);
    const sent = [send(write("b")), send(write("z"))];
    await settled();
    const known = store.eventsOf(STREAM).length;
    await foreignWrite(store, "z");
    const reads = store.reads;
    turns.give(store.eventsOf(STREAM).slice(known));
    await settled();
    expect(turns.asked.at(-1)).toBe(known - 1);
    expect(sent.map(({ value }) => value.accepted)).toEqual([true, false]);
    expect(written().slice(-2)).toEqual(["z", "b"]);
    expect(store.reads).toBe(reads);
  });

  it("bring what was there when they were given: who comes later is not refused by it", async () => {
    const turns = scriptedTurns();
    const { send, store } = ledgerBench({ turns });
    await meetOthers({ send, store }, turns);
    const first = send(write("a"));
    await settled();
    const known = store.eventsOf(STREAM).length;
    await foreignWrite(store, "z");
    const tail = store.eventsOf(STREAM).slice(known); // as Postgres read it; on its way from here on
    await foreignErase(store, "z"); // by a node that takes no turns
    const later = send(write("z")); // when it is on record that there is no z
    turns.give(tail);
    await settled();
    expect(later.value.accepted).toBe(true);
    expect(first.value.accepted).toBe(false);
  });

  it("are no longer taken when nobody else was there for a while", async () => {
    const turns = scriptedTurns();
    const { send, store, surroundings } = ledgerBench({ turns });
    await meetOthers({ send, store }, turns);
    await surroundings.advance(300);
    const asked = turns.log.length;
    await all([send(write("b"))]);
    expect(turns.log).toHaveLength(asked);
  });

  it("that are not to be had are done without, after a random pause", async () => {
    const turns = scriptedTurns();
    const { send, store, surroundings } = ledgerBench({ turns });
    surroundings.randomNext(0.5);
    conflictTwice(store);
    const a = send(write("a"));
    await settled();
    turns.refuse();
    await settled();
    expect(a.state).toBe("pending");
    await surroundings.advance(4);
    expect(a.value.accepted).toBe(true);
  });

  it("are given on too when the store fails", async () => {
    const turns = scriptedTurns();
    const { send, store } = ledgerBench({ turns });
    await meetOthers({ send, store }, turns);
    store.beforeNextAppend(() => {
      throw new Error("broken");
    });
    const b = send(write("b"));
    await settled();
    turns.give();
    await settled();
    expect(b.state).toBe("rejected");
    expect(turns.log.slice(-2)).toEqual(["taken", "released"]);
  });
});

type Bench = Pick<ReturnType<typeof ledgerBench>, "send" | "store">;

function conflictTwice(store: Bench["store"]): void {
  for (const name of ["x", "y"]) store.beforeNextAppend(() => foreignWrite(store, name));
}

async function meetOthers({ send, store }: Bench, turns: ReturnType<typeof scriptedTurns>): Promise<void> {
  conflictTwice(store);
  const first = send(write("a"));
  await settled();
  turns.give();
  await settled();
  expect(first.value.accepted).toBe(true);
}

/** Turns that are given when the spec says so. */
function scriptedTurns() {
  const log: string[] = [];
  const asked: (number | null)[] = [];
  const asking: ((turn: Awaited<ReturnType<StreamTurns["take"]>>) => void)[] = [];
  return {
    log: log as readonly string[],
    /** Revisions that were known when they were asked for. */
    asked: asked as readonly (number | null)[],
    take(stream: string, after: number | null) {
      log.push(`ask ${stream}`);
      asked.push(after);
      return new Promise<Awaited<ReturnType<StreamTurns["take"]>>>((resolve) => asking.push(resolve));
    },
    /** @param tail of the stream after the revision that was asked for; null: it has to be read */
    give(tail: readonly StoredEvent[] | null = null) {
      log.push("taken");
      asking.shift()?.({ tail, release: () => void log.push("released") });
    },
    refuse() {
      log.push("refused");
      asking.shift()?.(null);
    },
  } satisfies StreamTurns & Record<string, unknown>;
}
