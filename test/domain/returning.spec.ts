import { describe, it } from "vitest";
import { bought, claimed, giveBack, inventoryClosed, letGo, returned } from "./buying-words.ts";
import { given, opened, reserve, reserved } from "./inventory-words.ts";

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
