import { setImmediate as turn } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import { EVENT, OTHER, scripted } from "./scripted.ts";

describe("an event that is kept", () => {
  it("is loaded once, however many ask at once, and answered without a promise afterwards", async () => {
    const world = scripted();
    world.hold();
    const all = Array.from({ length: 50 }, () => world.revision());
    expect(world.loads).toHaveLength(1);
    world.loads[0]?.answer();
    expect(await Promise.all(all)).toEqual(Array(50).fill(1));
    expect(world.get()).toMatchObject({ revision: 1, staleForMs: 0 });
    expect(world.asked()).toBe(1);
  });

  it("is the same object until it changes, so that what is made of it can be kept", async () => {
    const world = scripted();
    await world.revision();
    const first = await world.get();
    expect((await world.get())?.event).toBe(first?.event);
    world.commit(EVENT);
    world.hear([EVENT]);
    await world.revision();
    await turn();
    expect((await world.get())?.event).not.toBe(first?.event);
  });

  it("is loaded again when it was touched, and not when others were", async () => {
    const world = scripted();
    await world.revision();
    world.commit(OTHER);
    world.hear([OTHER]);
    expect(await world.revision()).toBe(1);
    expect(world.asked()).toBe(1);
    world.commit(EVENT);
    world.hear([EVENT]);
    world.pass(51);
    expect(await world.revision()).toBe(3);
    expect(world.asked()).toBe(2);
  });

  it("is answered as it was for 50 ms while the new one is loaded; then readers wait for it", async () => {
    const world = scripted();
    await world.revision();
    world.hold();
    world.commit(EVENT);
    world.hear([EVENT]);
    expect(world.get()).toMatchObject({ revision: 1 });
    world.pass(50);
    expect(world.get()).toMatchObject({ revision: 1 });
    world.pass(1);
    const waiting = world.revision();
    expect(world.loads).toHaveLength(1);
    world.loads[0]?.answer();
    expect(await waiting).toBe(2);
  });

  it("is not the newest when it changed while it was loaded", async () => {
    const world = scripted();
    world.hold();
    const first = world.revision();
    world.commit(EVENT);
    world.hear([EVENT]);
    world.loads[0]?.answer(1n); // read before the change
    expect(await first).toBe(1);
    world.pass(100);
    const second = world.revision();
    world.loads[1]?.answer();
    expect(await second).toBe(2);
    expect(world.get()).toMatchObject({ revision: 2 });
  });

  it("is loaded again when many have changed, and when the tables were made anew", async () => {
    const world = scripted();
    await world.revision();
    world.commit(EVENT);
    world.hear(null);
    world.pass(51);
    expect(await world.revision()).toBe(2);
    world.pass(1);
    world.rebuilt();
    world.pass(1);
    await world.revision();
    expect(world.asked()).toBe(3);
  });

  it("is loaded again beside after a minute, whatever was heard", async () => {
    const world = scripted();
    await world.revision();
    world.pass(60_001);
    expect(world.get()).toMatchObject({ revision: 1 });
    await turn();
    expect(world.asked()).toBe(2);
    world.pass(1_000);
    world.get();
    expect(world.asked()).toBe(2);
  });

  it("makes room for others when there are too many", async () => {
    const world = scripted({ maxBytes: 300 });
    world.commit(OTHER);
    await world.revision(EVENT);
    await world.revision(OTHER);
    await world.revision(EVENT);
    expect(world.asked()).toBe(3);
  });
});

describe("a reader with a position", () => {
  it("is answered by what is kept, as far as nothing was heard to have changed it", async () => {
    const world = scripted();
    await world.revision();
    for (let made = 0; made < 5; made += 1) {
      const position = world.commit(OTHER);
      world.hear([OTHER]);
      expect(world.get(EVENT, position)).toMatchObject({ revision: 1 });
    }
    expect(world.asked()).toBe(1);
  });

  it("is not answered by what is kept when it has not heard so far, or it was touched", async () => {
    const world = scripted();
    await world.revision();
    const position = world.commit(EVENT); // not heard yet
    expect(await world.revision(EVENT, position)).toBe(2);
    const next = world.commit(EVENT);
    world.hear([EVENT]);
    expect(await world.revision(EVENT, next)).toBe(3);
  });

  it("waits until the read models have come so far", async () => {
    const world = scripted();
    await world.revision();
    const waiting = world.revision(EVENT, 2n);
    await turn();
    world.commit(EVENT);
    world.hear([EVENT]);
    expect(await waiting).toBe(2);
  });
});

describe("an event that is not there", () => {
  it("is asked for each time, and is there as soon as it is made", async () => {
    const world = scripted();
    expect(await world.revision(OTHER)).toBeNull();
    world.commit(OTHER);
    world.hear([OTHER]);
    expect(await world.revision(OTHER)).toBe(2);
  });

  it("is said to be missing only by what has passed the log's head", async () => {
    const world = scripted();
    world.record(2n);
    const waiting = world.revision(OTHER);
    await turn();
    world.commit(OTHER);
    world.hear([OTHER]);
    expect(await waiting).toBe(2);
  });

  it("is no event at all without a UUID", () => {
    expect(scripted().get("nothing")).toBeNull();
  });
});

describe("a replica that is behind", () => {
  it("is asked again after a while, not by everybody at once, until it has what was heard of", async () => {
    const world = scripted();
    await world.revision();
    world.hold();
    world.commit(EVENT);
    world.hear([EVENT]);
    world.pass(60);
    const first = world.revision();
    world.loads[0]?.answer(1n);
    expect(await first).toBe(1);
    expect(await world.revision()).toBe(1); // at once, within 25 ms
    expect(world.loads).toHaveLength(1);
    world.pass(26);
    const second = world.revision();
    world.loads[1]?.answer();
    expect(await second).toBe(2);
  });

  it("has to have what had been heard before the event was first asked for", async () => {
    const world = scripted();
    world.commit(EVENT);
    world.hear([EVENT]); // nobody keeps it yet
    world.hold();
    const first = world.revision();
    world.loads[0]?.answer(1n);
    expect(await first).toBe(1);
    world.pass(60);
    const second = world.revision();
    world.loads[1]?.answer();
    expect(await second).toBe(2);
  });

  it("takes nobody back", async () => {
    const world = scripted();
    world.commit(EVENT);
    world.hear([EVENT]);
    await world.revision();
    world.hold();
    world.commit(EVENT);
    world.hear([EVENT]);
    world.pass(60);
    const waiting = world.revision();
    world.loads[0]?.answer(1n); // another replica
    expect(await waiting).toBe(2);
    expect(await world.revision()).toBe(2);
  });
});

describe("while changes are not heard", () => {
  it("what is kept is trusted for a quarter of a second, and asked for again when it is heard again", async () => {
    const world = scripted();
    await world.revision();
    world.lose();
    world.pass(250);
    expect(world.get()).toMatchObject({ revision: 1 });
    world.commit(EVENT);
    world.pass(1);
    expect(await world.revision()).toBe(2);
    world.commit(EVENT);
    world.hearAgain();
    world.pass(51);
    expect(await world.revision()).toBe(3);
  });

  it("says how old it is for sure: of what a replica says, only as far as the primary was heard", async () => {
    const world = scripted({ readsFromReplica: true });
    await world.revision();
    world.lose();
    world.pass(5_000);
    expect(await world.get()).toMatchObject({ revision: 1, staleForMs: 5_000 });
    const primary = scripted();
    await primary.revision();
    primary.lose();
    primary.pass(5_000);
    expect(await primary.get()).toMatchObject({ staleForMs: 0 });
  });
});

describe("while the database is away", () => {
  it("what is kept is answered, saying how old it is, for an hour", async () => {
    const world = scripted();
    await world.revision();
    world.lose();
    world.goAway();
    world.pass(10_000);
    expect(await world.get()).toMatchObject({ revision: 1, staleForMs: 10_000 });
    world.pass(3_590_000);
    expect(await world.get()).toMatchObject({ staleForMs: 3_600_000 });
    world.pass(1);
    await expect(world.revision()).rejects.toThrow("away");
  });

  it("nobody waits once that is known, and one at a time looks whether it is back", async () => {
    const world = scripted();
    world.commit(OTHER);
    await Promise.all([world.revision(), world.revision(OTHER)]);
    world.hold();
    world.lose();
    world.pass(1_000);
    const first = world.revision();
    world.loads[0]?.fail();
    expect(await first).toBe(1);
    for (let asked = 0; asked < 100; asked += 1) expect(world.get()).toMatchObject({ revision: 1 });
    expect(world.loads).toHaveLength(1);
    world.pass(600);
    for (const eventId of [EVENT, OTHER, EVENT]) expect(world.get(eventId)).toMatchObject({ staleForMs: 1_600 });
    expect(world.loads).toHaveLength(2);
    world.loads[1]?.answer();
    await turn();
    expect(world.get()).toMatchObject({ staleForMs: 0 });
  });

  it("who could have what is kept does not wait for a load that takes long", async () => {
    const world = scripted();
    await world.revision();
    world.hold();
    world.lose();
    world.pass(1_000);
    const startedMs = performance.now();
    expect(await world.revision()).toBe(1);
    expect(performance.now() - startedMs).toBeLessThan(1_500);
    expect(world.get()).toMatchObject({ revision: 1 }); // now at once
  });

  it("what is not kept, or not so far as is asked for, can't be had", async () => {
    const world = scripted();
    await world.revision();
    world.goAway();
    await expect(world.revision(OTHER)).rejects.toThrow("away");
    await expect(world.revision(EVENT, 2n)).rejects.toThrow("away");
  });
});
