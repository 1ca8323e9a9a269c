import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { inventory } from "../../src/domain/inventory.ts";
import { readInventory, writeInventory } from "../../src/domain/inventory-snapshot.ts";
import type { Inventory } from "../../src/domain/inventory-state.ts";
import { everythingOf, Run } from "./inventory-run.ts";
import { batches, opening } from "./inventory-wishes.ts";

const throughJson = (state: Inventory): Inventory => readInventory(JSON.parse(JSON.stringify(writeInventory(state))));

describe("a snapshot of an inventory", () => {
  it("answers as the inventory does, and goes on as it does", () => {
    fc.assert(
      fc.property(opening, batches, (start, work) => {
        const run = new Run(start);
        for (const { passesMs, wishes } of work) {
          run.atMs += passesMs;
          for (const one of wishes) run.do(one);
          run.commit();
          expect(everythingOf(throughJson(run.state), run.atMs)).toEqual(everythingOf(run.state, run.atMs));
        }
      }),
      { numRuns: 100 },
    );
  });

  it("may be one of an inventory that is not opened", () => {
    expect(throughJson(inventory.initialState())).toEqual(inventory.initialState());
  });
});
