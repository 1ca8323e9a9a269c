import { describe, it } from "vitest";
import { expired, given, lapseDue, opened, release, released, reserved } from "./inventory-words.ts";
import { justBefore, later, noon } from "./times.ts";

describe("releasing a reservation", () => {
  it("gives its tickets back", () => {
    given(opened(), reserved("r1", { quantity: 3 }), reserved("r2", { quantity: 2 }))
      .when(release("r1"))
      .then(released("r1", 3))
      .leaving({ held: 2 });
  });

  it("changes nothing when it was released before", () => {
    given(opened(), reserved("r1"), released("r1")).when(release("r1")).then();
  });

  it("changes nothing when it has expired on record", () => {
    given(opened(), reserved("r1"), expired("r1")).when(release("r1")).then();
  });

  it("changes nothing exactly from expiresAt on: it expires, it is not released", () => {
    const held = [opened(), reserved("r1", { expiresAt: noon })];
    given(...held)
      .when(release("r1", { at: justBefore(noon) }))
      .then(released("r1"));
    given(...held)
      .when(release("r1", { at: noon }))
      .then()
      .leaving({ held: 1 });
  });

  it("does nothing to somebody else's", () => {
    given(opened(), reserved("r1", { by: "ada" }))
      .when(release("r1", { by: "bob" }))
      .then()
      .leaving({ held: 1 });
  });

  it("does not depend on the sale being open", () => {
    given(opened({ event: { endsAt: noon } }), reserved("r1", { expiresAt: later(noon, 1) }))
      .when(release("r1", { at: noon }))
      .then(released("r1"));
  });

  it("leaves nothing behind that could come due", () => {
    given(opened(), reserved("r1", { expiresAt: noon }), released("r1"))
      .when(lapseDue({ at: later(noon, 1) }))
      .then();
  });

  it("is refused where no such ticket type is", () => {
    given().when(release("r1")).thenRefused("ticket-type-not-found");
  });
});
