import { describe, it } from "vitest";
import {
  bought,
  claimed,
  claimedUntil,
  claimReleased,
  deadline,
  inventoryClosed,
  letGo,
  returned,
} from "./buying-words.ts";
import { expired, given, HOLD_TTL_MS, opened, released, reserved } from "./inventory-words.ts";
import { justBefore, later, noon } from "./times.ts";

describe("letting go", () => {
  const claims = [opened(), reserved("r1", { quantity: 2 }), claimed("r1", { quantity: 2 })];
  const expiresAt = later(noon, HOLD_TTL_MS);

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

  it("of what was claimed in vain leaves alone what is booked: somebody else may have been quicker", () => {
    for (const outcome of ["abandoned", "late"] as const) {
      given(opened(), ...bought("r1", { quantity: 3 }))
        .when(letGo("r1", outcome))
        .then()
        .leaving({ booked: 3 });
    }
  });

  it("of what was taken again too late frees the tickets", () => {
    given(...claims)
      .when(letGo("r1", "late"))
      .then(expired(["r1", 2]));
  });

  it("at the booking's end gives back what is booked already, each ticket once", () => {
    const sold = [opened(), ...bought("r1", { quantity: 3 })];
    for (const outcome of ["declined", "withdrawn", "timed-out"] as const) {
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
