import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { EMPTY_LEDGER, entered, type InventoryLedger } from "../../src/audit/inventory-ledger.ts";
import type { InventoryEvent } from "../../src/domain/inventory-events.ts";
import { runSale, sales } from "../projections/random-sale.ts";
import { type Fact, inventoryPublished, opened, removed, salePaused, saleResumed } from "../projections/recorded.ts";

const booksAfter = (...facts: readonly Fact[]): InventoryLedger =>
  facts.reduce((ledger, { event }, revision) => entered(ledger, event as InventoryEvent, revision), EMPTY_LEDGER);

describe("the books of an inventory", () => {
  it("are what the inventory itself says, after every event of any sale", () =>
    fc.assert(
      fc.property(sales, (steps) => {
        let ledger = EMPTY_LEDGER;
        for (const [revision, { fact, said }] of runSale(steps).entries()) {
          ledger = entered(ledger, fact.event as InventoryEvent, revision);
          const { total, held, booked, waiting } = ledger;
          expect({ revision: ledger.revision, total, held, booked, waiting }).toEqual({
            revision,
            total: said.total,
            held: said.held,
            booked: said.booked,
            waiting: said.waiting.length,
          });
        }
      }),
      { numRuns: 60 },
    ));

  it("say of every reservation that was made that it is held, or what became of it", () =>
    fc.assert(
      fc.property(sales, (steps) => {
        const log = runSale(steps);
        const { reservations } = booksAfter(...log.map(({ fact }) => fact));
        const { made, confirmed, released, expired, withdrawn } = reservations;
        const held = Object.keys(log.at(-1)?.said.reservations ?? {}).length;
        expect(made).toBe(held + confirmed + released + expired + withdrawn);
      }),
      { numRuns: 60 },
    ));

  it("say whether it is on sale", () => {
    expect(booksAfter(opened({ draft: true }))).toMatchObject({ status: "DRAFT" });
    expect(booksAfter(opened({ draft: true }), inventoryPublished())).toMatchObject({ status: "ACTIVE" });
    expect(booksAfter(opened(), salePaused("event"), salePaused("ticket-type"), saleResumed("event"))).toMatchObject({
      paused: { event: false, ticketType: true },
    });
    expect(booksAfter(opened({ capacity: 5 }), removed(5))).toMatchObject({ status: "REMOVED", total: 0 });
  });
});
