import { setImmediate as turn } from "node:timers/promises";
import { expect, it } from "vitest";
import type { InventoryEvent } from "../../src/domain/inventory-events.ts";
import { SeatAudit } from "../domain/seating/seat-audit.ts";
import { hallOpened } from "../domain/seats-words.ts";
import { MemoryEventStore } from "../support/memory-event-store.ts";
import { INVENTORY, inventoryNode, reserve } from "./inventory-bench.ts";
import { context } from "./running.ts";

const BUYERS = 1_000;
const SEATS = 10;

it(`${BUYERS} buyers at once for the same ${SEATS} seats: ${SEATS} win, the others learn which were taken`, async () => {
  const store = new MemoryEventStore(async () => void (await turn()));
  const { runner, surroundings } = inventoryNode(store);
  const seatMap = { sections: [{ name: "S", rows: [{ name: "A", seats: `1-${SEATS}` }] }] };
  const { data } = hallOpened({}, seatMap, SEATS);
  await runner.run(INVENTORY, { type: "OpenInventory", data }, context(surroundings));
  const outcomes = await Promise.all(
    Array.from({ length: BUYERS }, (_, buyer) => {
      const seat = `S-A-${1 + (buyer % SEATS)}`;
      const command = { ...reserve(`res_${buyer}`), quantity: 1, choice: { seats: [seat] } };
      return runner.run(INVENTORY, command, context(surroundings)).then((outcome) => ({ outcome, seat }));
    }),
  );
  expect(outcomes.filter(({ outcome }) => outcome.accepted)).toHaveLength(SEATS);
  for (const { outcome, seat } of outcomes) {
    if (!outcome.accepted) expect(outcome).toMatchObject({ code: "seat-taken", details: { seats: [seat] } });
  }
  const seating = new SeatAudit();
  for (const { type, data } of store.eventsOf(INVENTORY))
    seating.take({ type, data: JSON.parse(data) } as InventoryEvent);
  expect(seating.owned().size).toBe(SEATS);
});
