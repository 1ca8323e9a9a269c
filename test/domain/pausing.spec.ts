import { describe, it } from "vitest";
import {
  bought,
  claim,
  claimed,
  confirm,
  confirmed,
  deadline,
  holdAgain,
  lineReserved,
  quantityChanged,
  setLine,
} from "./buying-words.ts";
import {
  extend,
  extended,
  given,
  inventoryRemoved,
  lapseDue,
  opened,
  pause,
  release,
  released,
  reserve,
  reserved,
  resume,
  salePaused,
  saleResumed,
} from "./inventory-words.ts";
import { evening, later, morning, noon } from "./times.ts";
import { ended, join, joined, leave, left, offered } from "./waitlist-words.ts";

describe("pausing a sale", () => {
  it("is recorded once in each scope", () => {
    given(opened()).when(pause()).then(salePaused());
    given(opened(), salePaused()).when(pause()).then();
    given(opened(), salePaused()).when(pause("ticket-type")).then(salePaused("ticket-type"));
    given(opened({ draft: true }))
      .when(pause())
      .then(salePaused());
  });

  it("is over when each scope is resumed", () => {
    given(opened()).when(resume()).then();
    given(opened(), salePaused("event")).when(resume("ticket-type")).then();
    given(opened(), salePaused("event"), salePaused("ticket-type"))
      .when(resume("event"))
      .then(saleResumed("event"))
      .leaving({ paused: { event: false, "ticket-type": true } });
    const resumed = [opened(), salePaused("event"), salePaused("ticket-type"), saleResumed("event")];
    given(...resumed)
      .when(reserve("r1"))
      .thenRefused("sale-paused");
    given(...resumed, saleResumed("ticket-type"))
      .when(reserve("r1"))
      .then(reserved("r1"));
  });

  it("is of no ticket type that was deleted", () => {
    given(opened(), inventoryRemoved()).when(pause()).thenRefused("ticket-type-not-found");
  });
});

describe("while the sale is paused", () => {
  const paused = [opened({ capacity: 3 }), reserved("r1"), lineReserved("line"), salePaused("ticket-type")];

  it("nobody reserves, in whatever way", () => {
    given(...paused)
      .when(reserve("r2"))
      .thenRefused("sale-paused");
    given(...paused)
      .when(setLine("new", 1))
      .thenRefused("sale-paused");
    given(...paused)
      .when(setLine("line", 2))
      .thenRefused("sale-paused");
    given(...paused)
      .when(join("eve"))
      .thenRefused("sale-paused");
  });

  it("what is held is extended, given back and bought as ever", () => {
    const end = later(noon, 600_000);
    given(...paused)
      .when(extend("r1"))
      .then(extended("r1", end, later(end, 600_000)));
    given(...paused)
      .when(release("r1"))
      .then(released("r1"));
    given(...paused)
      .when(setLine("line", 0))
      .then(released("line"));
    given(...paused)
      .when(claim("r1"))
      .then(claimed("r1"));
    given(...paused, claimed("r1"))
      .when(confirm("r1"))
      .then(confirmed("r1"));
  });

  it("a line of a cart may become smaller", () => {
    given(opened(), lineReserved("line", { quantity: 3 }), salePaused())
      .when(setLine("line", 2))
      .then(quantityChanged("line", 3, 2));
  });

  it("what is paid too late takes its tickets again: it was bought before", () => {
    given(opened(), salePaused())
      .when(holdAgain("r1"))
      .then(reserved("r1", { expiresAt: deadline }), claimed("r1"));
  });
});

describe("the waitlist of a paused sale", () => {
  const full = [opened({ capacity: 1 }), ...bought("r1"), joined("eve", 1)];

  it("is offered nothing until the sale is resumed, and then first", () => {
    const free = [opened({ capacity: 1 }), reserved("r1"), joined("eve", 1), salePaused(), released("r1")];
    given(opened({ capacity: 1 }), reserved("r1"), joined("eve", 1), salePaused())
      .when(release("r1"))
      .then(released("r1"));
    given(...free)
      .when(lapseDue())
      .then();
    given(...free)
      .when(resume())
      .then(saleResumed(), offered("eve"));
    given(...free, salePaused("ticket-type"))
      .when(resume())
      .then(saleResumed());
  });

  it("can be left", () => {
    given(...full, salePaused())
      .when(leave("eve"))
      .then(left("eve"));
  });

  it("ends with the sale all the same", () => {
    given(
      opened({ capacity: 1, event: { saleEndsAt: noon } }),
      reserved("r1", { expiresAt: evening }),
      joined("eve", 1),
      salePaused(),
    )
      .when(lapseDue({ at: noon }))
      .then(ended("sale-closed", "eve"));
    given(
      opened({ capacity: 1, event: { endsAt: noon, saleStartsAt: morning } }),
      reserved("r1", { expiresAt: evening }),
      joined("eve", 1),
      salePaused(),
    )
      .when(lapseDue({ at: noon }))
      .then(ended("event-ended", "eve"));
  });
});
