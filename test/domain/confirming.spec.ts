import { describe, it } from "vitest";
import {
  bought,
  claimed,
  claimedUntil,
  claimReleased,
  confirm,
  confirmed,
  inventoryClosed,
  returned,
} from "./buying-words.ts";
import {
  capacityChanged,
  changeCapacity,
  expired,
  extend,
  given,
  lapseDue,
  opened,
  release,
  released,
  reserve,
  reserved,
} from "./inventory-words.ts";
import { justBefore, later, noon } from "./times.ts";

describe("confirming what is claimed", () => {
  const claims = [opened(), reserved("r1", { quantity: 2, expiresAt: noon }), claimed("r1", { quantity: 2 })];

  it("books it, until the claim's end", () => {
    given(...claims)
      .when(confirm("r1", { at: justBefore(claimedUntil) }))
      .then(confirmed("r1", { quantity: 2 }))
      .leaving({ held: 0, claimed: 0, booked: 2 });
  });

  it("is refused from the claim's end on, recorded or not", () => {
    given(...claims)
      .when(confirm("r1", { at: claimedUntil }))
      .thenRefused("reservation-not-held");
    given(...claims, expired(["r1", 2]))
      .when(confirm("r1", { at: claimedUntil }))
      .thenRefused("reservation-not-held");
  });

  it("again changes nothing, also when some of it came back", () => {
    given(...claims, confirmed("r1", { quantity: 2 }))
      .when(confirm("r1"))
      .then();
    given(...claims, confirmed("r1", { quantity: 2 }), returned("r1", [1]))
      .when(confirm("r1"))
      .then();
  });

  it("is refused when the event is cancelled, also for what is booked: who asks has not been paid yet", () => {
    given(...claims, confirmed("r1", { quantity: 2 }), inventoryClosed())
      .when(confirm("r1"))
      .thenRefused("event-cancelled");
    given(...claims, inventoryClosed())
      .when(confirm("r1"))
      .thenRefused("event-cancelled");
    given(opened(), inventoryClosed()).when(confirm("r1")).thenRefused("event-cancelled");
  });

  it("is refused for what the booking does not have", () => {
    given().when(confirm("r1")).thenRefused("ticket-type-not-found");
    given(opened()).when(confirm("r1")).thenRefused("reservation-not-held");
    given(opened(), reserved("r1")).when(confirm("r1")).thenRefused("reservation-not-held");
    given(...claims)
      .when(confirm("r1", { booking: "other" }))
      .thenRefused("reservation-not-held");
    given(...claims, claimReleased("r1"))
      .when(confirm("r1"))
      .thenRefused("reservation-not-held");
    given(...claims, released("r1", 2))
      .when(confirm("r1"))
      .thenRefused("reservation-not-held");
    given(opened(), ...bought("r1"))
      .when(confirm("r1", { booking: "other" }))
      .thenRefused("reservation-not-held");
    given(opened(), ...bought("r1"), returned("r1", [0]))
      .when(confirm("r1"))
      .thenRefused("reservation-not-held");
  });
});

describe("what is booked", () => {
  const sold = [opened({ capacity: 2 }), ...bought("r1", { quantity: 2 })];

  it("never lapses", () => {
    given(...sold)
      .when(lapseDue({ at: later(noon, 1e12) }))
      .then();
  });

  it("is not held any more: it can't be extended, and there is nothing to release", () => {
    given(...sold)
      .when(extend("r1"))
      .thenRefused("reservation-not-held");
    given(...sold)
      .when(release("r1"))
      .then()
      .leaving({ booked: 2 });
  });

  it("is not for sale, and the capacity can't go below it", () => {
    given(...sold)
      .when(reserve("r2"))
      .thenRefused("sold-out", { available: 0 });
    given(...sold)
      .when(changeCapacity(1))
      .thenRefused("capacity-below-commitments", { committed: 2, capacity: 2 });
    given(...sold, returned("r1", [0]))
      .when(changeCapacity(1))
      .then(capacityChanged(2, 1));
  });

  it("counts for the limit of the account, until it comes back", () => {
    const limited = [opened({ maxPerUser: 3 }), ...bought("r1", { quantity: 2 })];
    given(...limited)
      .when(reserve("r2", { quantity: 2 }))
      .thenRefused("limit-exceeded", { maxPerUser: 3, remaining: 1 });
    given(...limited)
      .when(reserve("r2"))
      .then(reserved("r2"));
    given(...limited, returned("r1", [0]))
      .when(reserve("r2", { quantity: 2 }))
      .then(reserved("r2", { quantity: 2 }));
    given(...limited, returned("r1", [0]), returned("r1", [1]))
      .when(reserve("r2", { quantity: 4 }))
      .thenRefused("limit-exceeded", { maxPerUser: 3, remaining: 3 });
    given(...limited, reserved("r2", { expiresAt: noon }))
      .when(reserve("r3", { quantity: 2 }))
      .thenRefused("limit-exceeded", { maxPerUser: 3, remaining: 1 });
  });
});
