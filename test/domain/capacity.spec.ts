import { describe, it } from "vitest";
import { bought } from "./buying-words.ts";
import {
  capacityChanged,
  changeCapacity,
  expired,
  given,
  opened,
  released,
  reserve,
  reserved,
} from "./inventory-words.ts";
import { justBefore, noon } from "./times.ts";

describe("changing the capacity", () => {
  it("raises it", () => {
    given(opened({ capacity: 2 }), reserved("r1", { quantity: 2 }))
      .when(changeCapacity(5))
      .then(capacityChanged(2, 5))
      .leaving({ capacity: 5, held: 2 });
  });

  it("lowers it down to what is held", () => {
    given(opened({ capacity: 10 }), reserved("r1", { quantity: 3 }), reserved("r2"))
      .when(changeCapacity(4))
      .then(capacityChanged(10, 4))
      .leaving({ capacity: 4, held: 4 });
  });

  it("is refused below what is held, and says how much that is", () => {
    given(opened({ capacity: 10 }), reserved("r1", { quantity: 3 }), reserved("r2"))
      .when(changeCapacity(3))
      .thenRefused("capacity-below-commitments", { committed: 4, capacity: 10 });
  });

  it("changes nothing when it is that already", () => {
    given(opened({ capacity: 10 }))
      .when(changeCapacity(10))
      .then();
  });

  it("is not hindered by what was given back", () => {
    given(opened({ capacity: 10 }), reserved("r1", { quantity: 9 }), released("r1", 9))
      .when(changeCapacity(1))
      .then(capacityChanged(10, 1));
  });

  it("ends as many due reservations as stand in the way, exactly from expiresAt on", () => {
    const held = [
      opened({ capacity: 10 }),
      reserved("r1", { quantity: 2, expiresAt: noon }),
      reserved("r2", { quantity: 2, expiresAt: noon }),
      reserved("r3", { quantity: 2 }),
    ];
    given(...held)
      .when(changeCapacity(4, { at: noon }))
      .then(expired(["r1", 2]), capacityChanged(10, 4))
      .leaving({ capacity: 4, held: 4 });
    given(...held)
      .when(changeCapacity(4, { at: justBefore(noon) }))
      .thenRefused("capacity-below-commitments", { committed: 6, capacity: 10 });
  });

  it("counts what is booked with what is held", () => {
    given(opened({ capacity: 6 }), ...bought("r1", { quantity: 2 }), reserved("r2", { quantity: 2, expiresAt: noon }))
      .when(changeCapacity(3))
      .then(expired(["r2", 2]), capacityChanged(6, 3));
  });

  it("says without the due ones how much is held", () => {
    given(opened({ capacity: 10 }), reserved("r1", { quantity: 2, expiresAt: noon }), reserved("r2", { quantity: 3 }))
      .when(changeCapacity(2))
      .thenRefused("capacity-below-commitments", { committed: 3, capacity: 10 });
  });

  it("concerns a draft and an event that is over as well", () => {
    given(opened({ capacity: 2, draft: true }))
      .when(changeCapacity(3))
      .then(capacityChanged(2, 3));
    given(opened({ capacity: 2, event: { endsAt: noon } }))
      .when(changeCapacity(3))
      .then(capacityChanged(2, 3));
  });

  it("is refused where no such ticket type is", () => {
    given().when(changeCapacity(1)).thenRefused("ticket-type-not-found");
  });

  it("decides at once what can be had", () => {
    given(opened({ capacity: 10 }), capacityChanged(10, 1))
      .when(reserve("r1", { quantity: 2 }))
      .thenRefused("sold-out", { available: 1 });
  });
});
