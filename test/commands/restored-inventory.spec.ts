import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { MemoryEventStore } from "../support/memory-event-store.ts";
import { settled } from "../support/surroundings.ts";
import {
  INVENTORY,
  type InventoryNode,
  inventoryFormat,
  inventoryNode,
  openInventory,
  reserve,
} from "./inventory-bench.ts";
import { context, memorySnapshots } from "./running.ts";

type Step =
  | { readonly do: "Reserve"; readonly quantity: number }
  /** Of what was reserved `back` steps before, if something was. */
  | { readonly do: "Release" | "Extend"; readonly back: number }
  | { readonly do: "ChangeCapacity"; readonly capacity: number }
  | { readonly do: "advance"; readonly ms: number };

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({ do: fc.constant("Reserve" as const), quantity: fc.integer({ min: 1, max: 3 }) }),
  },
  {
    weight: 4,
    arbitrary: fc.record({ do: fc.constantFrom("Release" as const, "Extend" as const), back: fc.nat(5) }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("ChangeCapacity" as const), capacity: fc.nat(30) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant("advance" as const), ms: fc.nat(50_000) }) },
);

describe("an inventory restored from a snapshot", () => {
  it("decides and records what one does that was replayed, whatever happened before and happens after", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(step, { maxLength: 60, size: "max" }),
        fc.array(step, { maxLength: 30, size: "max" }),
        async (before, after) => {
          const store = new MemoryEventStore();
          const texts = memorySnapshots();
          const snapshots = { store: texts, format: inventoryFormat };
          const first = inventoryNode(store, { snapshots });
          await first.runner.run(INVENTORY, openInventory(20, 60), context(first.surroundings));
          await enoughForASnapshot(first);
          await play(first, before, 0);
          await first.runner.close(1_000);
          expect(texts.saves).toBe(1);

          const copy = new MemoryEventStore();
          await copy.append(INVENTORY, store.eventsOf(INVENTORY), "no-stream");
          const restored = inventoryNode(store, { snapshots });
          const replayed = inventoryNode(copy);
          const answers = [];
          for (const node of [restored, replayed]) {
            node.surroundings.setClock(first.surroundings.clock.nowMs());
            answers.push(await play(node, after, before.length));
          }
          expect(restored.log.warnings).toEqual([]);
          expect(answers[0]).toEqual(answers[1]);
          const facts = (from: MemoryEventStore): string[] =>
            from.eventsOf(INVENTORY).map((event) => `${event.type} ${event.data}`);
          expect(facts(store)).toEqual(facts(copy));
        },
      ),
      { numRuns: 25 },
    );
  }, 30_000);
});

/** Closing takes a snapshot of 500 changes or more. */
async function enoughForASnapshot({ runner, surroundings }: InventoryNode): Promise<void> {
  for (let i = 0; i < 250; i += 1) {
    void runner.run(INVENTORY, reserve(`early_${i}`), context(surroundings));
    void runner.run(INVENTORY, release(`early_${i}`), context(surroundings));
  }
  await settled();
}

const release = (reservationId: string) => ({ type: "Release", reservationId, accountId: "acc_1" }) as const;

function commandOf(one: Exclude<Step, { do: "advance" }>, index: number) {
  if (one.do === "Reserve") return reserve(`res_${index}`, one.quantity);
  if (one.do === "ChangeCapacity") return { type: one.do, capacity: one.capacity } as const;
  return { ...release(`res_${index - 1 - one.back}`), type: one.do };
}

/** What the steps' commands are answered; some of them share a batch. */
async function play({ runner, surroundings }: InventoryNode, steps: readonly Step[], from: number): Promise<unknown[]> {
  const answers: Promise<unknown>[] = [];
  for (const [index, one] of steps.entries()) {
    if (one.do === "advance") {
      await surroundings.advance(one.ms);
      continue;
    }
    const outcome = runner.run(INVENTORY, commandOf(one, from + index), context(surroundings));
    answers.push(outcome.then((what) => (what.accepted ? what.events.map(({ event }) => event) : what)));
    if (index % 3 > 0) await settled();
  }
  return await Promise.all(answers);
}
