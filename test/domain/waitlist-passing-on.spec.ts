import { describe, it } from "vitest";
import { bought, claimed, deadline, holdAgain } from "./buying-words.ts";
import {
  capacityChanged,
  changeCapacity,
  expired,
  given,
  lapseDue,
  opened,
  release,
  released,
  reserve,
  reserved,
  salePaused,
  termsChanged,
} from "./inventory-words.ts";
import { noon } from "./times.ts";
import { byEve, joined, offered, soldOut } from "./waitlist-words.ts";

const named = (count: number): readonly string[] => Array.from({ length: count }, (_, i) => `r${100 + i}`);

describe("a decision passes on", () => {
  it("nothing of what is booked", () => {
    given(
      opened({ capacity: 3 }),
      ...bought("r1", byEve),
      reserved("r2", byEve),
      joined("ada", 1, { quantity: 3 }),
      joined("bob", 2, { quantity: 2 }),
    )
      .when(release("r2", byEve))
      .then(released("r2"), offered(["bob", 2]));
  });

  it("nothing where it is refused", () => {
    given(...soldOut, claimed("r1", byEve), joined("ada", 1))
      .when(release("r1", byEve))
      .thenRefused("payment-in-progress");
  });

  it("nothing where it changes nothing: what is free already is for housekeeping", () => {
    given(...soldOut, joined("ada", 1), released("r1"))
      .when(release("r1", byEve))
      .then();
  });

  it("nothing of what is due where nobody gets it: that ends in its own time", () => {
    given(...soldOut, reserved("r3", { expiresAt: noon }), joined("ada", 1, { quantity: 3 }))
      .when(release("r1", byEve))
      .then(released("r1"));
  });

  it("as many tickets as come back, however many that is", () => {
    const waiting = named(60);
    given(
      opened({ capacity: 6_000 }),
      reserved("r1", { by: "eve", quantity: 6_000 }),
      ...waiting.map((entryId, i) => joined(entryId, i + 1, { quantity: 100 })),
    )
      .when(release("r1", byEve))
      .then(released("r1", 6_000), offered(...waiting.map((entryId) => [entryId, 100] as const)));
  });

  it("what it frees itself with 500 reservations; with more of them it is large enough, and housekeeping follows", () => {
    const ids = named(600);
    const due = [opened({ capacity: 600 }), ...ids.map((id) => reserved(id, { by: `by-${id}`, expiresAt: noon }))];
    given(...due, joined("ada", 1))
      .when(changeCapacity(100))
      .then(expired(...ids.slice(0, 500)), capacityChanged(600, 100), expired(...ids.slice(500)), offered("ada"));
    given(...due, joined("ada", 1))
      .when(changeCapacity(99))
      .then(expired(...ids.slice(0, 500)), expired(...ids.slice(500, 501)), capacityChanged(600, 99));
  });
});

it("where 500 reservations are due, no more, it is known at once who is next", () => {
  const ids = named(500);
  given(
    opened({ capacity: 500 }),
    ...ids.map((id) => reserved(id, { by: `by-${id}`, expiresAt: noon })),
    joined("ada", 1, { quantity: 100 }),
  )
    .when(lapseDue())
    .then(expired(...ids), offered(["ada", 100]));
});

describe("what is left by those who wait is for others", () => {
  const held = [reserved("late", { by: "bob", expiresAt: deadline }), claimed("late", { by: "bob" })] as const;
  const again = holdAgain("late", { by: "bob" });

  it("and no more than that", () => {
    given(...soldOut, joined("ada", 1, { quantity: 3 }), released("r2", 2))
      .when(reserve("r3", { by: "bob", quantity: 3 }))
      .thenRefused("sold-out", { available: 2 });
  });

  it("for a late payment while the sale is paused, if it would do for nobody who waits", () => {
    given(...soldOut, joined("ada", 1, { quantity: 2 }), released("r1"), salePaused())
      .when(again)
      .then(...held);
    given(...soldOut, joined("ada", 1), released("r1"), salePaused())
      .when(again)
      .thenRefused("sold-out", {
        available: 0,
      });
  });

  it("for a late payment when the sale has closed, whoever is still in the list", () => {
    given(...soldOut, joined("ada", 1), released("r1"), termsChanged({ saleEndsAt: noon }))
      .when(again)
      .then(...held);
  });
});
