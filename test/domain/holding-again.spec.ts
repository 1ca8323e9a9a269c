import { describe, it } from "vitest";
import {
  bought,
  claimed,
  claimedUntil,
  confirm,
  confirmed,
  holdAgain,
  inventoryClosed,
  lineReserved,
  returned,
} from "./buying-words.ts";
import { expired, given, opened, price, reserve, reserved } from "./inventory-words.ts";
import { later, noon } from "./times.ts";

/** The payment arrived after the deadline and the claim's end; there is some time again. */
const late = later(claimedUntil, 1_000);
const again = { at: late, until: later(late, 60_000) };
const cheap = { amount: 3000, currency: "EUR" };

describe("holding again what was paid too late", () => {
  it("takes the tickets once more, under the same id and at the price that was paid", () => {
    const held = reserved("r1", { quantity: 2, expiresAt: again.until });
    given(opened())
      .when(holdAgain("r1", { ...again, quantity: 2, unitPrice: cheap }))
      .then(
        { ...held, data: { ...held.data, unitPrice: cheap } },
        claimed("r1", { quantity: 2, unitPrice: cheap, until: again.until }),
      )
      .leaving({ held: 2, claimed: 2 });
  });

  it("lets it be confirmed then", () => {
    given(opened(), reserved("r1", { expiresAt: again.until }), claimed("r1", { until: again.until }))
      .when(confirm("r1", { at: late }))
      .then(confirmed("r1"));
  });

  it("asks neither for limits nor for the sale", () => {
    const strict = opened({ maxPerUser: 1, maxPerOrder: 1, event: { saleEndsAt: noon } });
    given(strict, reserved("r2", { expiresAt: again.until }))
      .when(holdAgain("r1", { ...again, quantity: 2 }))
      .then(
        reserved("r1", { quantity: 2, expiresAt: again.until }),
        claimed("r1", { quantity: 2, until: again.until }),
      );
  });

  it("may leave its account with more than the limit, which then has nothing remaining", () => {
    given(opened({ maxPerUser: 1 }), reserved("r1", { quantity: 3 }), claimed("r1", { quantity: 3 }))
      .when(reserve("r2"))
      .thenRefused("limit-exceeded", { maxPerUser: 1, remaining: 0 });
  });

  it("ends what is due, first of all under the same id", () => {
    given(opened({ capacity: 2 }), reserved("r2", { expiresAt: noon }), reserved("r1"), claimed("r1"))
      .when(holdAgain("r1", again))
      .then(expired("r1"), reserved("r1", { expiresAt: again.until }), claimed("r1", { until: again.until }))
      .leaving({ held: 2, claimed: 1 });
    given(opened({ capacity: 2 }), reserved("r2", { expiresAt: noon }), reserved("r1"), claimed("r1"))
      .when(holdAgain("r1", { ...again, quantity: 2 }))
      .then(
        expired("r1", "r2"),
        reserved("r1", { quantity: 2, expiresAt: again.until }),
        claimed("r1", { quantity: 2, until: again.until }),
      );
  });

  it("changes nothing when the booking has it still, or has bought it", () => {
    given(opened(), reserved("r1"), claimed("r1")).when(holdAgain("r1")).then();
    given(opened({ event: { endsAt: noon } }), reserved("r1"), claimed("r1"))
      .when(holdAgain("r1"))
      .then();
    given(opened(), ...bought("r1", { quantity: 2 }), returned("r1", [0]))
      .when(holdAgain("r1"))
      .then();
  });

  it("claims what its owner has taken again meanwhile, if it is the same", () => {
    given(opened(), lineReserved("r1")).when(holdAgain("r1")).then(claimed("r1"));
    given(opened(), lineReserved("r1", { quantity: 2 }))
      .when(holdAgain("r1"))
      .thenRefused("reservation-not-held");
    given(opened(), lineReserved("r1", { by: "bob" }))
      .when(holdAgain("r1"))
      .thenRefused("reservation-not-held");
    given(opened(), lineReserved("r1"))
      .when(holdAgain("r1", { unitPrice: { ...price, amount: 1 } }))
      .thenRefused("reservation-not-held");
  });

  it("is refused when another booking has it", () => {
    given(opened(), reserved("r1"), claimed("r1", { booking: "other" }))
      .when(holdAgain("r1"))
      .thenRefused("reservation-not-held");
    given(opened(), ...bought("r1", { booking: "other" }))
      .when(holdAgain("r1"))
      .thenRefused("reservation-not-held");
  });

  it("is refused when too few are left", () => {
    given(opened({ capacity: 2 }), reserved("r2"))
      .when(holdAgain("r1", { quantity: 2 }))
      .thenRefused("sold-out", { available: 1 });
    given(opened({ capacity: 2 }), ...bought("r2", { quantity: 2, booking: "other" }))
      .when(holdAgain("r1"))
      .thenRefused("sold-out", { available: 0 });
  });

  it("is refused when the event is cancelled or over", () => {
    given().when(holdAgain("r1")).thenRefused("ticket-type-not-found");
    given(opened(), reserved("r1"), claimed("r1"), inventoryClosed())
      .when(holdAgain("r1"))
      .thenRefused("event-cancelled");
    given(opened(), ...bought("r1"), inventoryClosed())
      .when(holdAgain("r1"))
      .thenRefused("event-cancelled");
    given(opened({ event: { endsAt: noon } }), inventoryClosed())
      .when(holdAgain("r1"))
      .thenRefused("event-cancelled");
    given(opened({ event: { endsAt: noon } }))
      .when(holdAgain("r1"))
      .thenRefused("event-ended");
  });
});
