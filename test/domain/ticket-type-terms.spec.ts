import { describe, expect, it } from "vitest";
import { inventory } from "../../src/domain/inventory.ts";
import type { OpenedInventory } from "../../src/domain/inventory-state.ts";
import { bought, lineReserved, quantityChanged, setLine } from "./buying-words.ts";
import { commit, stateOf } from "./given.ts";
import {
  changeType,
  given,
  inventoryRemoved,
  opened,
  price,
  release,
  released,
  reserve,
  reserved,
  typeChanged,
} from "./inventory-words.ts";
import { evening, morning, ms, noon } from "./times.ts";
import { joined } from "./waitlist-words.ts";

const dearer = { amount: 6_000, currency: "EUR" };
const dear = (id: string) => ({ ...reserved(id), data: { ...reserved(id).data, unitPrice: dearer } });

describe("changing a ticket type", () => {
  it("records only what is new", () => {
    given(opened({ name: "VIP" }))
      .when(changeType({ name: "Balcony", price, maxPerOrder: 100 }))
      .then(typeChanged({ name: "Balcony" }));
    given(opened()).when(changeType({})).then();
    given(opened({ maxPerUser: 4 }))
      .when(changeType({ maxPerUser: null }))
      .then(typeChanged({ maxPerUser: null }));
  });

  it("has the price that the event's currency says", () => {
    given(opened())
      .when(changeType({}, "CHF"))
      .then(typeChanged({ price: { amount: 4_500, currency: "CHF" } }));
    given(opened())
      .when(changeType({ price: dearer }, "CHF"))
      .then(typeChanged({ price: { amount: 6_000, currency: "CHF" } }));
  });

  it("records from when until when it is on sale then, by its own dates or the event's", () => {
    given(opened({ event: { saleEndsAt: evening } }))
      .when(changeType({ saleStartsAt: noon }))
      .then(typeChanged({ saleStartsAt: noon }, { saleStartsAt: noon, saleEndsAt: evening }));
    given(opened({ saleStartsAt: evening }))
      .when(changeType({ saleStartsAt: null }))
      .then(typeChanged({ saleStartsAt: null }, { saleStartsAt: morning }));
  });

  it("is of none that was deleted", () => {
    given(opened(), inventoryRemoved())
      .when(changeType({ name: "x" }))
      .thenRefused("ticket-type-not-found");
  });
});

describe("a new price", () => {
  it("is for who reserves from then on", () => {
    given(opened(), reserved("r1"), typeChanged({ price: dearer }))
      .when(reserve("r2"))
      .then(dear("r2"));
  });

  it("leaves that of what is held as it was, also of a line that grows", () => {
    const state = stateOf(inventory, [
      opened(),
      reserved("r1"),
      lineReserved("line"),
      typeChanged({ price: dearer }),
    ]) as OpenedInventory;
    expect(state.tables.reservations.get("r1")?.unitPrice).toEqual(price);
    given(opened(), lineReserved("line"), typeChanged({ price: dearer }))
      .when(setLine("line", 2))
      .then(quantityChanged("line", 1, 2));
  });
});

describe("new dates and limits", () => {
  it("count at once", () => {
    given(opened(), typeChanged({ saleStartsAt: evening }))
      .when(reserve("r1"))
      .thenRefused("sale-not-open");
    given(opened(), typeChanged({ saleEndsAt: noon }))
      .when(reserve("r1"))
      .thenRefused("sale-closed");
    given(opened(), typeChanged({ maxPerOrder: 1 }))
      .when(reserve("r1", { quantity: 2 }))
      .thenRefused("limit-exceeded", { maxPerOrder: 1 });
  });

  it("count what somebody had before there was a limit", () => {
    const before = [opened(), reserved("r1", { quantity: 2 }), ...bought("r2", { quantity: 1 })];
    given(...before, typeChanged({ maxPerUser: 4 }))
      .when(reserve("r3", { quantity: 2 }))
      .thenRefused("limit-exceeded", { maxPerUser: 4, remaining: 1 });
    given(...before, typeChanged({ maxPerUser: 4 }), released("r1", 2))
      .when(reserve("r3", { quantity: 3 }))
      .then(reserved("r3", { quantity: 3 }));
    given(...before, typeChanged({ maxPerUser: 4 }), typeChanged({ maxPerUser: null }))
      .when(reserve("r3", { quantity: 9 }))
      .thenRefused("sold-out", { available: 7 });
    const again = [
      typeChanged({ maxPerUser: 1 }),
      typeChanged({ maxPerUser: null }),
      released("r1", 2),
      typeChanged({ maxPerUser: 2 }),
    ];
    given(...before, ...again)
      .when(reserve("r3", { quantity: 2 }))
      .thenRefused("limit-exceeded", { maxPerUser: 2, remaining: 1 });
  });

  it("pass over who waits for more than a new limit allows", () => {
    const waiting = [
      opened({ capacity: 3 }),
      reserved("r1", { by: "bob", quantity: 3 }),
      joined("eve", 1, { quantity: 2 }),
    ];
    given(...waiting, typeChanged({ maxPerUser: 1 }))
      .when(release("r1", { by: "bob" }))
      .then(released("r1", 3));
  });

  it("are not kept when the append that has the limit fails", () => {
    const state = stateOf(inventory, [opened(), reserved("r1", { quantity: 3 })]) as OpenedInventory;
    const freed = inventory.evolve(state, released("r1", 3));
    const changed = inventory.evolve(freed, typeChanged({ maxPerUser: 2 })) as OpenedInventory;
    expect(changed.tables.ticketsOf("ada")).toBe(0);
    for (const staged of inventory.stagedIn(changed)) staged.rollback();
    const again = inventory.evolve(state, typeChanged({ maxPerUser: 2 })) as OpenedInventory;
    expect(again.tables.ticketsOf("ada")).toBe(3);
    commit(inventory, again);
    const decision = inventory.decide({ ...reserve("r2"), atMs: ms(noon) }, again);
    expect(decision).toMatchObject({ code: "limit-exceeded", details: { maxPerUser: 2, remaining: 0 } });
  });
});
