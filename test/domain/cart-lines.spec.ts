import { describe, it } from "vitest";
import {
  bought,
  claimed,
  closeInventory,
  inventoryClosed,
  lineReserved,
  quantityChanged,
  setLine,
} from "./buying-words.ts";
import { capacityChanged, expired, extend, given, opened, release, released, reserved } from "./inventory-words.ts";
import { evening, justBefore, later, morning, noon } from "./times.ts";
import { joined, offered } from "./waitlist-words.ts";

const soon = later(noon, 60_000);

describe("setting a cart's line that is not there", () => {
  it("reserves for the cart, until the cart ends", () => {
    given(opened())
      .when(setLine("line", 2, { expiresAt: soon }))
      .then(lineReserved("line", { quantity: 2, expiresAt: soon }))
      .leaving({ held: 2 });
  });

  it("to 0 changes nothing, whatever the state of the sale", () => {
    given(opened({ draft: true }))
      .when(setLine("line", 0))
      .then();
    given(opened(), inventoryClosed()).when(setLine("line", 0)).then();
  });

  it("is refused as a reservation is, in the same order", () => {
    const full = reserved("r1", { by: "bob" });
    given(opened({ event: { endsAt: noon } }), inventoryClosed())
      .when(setLine("line", 1))
      .thenRefused("event-cancelled");
    given(opened({ draft: true, event: { endsAt: noon } }))
      .when(setLine("line", 1))
      .thenRefused("event-ended");
    given(opened({ draft: true, event: { saleStartsAt: evening } }))
      .when(setLine("line", 1))
      .thenRefused("event-not-published");
    given(opened({ event: { saleStartsAt: evening } }))
      .when(setLine("line", 1))
      .thenRefused("sale-not-open");
    given(opened({ event: { saleEndsAt: noon, guestsAllowed: false } }))
      .when(setLine("line", 1, { guest: true }))
      .thenRefused("sale-closed");
    given(opened({ maxPerOrder: 1, event: { guestsAllowed: false } }))
      .when(setLine("line", 2, { guest: true }))
      .thenRefused("guests-not-allowed");
    given(opened({ capacity: 1, maxPerOrder: 1 }), full)
      .when(setLine("line", 2))
      .thenRefused("limit-exceeded", { maxPerOrder: 1 });
    given(opened({ capacity: 1 }), full)
      .when(setLine("line", 1))
      .thenRefused("sold-out", { available: 0 });
  });

  it("is refused when the cart is over by now", () => {
    given(opened())
      .when(setLine("line", 1, { expiresAt: noon }))
      .thenRefused("reservation-expired");
  });

  it("takes tickets of what is due, and no more than it takes", () => {
    given(opened({ capacity: 2 }), reserved("r1", { expiresAt: morning }), reserved("r2", { expiresAt: noon }))
      .when(setLine("line", 1))
      .then(expired("r1"), lineReserved("line"));
  });

  it("ends the line of before first when that is due", () => {
    given(opened({ capacity: 1 }), lineReserved("line", { expiresAt: noon }))
      .when(setLine("line", 1, { at: noon, expiresAt: soon }))
      .then(expired("line"), lineReserved("line", { expiresAt: soon }))
      .leaving({ held: 1 });
    given(opened({ capacity: 2 }), reserved("r1", { expiresAt: morning }), lineReserved("line", { expiresAt: noon }))
      .when(setLine("line", 2, { at: noon, expiresAt: soon }))
      .then(expired("line", "r1"), lineReserved("line", { quantity: 2, expiresAt: soon }))
      .leaving({ held: 2 });
    const late = [reserved("r1", { expiresAt: morning }), lineReserved("line", { expiresAt: noon })];
    given(opened({ capacity: 4 }), reserved("r0", { quantity: 2 }), ...late, joined("bob", 1))
      .when(setLine("line", 1, { at: noon, expiresAt: soon }))
      .then(expired("line", "r1"), offered("bob"), lineReserved("line", { expiresAt: soon }));
  });

  it("is refused where the id is somebody else's", () => {
    given(opened(), lineReserved("line", { by: "bob" }))
      .when(setLine("line", 1))
      .thenRefused("already-exists");
  });
});

describe("setting a cart's line that is there", () => {
  const line = lineReserved("line", { quantity: 2, expiresAt: soon });

  it("to what it is changes nothing", () => {
    given(opened(), line).when(setLine("line", 2)).then();
  });

  it("gets more, as many as are left", () => {
    given(opened({ capacity: 3 }), line)
      .when(setLine("line", 3))
      .then(quantityChanged("line", 2, 3))
      .leaving({ held: 3 });
    given(opened({ capacity: 3 }), line)
      .when(setLine("line", 4))
      .thenRefused("sold-out", { available: 1 });
  });

  it("gets more from what is due", () => {
    given(opened({ capacity: 3 }), reserved("r1", { expiresAt: noon }), line)
      .when(setLine("line", 3))
      .then(expired("r1"), quantityChanged("line", 2, 3));
  });

  it("gets more only where the sale allows it, and fewer anyhow", () => {
    const over = opened({ event: { saleEndsAt: noon, guestsAllowed: false } });
    given(over, line).when(setLine("line", 3)).thenRefused("sale-closed");
    given(over, line)
      .when(setLine("line", 3, { at: justBefore(noon), guest: true }))
      .thenRefused("guests-not-allowed");
    given(over, line)
      .when(setLine("line", 1))
      .then(quantityChanged("line", 2, 1))
      .leaving({ held: 1 });
    given(opened(), line, capacityChanged(10, 2))
      .when(setLine("line", 1))
      .then(quantityChanged("line", 2, 1));
  });

  it("counts all of it for an order, and for the account what is more", () => {
    given(opened({ maxPerOrder: 2 }), line)
      .when(setLine("line", 3))
      .thenRefused("limit-exceeded", { maxPerOrder: 2 });
    const limited = [opened({ maxPerUser: 4 }), line, reserved("r1")];
    given(...limited)
      .when(setLine("line", 3))
      .then(quantityChanged("line", 2, 3));
    given(...limited)
      .when(setLine("line", 4))
      .thenRefused("limit-exceeded", { maxPerUser: 4, remaining: 1 });
    given(...limited, quantityChanged("line", 2, 1))
      .when(setLine("line", 3))
      .then(quantityChanged("line", 1, 3));
    given(...limited, quantityChanged("line", 2, 3))
      .when(setLine("line", 4))
      .thenRefused("limit-exceeded", { maxPerUser: 4, remaining: 0 });
  });

  it("to 0 gives all of it back, also when the event is cancelled", () => {
    given(opened(), line).when(setLine("line", 0)).then(released("line", 2)).leaving({ held: 0 });
    given(opened(), quantityChangedOf(3), inventoryClosed()).when(setLine("line", 0)).then(released("line", 3));
    given(opened(), line)
      .when(setLine("line", 0, { at: soon }))
      .then();
  });

  const quantityChangedOf = (quantity: number) => lineReserved("line", { quantity, expiresAt: soon });

  it("is refused while it is paid for, and when it is bought", () => {
    const paying = [opened(), line, claimed("line", { quantity: 2 })];
    for (const quantity of [0, 1, 2, 3]) {
      given(...paying)
        .when(setLine("line", quantity))
        .thenRefused("payment-in-progress");
      given(opened(), ...bought("line"))
        .when(setLine("line", quantity))
        .thenRefused("payment-in-progress");
    }
  });

  it("is refused when the event is cancelled", () => {
    for (const quantity of [1, 2, 3]) {
      given(opened(), line, inventoryClosed()).when(setLine("line", quantity)).thenRefused("event-cancelled");
    }
  });

  it("is refused for somebody else's", () => {
    given(opened(), line)
      .when(setLine("line", 0, { by: "bob" }))
      .thenRefused("already-exists");
  });
});

describe("a cart's line", () => {
  it("ends with its cart: it can't be extended", () => {
    given(opened(), lineReserved("line")).when(extend("line")).thenRefused("not-extendable");
    given(opened(), lineReserved("line", { expiresAt: noon }))
      .when(extend("line"))
      .thenRefused("reservation-expired");
  });

  it("may be released like any reservation", () => {
    given(opened(), lineReserved("line"), quantityChanged("line", 1, 2))
      .when(release("line"))
      .then(released("line", 2));
  });
});

it("nothing of this is known of a ticket type that is not there", () => {
  given().when(setLine("line", 1)).thenRefused("ticket-type-not-found");
  given().when(closeInventory()).thenRefused("ticket-type-not-found");
});
