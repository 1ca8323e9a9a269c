import { describe, expect, it } from "vitest";
import { inventory } from "../../src/domain/inventory.ts";
import { removalRefusal } from "../../src/domain/inventory-changing.ts";
import type { InventoryEvent } from "../../src/domain/inventory-events.ts";
import {
  bought,
  claim,
  claimed,
  closeInventory,
  confirm,
  holdAgain,
  inventoryClosed,
  lineReserved,
  returned,
  setLine,
} from "./buying-words.ts";
import { stateOf } from "./given.ts";
import {
  changeCapacity,
  changeTerms,
  expired,
  extend,
  given,
  inventoryRemoved,
  lapseDue,
  open,
  opened,
  publish,
  release,
  released,
  removeInventory,
  reserve,
  reserved,
} from "./inventory-words.ts";
import { justBefore, ms, noon } from "./times.ts";
import { join, joined, left } from "./waitlist-words.ts";

describe("deleting a ticket type", () => {
  it("takes its tickets away and closes it for good, once", () => {
    given(opened({ capacity: 7 }))
      .when(removeInventory())
      .then(inventoryRemoved(7))
      .leaving({ status: "removed", capacity: 0 });
    given(opened({ draft: true }))
      .when(removeInventory())
      .then(inventoryRemoved());
    given(opened(), inventoryRemoved()).when(removeInventory()).then();
  });

  it("can be asked for beforehand, and changes nothing then", () => {
    const refusalOf = (...events: readonly InventoryEvent[]) => removalRefusal(stateOf(inventory, events), ms(noon));
    expect(refusalOf(opened(), reserved("r1"))).toMatchObject({ code: "has-commitments", details: { committed: 1 } });
    expect(refusalOf(opened(), reserved("r1", { expiresAt: noon }))).toBeNull();
    expect(refusalOf(opened())).toBeNull();
    expect(refusalOf()).toBeNull();
  });

  it("is refused while somebody has tickets of it or waits for some", () => {
    given(opened(), reserved("r1", { quantity: 3 }))
      .when(removeInventory())
      .thenRefused("has-commitments", { committed: 3, waiting: 0 });
    given(opened(), lineReserved("line"))
      .when(removeInventory())
      .thenRefused("has-commitments", { committed: 1, waiting: 0 });
    given(opened(), ...bought("r1", { quantity: 2 }), returned("r1", [0]))
      .when(removeInventory())
      .thenRefused("has-commitments", { committed: 1, waiting: 0 });
    given(opened({ capacity: 1 }), reserved("r1"), joined("eve", 1), released("r1"))
      .when(removeInventory())
      .thenRefused("has-commitments", { committed: 0, waiting: 1 });
  });

  it("is possible when all that was held or booked came back, and who waited left", () => {
    given(opened(), ...bought("r1"), returned("r1", [0]), joined("eve", 1), left("eve"))
      .when(removeInventory())
      .then(inventoryRemoved());
  });

  it("ends what is due, exactly from expiresAt on", () => {
    const held = [opened(), reserved("r1", { expiresAt: noon }), reserved("r2", { quantity: 2, expiresAt: noon })];
    given(...held)
      .when(removeInventory({ at: noon }))
      .then(expired("r1", ["r2", 2]), inventoryRemoved());
    given(...held)
      .when(removeInventory({ at: justBefore(noon) }))
      .thenRefused("has-commitments", { committed: 3, waiting: 0 });
  });

  it("is nothing to do where the event is cancelled or the ticket type is not there", () => {
    given(opened(), inventoryClosed()).when(removeInventory()).thenRefused("event-cancelled");
    given().when(removeInventory()).thenRefused("ticket-type-not-found");
  });
});

describe("a ticket type that was deleted", () => {
  const gone = [opened(), inventoryRemoved()];

  it("is not there for anybody who wants tickets", () => {
    for (const command of [reserve("r1"), setLine("line", 1), join("eve"), holdAgain("r1")]) {
      given(...gone)
        .when(command)
        .thenRefused("ticket-type-not-found");
    }
    given(...gone)
      .when(extend("r1"))
      .thenRefused("reservation-not-held");
    given(...gone)
      .when(claim("r1"))
      .thenRefused("reservation-not-held");
    given(opened(), reserved("r1"), claimed("r1"), released("r1"), inventoryRemoved())
      .when(confirm("r1"))
      .thenRefused("reservation-not-held");
  });

  it("is not there for its organizer either, and does not come back", () => {
    given(...gone)
      .when(changeCapacity(20))
      .thenRefused("ticket-type-not-found");
    given(...gone)
      .when(changeTerms({ guestsAllowed: false }))
      .thenRefused("ticket-type-not-found");
    given(...gone)
      .when(open())
      .thenRefused("already-exists");
    given(...gone)
      .when(publish())
      .then();
    given(...gone)
      .when(closeInventory())
      .then();
    given(...gone)
      .when(lapseDue())
      .then();
  });

  it("lets go of what has ended already", () => {
    given(...gone)
      .when(release("r1"))
      .then();
    given(...gone)
      .when(setLine("line", 0))
      .then();
  });
});
