import { describe, it } from "vitest";
import { MAX_CART_LINES, SAME_TIME_MS } from "../../src/domain/cart.ts";
import {
  checkedOut,
  checkOut,
  clear,
  cleared,
  complete,
  completed,
  end,
  expire,
  expired,
  given,
  HOLD_TTL_MS,
  opened,
  reopen,
  reopened,
  touch,
  touched,
} from "./cart-words.ts";
import { justBefore, later, noon } from "./times.ts";

const line = { eventId: "concert", ticketTypeId: "regular" };

/** A new cart with the ticket type in it, touched at that time. */
const next = (at: string) =>
  [opened("next", { expiresAt: later(at, HOLD_TTL_MS) }), touched("regular", "next")] as const;

describe("touching a ticket type", () => {
  it("opens a cart where there is none, until its event's term is over", () => {
    given()
      .when(touch({ at: noon, holdTtlSeconds: 60, currency: "USD" }))
      .then(opened("next", { expiresAt: later(noon, 60_000), currency: "USD" }), touched("regular", "next"));
  });

  it("notes each ticket type once", () => {
    given(opened()).when(touch()).then(touched());
    given(opened(), touched()).when(touch()).then();
    given(opened(), touched())
      .when(touch({ ticketTypeId: "vip" }))
      .then(touched("vip"));
  });

  it("tells ticket types of the same id in other events apart", () => {
    const elsewhere = { ...touched(), data: { ...touched().data, eventId: "play" } };
    given(opened(), elsewhere).when(touch()).then(touched());
  });

  it("is refused for another currency", () => {
    given(opened(), touched())
      .when(touch({ ticketTypeId: "vip", currency: "USD" }))
      .thenRefused("currency-mixed", { currency: "EUR" });
  });

  it("is refused beyond so many lines; those that are there can still be set", () => {
    const full = [opened(), ...Array.from({ length: MAX_CART_LINES }, (_, n) => touched(`type-${n}`))];
    given(...full)
      .when(touch())
      .thenRefused("limit-exceeded", { maxLines: MAX_CART_LINES });
    given(...full)
      .when(touch({ ticketTypeId: "type-7" }))
      .then();
  });

  it("opens a new cart at the very end of the one before, which then has expired", () => {
    given(opened(), touched())
      .when(touch({ at: justBefore(end) }))
      .then();
    given(opened(), touched())
      .when(touch({ at: end }))
      .then(expired(), ...next(end));
  });

  it("may be in another currency then", () => {
    given(opened(), touched())
      .when(touch({ at: end, currency: "USD" }))
      .then(
        expired(),
        opened("next", { expiresAt: later(end, HOLD_TTL_MS), currency: "USD" }),
        touched("regular", "next"),
      );
  });

  it.each([
    ["bought", [checkedOut(), completed()]],
    ["cleared", [cleared()]],
    ["expired", [expired()]],
  ])("opens a new cart when the one before was %s", (_, events) => {
    given(opened(), touched(), ...events)
      .when(touch())
      .then(...next(noon));
  });

  it("is refused while a booking has the cart, also after the cart's time", () => {
    given(opened(), touched(), checkedOut()).when(touch()).thenRefused("payment-in-progress");
    given(opened(), touched(), checkedOut())
      .when(touch({ at: later(end, 1) }))
      .thenRefused("payment-in-progress");
  });

  it("goes on in a cart that was reopened", () => {
    given(opened(), touched(), checkedOut(), reopened())
      .when(touch({ ticketTypeId: "vip" }))
      .then(touched("vip"));
  });
});

describe("a cart that holds nothing", () => {
  const empty = { cartId: "cart", lines: 1 };
  const soon = later(noon, SAME_TIME_MS + 1);

  it("makes way for one with the whole time", () => {
    given(opened(), touched())
      .when(touch({ at: soon, empty }))
      .then(cleared(), ...next(soon));
  });

  it("makes way for one in another currency", () => {
    given(opened(), touched())
      .when(touch({ empty, currency: "USD" }))
      .then(cleared(), opened("next", { currency: "USD" }), touched("regular", "next"));
  });

  it("stays when a new one would end at much the same time", () => {
    given(opened(), touched())
      .when(touch({ at: later(noon, SAME_TIME_MS), empty }))
      .then();
  });

  it("stays when something was touched after its inventories were asked", () => {
    given(opened(), touched(), touched("vip"))
      .when(touch({ at: soon, empty }))
      .then();
  });

  it("is not mistaken for the one after it", () => {
    given(opened("cart"), touched(), cleared(), opened("other"), touched("regular", "other"))
      .when(touch({ at: soon, empty }))
      .then();
  });
});

describe("checking out", () => {
  it("takes the cart for one booking", () => {
    given(opened(), touched())
      .when(checkOut({ at: justBefore(end) }))
      .then(checkedOut());
  });

  it("may be asked for again by the same booking, also when it is bought", () => {
    given(opened(), touched(), checkedOut()).when(checkOut()).then();
    given(opened(), touched(), checkedOut())
      .when(checkOut({ at: later(end, 1) }))
      .then();
    given(opened(), touched(), checkedOut(), completed()).when(checkOut()).then();
  });

  it("is refused to another booking", () => {
    given(opened(), touched(), checkedOut())
      .when(checkOut({ by: "another" }))
      .thenRefused("payment-in-progress");
  });

  it("is possible again after the booking came to nothing, within the cart's time", () => {
    const events = [opened(), touched(), checkedOut(), reopened()];
    given(...events)
      .when(checkOut({ by: "another" }))
      .then(checkedOut("another"));
    given(...events)
      .when(checkOut({ by: "another", at: end }))
      .thenRefused("cart-expired");
  });

  it.each([
    ["there is none", []],
    ["it is another", [opened("other")]],
    ["it was cleared", [opened(), touched(), cleared()]],
    ["it has expired on record", [opened(), touched(), expired()]],
    ["another booking has bought it", [opened(), touched(), checkedOut("another"), completed("another")]],
  ])("is refused when %s", (_, events) => {
    given(...events)
      .when(checkOut())
      .thenRefused("cart-expired");
  });

  it("is refused from its end on", () => {
    given(opened(), touched())
      .when(checkOut({ at: end }))
      .thenRefused("cart-expired");
  });
});

describe("a cart in checkout", () => {
  const events = [opened(), touched(), checkedOut()];

  it("is given back, and bought, by its own booking only", () => {
    given(...events)
      .when(reopen())
      .then(reopened());
    given(...events)
      .when(complete())
      .then(completed());
    for (const other of [{ by: "another" }, { cartId: "other" }]) {
      given(...events)
        .when(reopen(other))
        .then();
      given(...events)
        .when(complete(other))
        .then();
    }
  });

  it("neither expires nor is cleared", () => {
    given(...events)
      .when(expire({ at: later(end, 1) }))
      .then();
    given(...events)
      .when(clear())
      .thenRefused("payment-in-progress");
  });

  it("is given back and bought once", () => {
    given(...events, reopened())
      .when(reopen())
      .then();
    given(...events, reopened())
      .when(complete())
      .then();
    given(...events, completed())
      .when(complete())
      .then();
    given(...events, completed())
      .when(reopen())
      .then();
  });
});

describe("clearing", () => {
  it("ends the cart, once", () => {
    given(opened(), touched()).when(clear()).then(cleared());
    given(opened(), touched(), cleared()).when(clear()).then();
  });

  it("leaves on record which lines it had, whose tickets are given back afterwards", () => {
    given(opened(), touched())
      .when(clear())
      .then(cleared())
      .leaving({ status: "cleared", cartId: "cart", lines: [line] });
  });

  it("leaves a cart that got another line meanwhile", () => {
    given(opened(), touched(), touched("vip")).when(clear()).then();
    given(opened(), touched(), touched("vip"))
      .when(clear({ lines: 2 }))
      .then(cleared());
  });

  it("leaves another cart alone, and none is fine", () => {
    given(opened("other"), touched("regular", "other")).when(clear()).then();
    given().when(clear()).then().leaving({ status: "none" });
    given(opened(), touched(), checkedOut(), completed()).when(clear()).then();
  });

  it("finds that its time was over", () => {
    given(opened(), touched())
      .when(clear({ at: end }))
      .then(expired());
  });
});

describe("expiring", () => {
  it("is recorded from the end on, once", () => {
    given(opened(), touched())
      .when(expire({ at: justBefore(end) }))
      .then();
    given(opened(), touched())
      .when(expire({ at: end }))
      .then(expired());
    given(opened(), touched(), expired())
      .when(expire({ at: end }))
      .then();
    given()
      .when(expire({ at: end }))
      .then();
  });

  it("leaves on record which lines it had", () => {
    given(opened(), touched())
      .when(expire({ at: end }))
      .then(expired())
      .leaving({ status: "expired", cartId: "cart", lines: [line] });
  });

  it("comes after a booking that came to nothing", () => {
    given(opened(), touched(), checkedOut(), reopened())
      .when(expire({ at: end }))
      .then(expired());
  });
});
