import { setImmediate as turn } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import type { Outcome } from "../../src/commands/outcome.ts";
import type { InventoryEvent } from "../../src/domain/inventory-events.ts";
import { MemoryEventStore } from "../support/memory-event-store.ts";
import { INVENTORY, inventoryNode, openInventory, reserve } from "./inventory-bench.ts";
import { context } from "./running.ts";

const TICKETS = 100;
const BUYERS = 400;

describe.each([1, 2, 4])("%i nodes on one store", (count) => {
  it(`${BUYERS} buyers at once for ${TICKETS} tickets: exactly ${TICKETS} get one, also when all ask again`, async () => {
    const store = new MemoryEventStore(async () => void (await turn()));
    const nodes = Array.from({ length: count }, () => inventoryNode(store, { limits: { maxBatch: 7 } }));
    const [first] = nodes;
    if (first === undefined) throw new Error("no node");
    await first.runner.run(INVENTORY, openInventory(TICKETS), context(first.surroundings));

    const buy = async (buyer: number, at: number): Promise<Outcome<InventoryEvent>> => {
      const { runner, surroundings } = nodes[at % count] as (typeof nodes)[number];
      return await runner.run(INVENTORY, reserve(`res_${buyer}`), context(surroundings, { key: `key_${buyer}` }));
    };
    const clock = movingTime(nodes);
    const outcomes = await Promise.all(Array.from({ length: BUYERS }, (_, buyer) => buy(buyer, buyer)));
    const again = await Promise.all(Array.from({ length: BUYERS }, (_, buyer) => buy(buyer, buyer + 1)));
    await clock.stop();

    const sold = outcomes.flatMap((outcome, buyer) => (outcome.accepted ? [buyer] : []));
    expect(sold).toHaveLength(TICKETS);
    for (const outcome of outcomes) {
      if (!outcome.accepted) expect(outcome).toMatchObject({ code: "sold-out", details: { available: 0 } });
    }
    expect(again.map((outcome) => outcome.accepted)).toEqual(outcomes.map((outcome) => outcome.accepted));
    expect(again.every((outcome) => !outcome.accepted || outcome.replayed)).toBe(true);
    const reserved = store.eventsOf(INVENTORY).filter((event) => event.type === "TicketsReserved");
    expect(reserved.map((event) => (JSON.parse(event.data) as { reservationId: string }).reservationId).sort()).toEqual(
      sold.map((buyer) => `res_${buyer}`).sort(),
    );
    if (count > 1) expect(store.appends.some((call) => call.outcome === "failed")).toBe(true);
  });
});

/** Lets the nodes' pauses end, a millisecond at each turn of the event loop. */
function movingTime(nodes: readonly ReturnType<typeof inventoryNode>[]): { stop(): Promise<void> } {
  let running = true;
  const run = async (): Promise<void> => {
    while (running) for (const { surroundings } of nodes) await surroundings.advance(1);
  };
  const ended = run();
  return {
    async stop() {
      running = false;
      await ended;
    },
  };
}
