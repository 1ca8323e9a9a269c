import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { inventory } from "../../src/domain/inventory.ts";
import { readInventory, writeInventory } from "../../src/domain/inventory-snapshot.ts";
import type { Inventory } from "../../src/domain/inventory-state.ts";
import { bought, claimed, claimReleased, lineReserved, returned } from "./buying-words.ts";
import { stateOf } from "./given.ts";
import { everythingOf, Run } from "./inventory-run.ts";
import { batches, opening } from "./inventory-wishes.ts";
import { opened, reserved } from "./inventory-words.ts";
import { ms, noon } from "./times.ts";

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

  it("knows what few reservations have: a claim, declined payments, another price, tickets that came back", () => {
    const cheap = reserved("r1");
    const unitPrice = { amount: 3000, currency: "EUR" };
    const state = stateOf(inventory, [
      opened({ maxPerUser: 9 }),
      { ...cheap, data: { ...cheap.data, unitPrice } },
      lineReserved("line"),
      claimed("r1", { unitPrice }),
      claimReleased("r1", { declined: true }),
      claimed("line"),
      ...bought("r2", { quantity: 3 }),
      returned("r2", [1]),
    ]);
    const again = throughJson(state);
    expect(everythingOf(again, ms(noon))).toEqual(everythingOf(state, ms(noon)));
    if (again.status === "unopened") throw new Error("not opened");
    const { reservations, booked } = again.tables;
    expect(reservations.get("r1")).toMatchObject({ unitPrice, declined: 1, claim: null, kind: "plain" });
    expect(reservations.get("line")).toMatchObject({ declined: 0, claim: { bookingId: "booking" }, kind: "cart-line" });
    expect(reservations.get("line")?.unitPrice).toBe(again.terms.price);
    expect(booked.get("r2")).toEqual({ accountId: "ada", bookingId: "booking", quantity: 3, returned: [1] });
    expect(again.tables.ticketsOf("ada")).toBe(4);
  });

  it("may be one of an inventory that is not opened", () => {
    expect(throughJson(inventory.initialState())).toEqual(inventory.initialState());
  });
});
