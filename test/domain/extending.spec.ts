import { describe, it } from "vitest";
import {
  expired,
  extend,
  extended,
  given,
  HOLD_TTL_MS,
  lapseDue,
  opened,
  released,
  reserve,
  reserved,
  termsChanged,
} from "./inventory-words.ts";
import { justBefore, later, noon } from "./times.ts";

const soon = later(noon, 60_000);

describe("extending a reservation", () => {
  it("moves expiresAt by the event's term", () => {
    given(opened(), reserved("r1", { expiresAt: soon }))
      .when(extend("r1"))
      .then(extended("r1", soon, later(soon, HOLD_TTL_MS)))
      .leaving({ held: 1 });
  });

  it("moves it by the term of now, whatever the reservation's own was", () => {
    given(opened(), reserved("r1", { expiresAt: soon }), termsChanged({ holdTtlSeconds: 30 }))
      .when(extend("r1"))
      .then(extended("r1", soon, later(soon, 30_000)));
  });

  it("works once", () => {
    const afternoon = later(soon, HOLD_TTL_MS);
    given(opened(), reserved("r1", { expiresAt: soon }), extended("r1", soon, afternoon))
      .when(extend("r1"))
      .thenRefused("extension-used");
  });

  it("works once for each reservation", () => {
    given(
      opened(),
      reserved("r1", { expiresAt: soon }),
      extended("r1", soon, later(soon, 1)),
      reserved("r2", { expiresAt: soon }),
    )
      .when(extend("r2"))
      .then(extended("r2", soon, later(soon, HOLD_TTL_MS)));
  });

  it("works until the last instant before expiresAt, and not at it", () => {
    const held = [opened(), reserved("r1", { expiresAt: noon })];
    given(...held)
      .when(extend("r1", { at: justBefore(noon) }))
      .then(extended("r1", noon, later(noon, HOLD_TTL_MS)));
    given(...held)
      .when(extend("r1", { at: noon }))
      .thenRefused("reservation-expired");
  });

  it("says that it expired rather than that it was extended before", () => {
    given(opened(), reserved("r1", { expiresAt: noon }), extended("r1", noon, soon))
      .when(extend("r1", { at: soon }))
      .thenRefused("reservation-expired");
  });

  it("is refused for what is not held", () => {
    given(opened()).when(extend("r1")).thenRefused("reservation-not-held");
    given(opened(), reserved("r1"), released("r1")).when(extend("r1")).thenRefused("reservation-not-held");
    given(opened(), reserved("r1"), expired("r1")).when(extend("r1")).thenRefused("reservation-not-held");
    given().when(extend("r1")).thenRefused("ticket-type-not-found");
  });

  it("is refused for somebody else's as if there were none", () => {
    given(opened(), reserved("r1", { by: "ada" }))
      .when(extend("r1", { by: "bob" }))
      .thenRefused("reservation-not-held");
  });
});

describe("an extended reservation", () => {
  const story = [opened({ capacity: 1 }), reserved("r1", { expiresAt: noon }), extended("r1", noon, soon)];

  it("is not due at its first expiresAt", () => {
    given(...story)
      .when(reserve("r2", { at: noon }))
      .thenRefused("sold-out", { available: 0 });
    given(...story)
      .when(lapseDue({ at: noon }))
      .then();
  });

  it("is due exactly at its new one", () => {
    given(...story)
      .when(lapseDue({ at: justBefore(soon) }))
      .then();
    given(...story)
      .when(lapseDue({ at: soon }))
      .then(expired("r1"))
      .leaving({ held: 0 });
  });
});
