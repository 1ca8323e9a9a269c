import { describe, it } from "vitest";
import { bought, returned } from "./buying-words.ts";
import { expired, extended, given, opened, released, reserve, reserved } from "./inventory-words.ts";
import { justBefore, later, noon } from "./times.ts";

describe("maxPerOrder", () => {
  it("is how many one reservation may have", () => {
    given(opened({ maxPerOrder: 4 }))
      .when(reserve("r1", { quantity: 4 }))
      .then(reserved("r1", { quantity: 4 }));
    given(opened({ maxPerOrder: 4 }))
      .when(reserve("r1", { quantity: 5 }))
      .thenRefused("limit-exceeded", { maxPerOrder: 4 });
  });

  it("is said before maxPerUser and before what is left", () => {
    given(opened({ capacity: 1, maxPerOrder: 2, maxPerUser: 1 }))
      .when(reserve("r1", { quantity: 3 }))
      .thenRefused("limit-exceeded", { maxPerOrder: 2 });
  });
});

describe("maxPerUser", () => {
  const limited = opened({ capacity: 100, maxPerUser: 4 });

  it("is how many one account may have in all its reservations", () => {
    given(limited, reserved("r1", { quantity: 3 }))
      .when(reserve("r2"))
      .then(reserved("r2"));
    given(limited, reserved("r1", { quantity: 3 }))
      .when(reserve("r2", { quantity: 2 }))
      .thenRefused("limit-exceeded", { maxPerUser: 4, remaining: 1 });
  });

  it("holds for a first reservation too", () => {
    given(limited)
      .when(reserve("r1", { quantity: 5 }))
      .thenRefused("limit-exceeded", { maxPerUser: 4, remaining: 4 });
  });

  it("is said before what is left", () => {
    given(opened({ capacity: 1, maxPerUser: 4 }))
      .when(reserve("r1", { quantity: 5 }))
      .thenRefused("limit-exceeded", { maxPerUser: 4, remaining: 4 });
  });

  it("counts each account for itself", () => {
    given(limited, reserved("r1", { by: "ada", quantity: 4 }))
      .when(reserve("r2", { by: "bob", quantity: 4 }))
      .then(reserved("r2", { by: "bob", quantity: 4 }));
  });

  it("counts guests alike", () => {
    given(limited, reserved("r1", { by: "guest-1", quantity: 4 }))
      .when(reserve("r2", { by: "guest-1", guest: true }))
      .thenRefused("limit-exceeded", { maxPerUser: 4, remaining: 0 });
  });

  it("forgets what was released", () => {
    given(limited, reserved("r1", { quantity: 3 }), released("r1", 3))
      .when(reserve("r2", { quantity: 4 }))
      .then(reserved("r2", { quantity: 4 }));
  });

  it("forgets what has expired on record", () => {
    given(limited, reserved("r1", { quantity: 3, expiresAt: noon }), expired(["r1", 3]))
      .when(reserve("r2", { quantity: 4 }))
      .then(reserved("r2", { quantity: 4 }));
  });

  it("forgets bought tickets that came back, and no others", () => {
    const kept = [limited, ...bought("r1", { quantity: 4 }), returned("r1", [0, 2])];
    given(...kept)
      .when(reserve("r2", { quantity: 2 }))
      .then(reserved("r2", { quantity: 2 }));
    given(...kept)
      .when(reserve("r2", { quantity: 3 }))
      .thenRefused("limit-exceeded", { maxPerUser: 4, remaining: 2 });
  });

  it("counts due ones out, exactly from their expiresAt on, though nothing ends them yet", () => {
    const held = [limited, reserved("r1", { quantity: 3, expiresAt: noon })];
    given(...held)
      .when(reserve("r2", { quantity: 4, at: noon }))
      .then(reserved("r2", { quantity: 4 }));
    given(...held)
      .when(reserve("r2", { quantity: 4, at: justBefore(noon) }))
      .thenRefused("limit-exceeded", { maxPerUser: 4, remaining: 1 });
  });

  it("counts out only the account's own due ones", () => {
    given(limited, reserved("r1", { quantity: 3 }), reserved("r2", { by: "bob", quantity: 3, expiresAt: noon }))
      .when(reserve("r3", { quantity: 2 }))
      .thenRefused("limit-exceeded", { maxPerUser: 4, remaining: 1 });
  });

  it("says what remains when some of the account's are due and some are not", () => {
    given(limited, reserved("r1", { quantity: 2, expiresAt: noon }), reserved("r2", { quantity: 2 }))
      .when(reserve("r3", { quantity: 3 }))
      .thenRefused("limit-exceeded", { maxPerUser: 4, remaining: 2 });
  });

  it("counts an extended reservation once, until its new expiresAt", () => {
    const afternoon = later(noon, 60_000);
    const held = [limited, reserved("r1", { quantity: 3, expiresAt: noon }), extended("r1", noon, afternoon)];
    given(...held)
      .when(reserve("r2", { quantity: 2, at: noon }))
      .thenRefused("limit-exceeded", { maxPerUser: 4, remaining: 1 });
    given(...held)
      .when(reserve("r2", { at: noon }))
      .then(reserved("r2"));
  });
});
