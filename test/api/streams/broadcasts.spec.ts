import { EventEmitter } from "node:events";
import type { Writable } from "node:stream";
import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, expect, it } from "vitest";
import { Broadcasts, type BroadcastsOptions } from "../../../src/api/streams/broadcasts.ts";
import { versionOf } from "../../../src/api/streams/event-text.ts";
import type { Position } from "../../../src/eventstore/port.ts";

/** A connection that takes what it is sent, until it is full. */
class Connection extends EventEmitter {
  readonly ids: number[] = [];
  heartbeats = 0;
  full = false;
  state: "open" | "ended" | "cut" = "open";

  write(bytes: Buffer): boolean {
    const id = /^id: (\d+)/.exec(bytes.toString())?.[1];
    if (id === undefined) this.heartbeats += 1;
    else this.ids.push(Number(id));
    return !this.full;
  }

  end(): void {
    this.#close("ended");
  }

  destroy(): void {
    this.#close("cut");
  }

  drain(): void {
    this.full = false;
    this.emit("drain");
  }

  #close(how: "ended" | "cut"): void {
    if (this.state !== "open") return;
    this.state = how;
    this.emit("close");
  }
}

const QUICK = { gapMs: 5, againMs: 5, heartbeatMs: 100_000, lifeMs: 100_000, stuckMs: 100_000 };
const opened: Broadcasts[] = [];
afterEach(() => {
  for (const broadcasts of opened.splice(0)) broadcasts.close();
});

/** A thing that stands at a revision; its position is the same number. */
function thing(limits: BroadcastsOptions["limits"] = {}) {
  const state = { revision: 1, loads: 0, fails: false, over: false };
  const warnings: string[] = [];
  const broadcasts = new Broadcasts({
    log: { warn: (_details, message) => void warnings.push(message) },
    limits: { ...QUICK, ...limits },
    async load(_topic, minPosition) {
      state.loads += 1;
      await sleep(1);
      if (state.fails) throw new Error("away");
      if (minPosition !== null && Number(minPosition) > state.revision) throw new Error("behind");
      return { version: versionOf(state.revision, {}), lastWords: state.over ? Buffer.from("over") : null };
    },
  });
  opened.push(broadcasts);
  return {
    broadcasts,
    state,
    warnings,
    listen(lastRevision: number | null = null, address = "192.0.2.1"): Connection {
      const connection = new Connection();
      const version = versionOf(state.revision, {});
      broadcasts.listen("it", { connection: connection as unknown as Writable, address }, version, lastRevision);
      return connection;
    },
    change(revision: number): void {
      state.revision = revision;
      broadcasts.changed(["it"], BigInt(revision) as Position);
    },
  };
}

const until = async (holds: () => boolean): Promise<void> => {
  for (const startedMs = performance.now(); !holds(); await sleep(1)) {
    if (performance.now() - startedMs > 5_000) throw new Error("it does not come about");
  }
};

it("loads a change once for all who listen, and tells them all", async () => {
  const { listen, change, state } = thing();
  const all = Array.from({ length: 300 }, () => listen());
  await until(() => state.loads === 1);
  change(2);
  await until(() => all.every(({ ids }) => ids.at(-1) === 2));
  expect(all.every(({ ids }) => ids.join() === "1,2")).toBe(true);
  // The first load may have seen the change already; then the one for the change is still to come.
  await until(() => state.loads >= 2);
  expect(state.loads).toBe(2);
});

it("leaves out what changes faster than it may tell, and ends at the newest", async () => {
  const { listen, change } = thing({ gapMs: 50 });
  const connection = listen();
  for (let revision = 2; revision <= 30; revision += 1) {
    change(revision);
    await sleep(1);
  }
  await until(() => connection.ids.at(-1) === 30);
  expect(connection.ids.length).toBeLessThan(10);
});

it("keeps nothing for a slow one but the newest, which it gets when there is room", async () => {
  const { listen, change } = thing();
  const [slow, quick] = [listen(), listen()];
  slow.full = true;
  change(2);
  await until(() => quick.ids.includes(2));
  for (const revision of [3, 4, 5]) {
    change(revision);
    await until(() => quick.ids.includes(revision));
  }
  expect(slow.ids).toEqual([1, 2]);
  slow.drain();
  expect(slow.ids).toEqual([1, 2, 5]);
});

it("cuts one that takes nothing for long, and lets one go whose time is over", async () => {
  const { listen, change, broadcasts } = thing({ heartbeatMs: 20, stuckMs: 60, lifeMs: 400 });
  const [stuck, fine] = [listen(), listen()];
  stuck.full = true;
  change(2);
  await until(() => stuck.state === "cut");
  expect(fine.state).toBe("open");
  expect(broadcasts.listeners).toBe(1);
  await until(() => fine.state === "ended");
  expect(fine.heartbeats).toBeGreaterThan(2);
  expect(broadcasts.listeners).toBe(0);
});

it("takes no more than so many, all topics together, and none any more when it is closed", () => {
  const { listen, broadcasts } = thing({ listeners: 2 });
  const [first] = [listen(), listen()];
  expect(broadcasts.isFull).toBe(true);
  first?.destroy();
  expect(broadcasts.isFull).toBe(false);
  const last = listen();
  broadcasts.close();
  expect([last.state, broadcasts.isFull]).toEqual(["ended", true]);
});

it("takes no more than so many from one address, and as many again as have gone", () => {
  const { listen, broadcasts } = thing({ ofOneAddress: 2 });
  const [first] = [listen(), listen(), listen(null, "192.0.2.2")];
  expect(() => broadcasts.checkRoom("192.0.2.1")).toThrow(expect.objectContaining({ code: "rate-limited" }));
  expect(() => broadcasts.checkRoom("192.0.2.2")).not.toThrow();
  first?.destroy();
  expect(() => broadcasts.checkRoom("192.0.2.1")).not.toThrow();
});

it("tries again while the newest can't be had", async () => {
  const { listen, change, state, warnings } = thing();
  const connection = listen();
  await until(() => state.loads === 1);
  state.fails = true;
  change(2);
  await until(() => warnings.length >= 2);
  expect(connection.ids).toEqual([1]);
  state.fails = false;
  await until(() => connection.ids.at(-1) === 2);
});

it("says when there will be nothing new, also when nobody tells of it", async () => {
  const { listen, state } = thing({ heartbeatMs: 20 });
  const connection = listen();
  await until(() => state.loads === 1);
  state.over = true;
  await until(() => connection.state === "ended");
});

it("looks again when all may have changed", async () => {
  const { listen, broadcasts, state } = thing();
  const connection = listen();
  await until(() => state.loads === 1);
  state.revision = 7;
  broadcasts.changed(null, 7n);
  await until(() => connection.ids.at(-1) === 7);
});
