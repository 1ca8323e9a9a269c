import { describe, it } from "vitest";
import {
  bought,
  claimed,
  claimedUntil,
  claimReleased,
  confirm,
  confirmed,
  deadline,
  giveBack,
  inventoryClosed,
  letGo,
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

  it("again changes nothing, also when some of it came back or the event is cancelled", () => {
    given(...claims, confirmed("r1", { quantity: 2 }))
      .when(confirm("r1"))
      .then();
    given(...claims, confirmed("r1", { quantity: 2 }), returned("r1", [1]))
      .when(confirm("r1"))
      .then();
    given(...claims, confirmed("r1", { quantity: 2 }), inventoryClosed())
      .when(confirm("r1"))
      .then();
  });

  it("is refused when the event is cancelled", () => {
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

describe("returning tickets", () => {
  const sold = [opened({ capacity: 3 }), ...bought("r1", { quantity: 3 })];

  it("makes them free again", () => {
    given(...sold)
      .when(giveBack("r1", [0, 2]))
      .then(returned("r1", [0, 2]))
      .leaving({ booked: 1, held: 0 });
    given(...sold, returned("r1", [0, 2]))
      .when(reserve("r2", { quantity: 2 }))
      .then(reserved("r2", { quantity: 2 }));
  });

  it("takes each once", () => {
    given(...sold, returned("r1", [0]))
      .when(giveBack("r1", [0]))
      .then();
    given(...sold, returned("r1", [0]))
      .when(giveBack("r1", [0, 1, 1]))
      .then(returned("r1", [1]))
      .leaving({ booked: 1 });
    given(...sold, returned("r1", [0, 1, 2]))
      .when(giveBack("r1", [0, 1, 2]))
      .then()
      .leaving({ booked: 0 });
  });

  it("takes only what was bought", () => {
    given(...sold)
      .when(giveBack("r1", [-1, 0.5, 3, 2]))
      .then(returned("r1", [2]));
    given(...sold)
      .when(giveBack("r1", []))
      .then();
  });

  it("changes nothing for what the booking does not have", () => {
    given()
      .when(giveBack("r1", [0]))
      .thenRefused("ticket-type-not-found");
    given(opened())
      .when(giveBack("r1", [0]))
      .then();
    given(opened(), reserved("r1"), claimed("r1"))
      .when(giveBack("r1", [0]))
      .then();
    given(...sold)
      .when(giveBack("r1", [0], { booking: "other" }))
      .then();
  });

  it("goes on when the event is cancelled", () => {
    given(...sold, inventoryClosed())
      .when(giveBack("r1", [0, 1, 2]))
      .then(returned("r1", [0, 1, 2]));
  });

  it("leaves the id free once all are back", () => {
    given(...sold, returned("r1", [0, 1, 2]))
      .when(reserve("r1"))
      .then(reserved("r1"));
    given(...sold, returned("r1", [0, 1, 2]), ...bought("r1", { booking: "other" }))
      .when(letGo("r1", "withdrawn", { booking: "other" }))
      .then(returned("r1", [0], "other"));
    given(...sold, returned("r1", [0, 1]))
      .when(reserve("r1"))
      .thenRefused("already-exists");
  });
});

describe("letting go", () => {
  const claims = [opened(), reserved("r1", { quantity: 2 }), claimed("r1", { quantity: 2 })];
  const expiresAt = claims[1]?.type === "TicketsReserved" ? claims[1].data.expiresAt : noon;

  it("after a declined payment leaves it to its owner, and counts the attempt", () => {
    given(...claims)
      .when(letGo("r1", "declined"))
      .then(claimReleased("r1", { declined: true }))
      .leaving({ held: 2, claimed: 0 });
  });

  it("after an abandoned purchase leaves it to its owner, and counts nothing", () => {
    given(...claims)
      .when(letGo("r1", "abandoned"))
      .then(claimReleased("r1", { declined: false }));
  });

  it("leaves it to its owner until its own end; after that it has lapsed", () => {
    given(...claims)
      .when(letGo("r1", "declined", { at: justBefore(expiresAt) }))
      .then(claimReleased("r1", { declined: true }));
    given(...claims)
      .when(letGo("r1", "declined", { at: expiresAt }))
      .then(claimReleased("r1", { declined: true }), expired(["r1", 2]))
      .leaving({ held: 0, claimed: 0 });
  });

  it("after a withdrawal frees the tickets", () => {
    given(...claims)
      .when(letGo("r1", "withdrawn"))
      .then(released("r1", 2))
      .leaving({ held: 0, claimed: 0 });
  });

  it("after the deadline frees the tickets", () => {
    given(...claims)
      .when(letGo("r1", "timed-out", { at: deadline }))
      .then(expired(["r1", 2]))
      .leaving({ held: 0, claimed: 0 });
  });

  it("from the claim's end on records that it lapsed, whatever the outcome", () => {
    for (const outcome of ["declined", "abandoned", "withdrawn", "timed-out"] as const) {
      given(opened(), reserved("r1", { expiresAt: later(claimedUntil, 60_000) }), claimed("r1"))
        .when(letGo("r1", outcome, { at: claimedUntil }))
        .then(expired("r1"));
    }
  });

  it("gives back what is booked already, each ticket once, whatever the outcome", () => {
    const sold = [opened(), ...bought("r1", { quantity: 3 })];
    for (const outcome of ["declined", "abandoned", "withdrawn", "timed-out"] as const) {
      given(...sold)
        .when(letGo("r1", outcome))
        .then(returned("r1", [0, 1, 2]))
        .leaving({ booked: 0 });
      given(...sold, returned("r1", [1]))
        .when(letGo("r1", outcome))
        .then(returned("r1", [0, 2]))
        .leaving({ booked: 0 });
    }
  });

  it("of what the booking does not have changes nothing", () => {
    given().when(letGo("r1", "withdrawn")).thenRefused("ticket-type-not-found");
    given(opened()).when(letGo("r1", "withdrawn")).then();
    given(opened(), reserved("r1")).when(letGo("r1", "withdrawn")).then();
    given(...claims)
      .when(letGo("r1", "withdrawn", { booking: "other" }))
      .then();
    given(...claims, claimReleased("r1"))
      .when(letGo("r1", "withdrawn"))
      .then();
    given(opened(), ...bought("r1"))
      .when(letGo("r1", "withdrawn", { booking: "other" }))
      .then();
  });

  it("goes on when the event is cancelled", () => {
    given(...claims, inventoryClosed())
      .when(letGo("r1", "withdrawn"))
      .then(released("r1", 2));
    given(...claims, inventoryClosed())
      .when(letGo("r1", "abandoned"))
      .then(claimReleased("r1"));
    given(opened(), ...bought("r1"), inventoryClosed())
      .when(letGo("r1", "withdrawn"))
      .then(returned("r1", [0]));
  });
});
