import { describe, expect, it } from "vitest";
import { inventory } from "../../src/domain/inventory.ts";
import {
  capacityChanged,
  expired,
  given,
  HOLD_TTL_MS,
  opened,
  price,
  released,
  reserve,
  reserved,
} from "./inventory-words.ts";
import { justBefore, later, ms, noon } from "./times.ts";

describe("reserving", () => {
  it("sets tickets aside for as long as the event says", () => {
    given(opened({ capacity: 10, event: { holdTtlSeconds: 90 } }))
      .when(reserve("r1", { quantity: 3 }))
      .then(reserved("r1", { quantity: 3, expiresAt: later(noon, 90_000) }))
      .leaving({ capacity: 10, held: 3, booked: 0 });
  });

  it("sets them aside for as long as the command says, where it does", () => {
    given(opened())
      .when(reserve("r1", { holdTtlSeconds: 120 }))
      .then(reserved("r1", { expiresAt: later(noon, 120_000) }));
  });

  it("fixes the price", () => {
    const dear = { amount: 99_00, currency: "CHF" };
    const event = reserved("r1");
    given(opened({ price: dear }))
      .when(reserve("r1"))
      .then({ ...event, data: { ...event.data, unitPrice: dear } });
    expect(event.data.unitPrice).toEqual(price);
  });

  it("gives out the very last tickets", () => {
    given(opened({ capacity: 5 }), reserved("r1", { quantity: 3 }))
      .when(reserve("r2", { quantity: 2 }))
      .then(reserved("r2", { quantity: 2 }))
      .leaving({ held: 5 });
  });

  it("is refused when fewer are left than wanted, and says how many there are", () => {
    given(opened({ capacity: 5 }), reserved("r1", { quantity: 3 }))
      .when(reserve("r2", { quantity: 3 }))
      .thenRefused("sold-out", { available: 2 });
  });

  it("is refused when none are left", () => {
    given(opened({ capacity: 2 }), reserved("r1", { quantity: 2 }))
      .when(reserve("r2"))
      .thenRefused("sold-out", { available: 0 });
  });

  it("finds the tickets that were given back", () => {
    given(opened({ capacity: 2 }), reserved("r1", { quantity: 2 }), released("r1", 2))
      .when(reserve("r2", { quantity: 2 }))
      .then(reserved("r2", { quantity: 2 }));
  });

  it("goes by the capacity of now", () => {
    given(opened({ capacity: 1 }), reserved("r1"), capacityChanged(1, 2))
      .when(reserve("r2"))
      .then(reserved("r2"));
  });

  it("is refused under an id that a reservation already has", () => {
    given(opened(), reserved("r1"))
      .when(reserve("r1", { quantity: 2 }))
      .thenRefused("already-exists");
  });

  it("is refused where no such ticket type is", () => {
    given().when(reserve("r1")).thenRefused("ticket-type-not-found");
  });
});

describe("reserving what is due", () => {
  it("ends a reservation exactly at its expiresAt, in the same decision", () => {
    given(opened({ capacity: 2 }), reserved("r1", { quantity: 2, expiresAt: noon }))
      .when(reserve("r2", { at: noon }))
      .then(expired(["r1", 2]), reserved("r2"))
      .leaving({ held: 1 });
  });

  it("leaves it alone until the last instant before", () => {
    given(opened({ capacity: 2 }), reserved("r1", { quantity: 2, expiresAt: noon }))
      .when(reserve("r2", { at: justBefore(noon) }))
      .thenRefused("sold-out", { available: 0 });
  });

  it("tells two reservations of the same second apart by the millisecond", () => {
    given(
      opened({ capacity: 2 }),
      reserved("r1", { expiresAt: later(noon, 700) }),
      reserved("r2", { expiresAt: later(noon, 300) }),
    )
      .when(reserve("r3", { at: later(noon, 500) }))
      .then(expired("r2"), reserved("r3", { expiresAt: later(noon, 500 + HOLD_TTL_MS) }));
  });

  it("ends the oldest first and no more than it needs", () => {
    given(
      opened({ capacity: 6 }),
      reserved("r1", { quantity: 2, expiresAt: later(noon, -1_000) }),
      reserved("r2", { quantity: 2, expiresAt: later(noon, -3_000) }),
      reserved("r3", { quantity: 2, expiresAt: later(noon, -2_000) }),
    )
      .when(reserve("r4", { quantity: 3 }))
      .then(expired(["r2", 2], ["r3", 2]), reserved("r4", { quantity: 3 }));
  });

  it("takes what is free before it ends any", () => {
    const due = ["r1", "r2", "r3"].map((id, i) => reserved(id, { expiresAt: later(noon, i - 10) }));
    given(opened({ capacity: 4 }), ...due)
      .when(reserve("r4", { quantity: 2 }))
      .then(expired("r1"), reserved("r4", { quantity: 2 }));
  });

  it("leaves due ones to be ended later while there are others to give", () => {
    given(opened({ capacity: 2 }), reserved("r1", { expiresAt: noon }))
      .when(reserve("r2", { at: noon }))
      .then(reserved("r2"));
  });

  it("counts them as available when it is refused all the same", () => {
    given(opened({ capacity: 3 }), reserved("r1", { expiresAt: noon }), reserved("r2", { quantity: 2 }))
      .when(reserve("r3", { quantity: 2 }))
      .thenRefused("sold-out", { available: 1 });
  });

  it("ends what it needs in portions of 500", () => {
    const due = Array.from({ length: 1_100 }, (_, i) => reserved(`due-${1_000 + i}`, { expiresAt: noon }));
    const ids = due.map(({ data }) => data.reservationId);
    given(opened({ capacity: 1_100, maxPerOrder: 2_000 }), ...due)
      .when(reserve("r1", { quantity: 1_001 }))
      .then(
        expired(...ids.slice(0, 500)),
        expired(...ids.slice(500, 1_000)),
        expired(...ids.slice(1_000, 1_001)),
        reserved("r1", { quantity: 1_001 }),
      );
  });
});

describe("reserving in a batch", () => {
  const state = () => {
    const before = inventory.evolve(inventory.initialState(), opened({ capacity: 2 }));
    for (const staged of inventory.stagedIn(before)) staged.commit();
    return before;
  };

  it("counts what the batch has given out before", () => {
    const after = inventory.evolve(state(), reserved("r1", { quantity: 2 }));
    expect(inventory.decide(reserve("r2"), after)).toMatchObject({ code: "sold-out", details: { available: 0 } });
  });

  it("gives out again what the batch has released before", () => {
    const events = [reserved("r1", { quantity: 2 }), released("r1", 2)];
    const after = events.reduce(inventory.evolve, state());
    expect(inventory.decide(reserve("r2"), after)).toEqual({ accepted: true, events: [reserved("r2")] });
  });

  it("never ends a due reservation twice", () => {
    const due = [reserved("r1", { expiresAt: noon }), reserved("r2", { expiresAt: noon })];
    const before = due.reduce(inventory.evolve, state());
    for (const staged of inventory.stagedIn(before)) staged.commit();
    const first = inventory.decide(reserve("r3"), before);
    expect(first).toEqual({ accepted: true, events: [expired("r1"), reserved("r3")] });
    const after = first.accepted ? first.events.reduce(inventory.evolve, before) : before;
    expect(inventory.decide(reserve("r4"), after)).toEqual({ accepted: true, events: [expired("r2"), reserved("r4")] });
  });

  it("is decided at one time, so that nothing of the batch is due within it", () => {
    const after = inventory.evolve(state(), reserved("r1", { quantity: 2, expiresAt: later(noon, 1_000) }));
    expect(inventory.decide(reserve("r2", { at: noon }), after)).toMatchObject({ code: "sold-out" });
    for (const staged of inventory.stagedIn(after)) staged.commit();
    const atTheEnd = inventory.decide({ ...reserve("r2"), atMs: ms(noon) + 1_000 }, after);
    expect(atTheEnd).toMatchObject({ accepted: true, events: [{ type: "ReservationsExpired" }, {}] });
  });
});
