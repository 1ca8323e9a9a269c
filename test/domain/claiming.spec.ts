import { describe, it } from "vitest";
import {
  bought,
  claim,
  claimed,
  claimedUntil,
  claimReleased,
  confirmed,
  deadline,
  inventoryClosed,
  lineReserved,
} from "./buying-words.ts";
import {
  expired,
  extend,
  extended,
  given,
  HOLD_TTL_MS,
  lapseDue,
  opened,
  release,
  released,
  reserve,
  reserved,
  termsChanged,
} from "./inventory-words.ts";
import { justBefore, later, noon } from "./times.ts";

const soon = later(noon, 60_000);

describe("claiming a reservation for a booking", () => {
  it("sets it aside until the deadline and a minute, at the price that it was made at", () => {
    given(opened(), reserved("r1", { quantity: 2 }))
      .when(claim("r1"))
      .then(claimed("r1", { quantity: 2 }))
      .leaving({ held: 2, claimed: 2, booked: 0 });
    const before = { amount: 3000, currency: "EUR" };
    const cheap = reserved("r1");
    given(opened(), { ...cheap, data: { ...cheap.data, unitPrice: before } })
      .when(claim("r1"))
      .then(claimed("r1", { unitPrice: before }));
    const dollars = { amount: cheap.data.unitPrice.amount, currency: "USD" };
    given(opened(), { ...cheap, data: { ...cheap.data, unitPrice: dollars } })
      .when(claim("r1"))
      .then(claimed("r1", { unitPrice: dollars }));
  });

  it("works for a cart's line too, and when the sale or the event is over", () => {
    given(opened(), lineReserved("line")).when(claim("line")).then(claimed("line"));
    given(opened(), reserved("r1"), termsChanged({ saleEndsAt: noon, endsAt: noon }))
      .when(claim("r1"))
      .then(claimed("r1"));
  });

  it("again for the same booking changes nothing, also when it is bought", () => {
    given(opened(), reserved("r1"), claimed("r1")).when(claim("r1")).then();
    given(opened(), ...bought("r1"))
      .when(claim("r1"))
      .then();
  });

  it("is refused when the event is cancelled, before anything else", () => {
    given(opened(), inventoryClosed()).when(claim("r1")).thenRefused("event-cancelled");
    given(opened(), reserved("r1"), claimed("r1"), inventoryClosed()).when(claim("r1")).thenRefused("event-cancelled");
  });

  it("is refused for what is not held, or is somebody else's", () => {
    given().when(claim("r1")).thenRefused("ticket-type-not-found");
    given(opened()).when(claim("r1")).thenRefused("reservation-not-held");
    given(opened(), reserved("r1"), released("r1")).when(claim("r1")).thenRefused("reservation-not-held");
    given(opened(), reserved("r1", { by: "bob" }))
      .when(claim("r1"))
      .thenRefused("reservation-not-held");
    given(opened(), ...bought("r1", { booking: "other" }))
      .when(claim("r1"))
      .thenRefused("reservation-not-held");
  });

  it("is refused while another booking has it", () => {
    given(opened(), reserved("r1"), claimed("r1", { booking: "other" }))
      .when(claim("r1"))
      .thenRefused("payment-in-progress");
  });

  it("is refused from its end on", () => {
    given(opened(), reserved("r1", { expiresAt: noon }))
      .when(claim("r1", { at: justBefore(noon) }))
      .then(claimed("r1"));
    given(opened(), reserved("r1", { expiresAt: noon }))
      .when(claim("r1", { at: noon }))
      .thenRefused("reservation-expired");
  });

  it("is refused from the end of a claim on, whosever that was and whatever the reservation's own end", () => {
    const claims = [opened(), reserved("r1", { expiresAt: later(noon, 9_000_000) }), claimed("r1")];
    given(...claims)
      .when(claim("r1", { at: claimedUntil }))
      .thenRefused("reservation-expired");
    given(...claims)
      .when(claim("r1", { at: claimedUntil, booking: "other" }))
      .thenRefused("reservation-expired");
  });

  it("is refused after three declined payments, not after two, nor after what was no payment", () => {
    const attempt = (declined: boolean) => [claimed("r1"), claimReleased("r1", { declined })];
    const twice = [opened(), reserved("r1"), ...attempt(true), ...attempt(false), ...attempt(true)];
    given(...twice)
      .when(claim("r1"))
      .then(claimed("r1"));
    given(...twice, ...attempt(true))
      .when(claim("r1"))
      .thenRefused("too-many-attempts");
    given(...twice, claimed("r1"), claimReleased("r1", { declined: true, expiresAt: noon }))
      .when(claim("r1", { at: later(noon, HOLD_TTL_MS) }))
      .thenRefused("reservation-expired");
  });

  it("begins to count attempts anew for a reservation that is made anew", () => {
    const attempt = [claimed("r1"), claimReleased("r1", { declined: true })];
    given(opened(), reserved("r1"), ...attempt, ...attempt, ...attempt, released("r1"), reserved("r1"))
      .when(claim("r1"))
      .then(claimed("r1"));
  });
});

describe("a claimed reservation", () => {
  const claims = [opened({ capacity: 1 }), reserved("r1", { expiresAt: soon }), claimed("r1")];

  it("can't be released or extended", () => {
    given(...claims)
      .when(release("r1"))
      .thenRefused("payment-in-progress");
    given(...claims)
      .when(extend("r1"))
      .thenRefused("payment-in-progress");
  });

  it("is nothing to anybody else", () => {
    given(...claims)
      .when(release("r1", { by: "bob" }))
      .then();
    given(...claims)
      .when(extend("r1", { by: "bob" }))
      .thenRefused("reservation-not-held");
  });

  it("outlives its own end", () => {
    given(...claims)
      .when(lapseDue({ at: deadline }))
      .then();
    given(...claims)
      .when(reserve("r2", { at: justBefore(claimedUntil) }))
      .thenRefused("sold-out", { available: 0 });
  });

  it("lapses with the claim, by decision", () => {
    given(...claims)
      .when(lapseDue({ at: justBefore(claimedUntil) }))
      .then();
    given(...claims)
      .when(lapseDue({ at: claimedUntil }))
      .then(expired("r1"))
      .leaving({ held: 0, claimed: 0 });
    given(...claims)
      .when(reserve("r2", { at: claimedUntil }))
      .then(expired("r1"), reserved("r2", { expiresAt: later(claimedUntil, HOLD_TTL_MS) }))
      .leaving({ held: 1, claimed: 0 });
    given(...claims)
      .when(extend("r1", { at: claimedUntil }))
      .thenRefused("reservation-expired");
    given(...claims)
      .when(release("r1", { at: claimedUntil }))
      .then();
  });

  it("lapses with the claim also where its own end is later", () => {
    given(opened(), reserved("r1", { expiresAt: later(claimedUntil, 60_000) }), claimed("r1"))
      .when(lapseDue({ at: claimedUntil }))
      .then(expired("r1"));
  });

  it("counts as its account's", () => {
    const limited = [opened({ maxPerUser: 1 }), reserved("r1", { expiresAt: soon }), claimed("r1")];
    given(...limited)
      .when(reserve("r2", { at: justBefore(claimedUntil) }))
      .thenRefused("limit-exceeded", { maxPerUser: 1, remaining: 0 });
  });
});

describe("a reservation whose claim was released", () => {
  it("is as it was before", () => {
    const again = [
      opened(),
      reserved("r1", { expiresAt: soon }),
      claimed("r1"),
      claimReleased("r1", { expiresAt: soon }),
    ];
    given(...again)
      .when(lapseDue({ at: justBefore(soon) }))
      .then();
    given(...again)
      .when(lapseDue({ at: soon }))
      .then(expired("r1"));
    given(...again)
      .when(release("r1"))
      .then(released("r1"));
    given(...again)
      .when(extend("r1"))
      .then(extended("r1", soon, later(soon, HOLD_TTL_MS)));
    given(...again, extended("r1", soon, later(soon, 1)))
      .when(claim("r1", { booking: "other" }))
      .then(claimed("r1", { booking: "other" }));
  });
});

it("an id that was claimed before is free of that claim when it is used again", () => {
  given(opened(), reserved("r1"), claimed("r1"), released("r1"), reserved("r1", { by: "bob" }))
    .when(claim("r1", { by: "bob", booking: "other" }))
    .then(claimed("r1", { by: "bob", booking: "other" }));
});

it("the id of what was bought is taken", () => {
  given(opened(), reserved("r1"), claimed("r1"), confirmed("r1")).when(reserve("r1")).thenRefused("already-exists");
});
