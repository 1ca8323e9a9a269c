import { beforeAll, describe, expect, it } from "vitest";
import type { ReservationsExpired } from "../../src/domain/inventory-events.ts";
import { MAX_APPEND_BYTES } from "../../src/eventstore/port.ts";
import { MemoryEventStore } from "../support/memory-event-store.ts";
import { settled } from "../support/surroundings.ts";
import { INVENTORY, type InventoryNode, inventoryNode, openInventory, reserve } from "./inventory-bench.ts";
import { context, tracked } from "./running.ts";

const WAVE = 20_000;
const TTL_SECONDS = 60;

describe(`${WAVE} reservations that come due at the same second`, () => {
  const store = new MemoryEventStore();
  let node: InventoryNode;
  let appendsBefore: number;
  beforeAll(async () => {
    node = inventoryNode(store, { limits: { maxWaiting: WAVE } });
    const { runner, surroundings } = node;
    await runner.run(INVENTORY, openInventory(WAVE, TTL_SECONDS), context(surroundings));
    const id = (index: number): string => `res_${String(index).padStart(32, "0")}`;
    await Promise.all(
      Array.from({ length: WAVE }, (_, i) => runner.run(INVENTORY, reserve(id(i)), context(surroundings))),
    );
    appendsBefore = store.appends.length;
    await surroundings.advance(TTL_SECONDS * 1_000);
  });

  it("the next reserve is answered at once, and takes one of the tickets that came back", async () => {
    const { runner, surroundings } = node;
    const outcome = await runner.run(INVENTORY, reserve("first"), context(surroundings));
    expect(outcome.accepted).toBe(true);
    expect(store.appends).toHaveLength(appendsBefore + 1);
  });

  it("a crowd for all of them is served within the limits of an append, and never more than came back", async () => {
    const { runner, surroundings } = node;
    const ids = Array.from({ length: WAVE }, (_, index) => `next_${index}`);
    const sent = ids.map((id) => tracked(runner.run(INVENTORY, reserve(id), context(surroundings))));
    await settled();
    const outcomes = sent.map((one) => one.value);
    expect(outcomes.filter((outcome) => outcome.accepted)).toHaveLength(WAVE - 1);
    expect(outcomes.at(-1)).toMatchObject({ accepted: false, code: "sold-out" });
    for (const { events } of store.appends) {
      const bytes = events.reduce(
        (sum, { id, type, data, metadata }) => sum + `${id}${type}${data}${metadata}`.length,
        0,
      );
      expect(bytes).toBeLessThan(MAX_APPEND_BYTES);
    }
  });

  it("each lapsed once, oldest first, at most 500 in an event", () => {
    const expired = store
      .eventsOf(INVENTORY)
      .filter((event) => event.type === "ReservationsExpired")
      .map((event) => (JSON.parse(event.data) as ReservationsExpired["data"]).reservations.map((r) => r.reservationId));
    expect(Math.max(...expired.map((ids) => ids.length))).toBe(500);
    const all = expired.flat();
    expect(new Set(all).size).toBe(WAVE);
    expect(all).toEqual([...all].sort());
  });
});
