import { describe, it } from "vitest";
import { given, opened, published, reserve, reserved, salePaused, termsChanged } from "./inventory-words.ts";
import { evening, justBefore, later, morning, noon } from "./times.ts";

describe("the sale", () => {
  it("opens exactly at saleStartsAt", () => {
    const onSaleFromNoon = opened({ event: { saleStartsAt: noon } });
    given(onSaleFromNoon)
      .when(reserve("r1", { at: noon }))
      .then(reserved("r1"));
    given(onSaleFromNoon)
      .when(reserve("r1", { at: justBefore(noon) }))
      .thenRefused("sale-not-open");
  });

  it("closes exactly at saleEndsAt", () => {
    const onSaleUntilNoon = opened({ event: { saleEndsAt: noon } });
    const lastExpiry = justBefore(later(noon, 600_000));
    given(onSaleUntilNoon)
      .when(reserve("r1", { at: justBefore(noon) }))
      .then(reserved("r1", { expiresAt: lastExpiry }));
    given(onSaleUntilNoon)
      .when(reserve("r1", { at: noon }))
      .thenRefused("sale-closed");
  });

  it("is over exactly when the event is", () => {
    const overAtNoon = opened({ event: { endsAt: noon } });
    const lastExpiry = justBefore(later(noon, 600_000));
    given(overAtNoon)
      .when(reserve("r1", { at: justBefore(noon) }))
      .then(reserved("r1", { expiresAt: lastExpiry }));
    given(overAtNoon)
      .when(reserve("r1", { at: noon }))
      .thenRefused("event-ended");
  });

  it("is over when the event is, even where the ticket type's own window goes on", () => {
    given(opened({ saleEndsAt: evening, event: { endsAt: noon } }))
      .when(reserve("r1"))
      .thenRefused("event-ended");
  });

  it("has not begun for a draft", () => {
    given(opened({ draft: true }))
      .when(reserve("r1"))
      .thenRefused("event-not-published");
  });

  it("has begun for a draft that was published", () => {
    given(opened({ draft: true }), published())
      .when(reserve("r1"))
      .then(reserved("r1"));
  });

  it("goes by the event's terms of now", () => {
    given(opened(), termsChanged({ saleStartsAt: evening }))
      .when(reserve("r1"))
      .thenRefused("sale-not-open");
    given(opened({ event: { endsAt: morning } }), termsChanged({ endsAt: evening }))
      .when(reserve("r1"))
      .then(reserved("r1"));
  });
});

describe("a ticket type's own sale window", () => {
  it("opens it earlier or later than the event says", () => {
    given(opened({ saleStartsAt: morning, event: { saleStartsAt: evening } }))
      .when(reserve("r1"))
      .then(reserved("r1"));
    given(opened({ saleStartsAt: evening, event: { saleStartsAt: morning } }))
      .when(reserve("r1"))
      .thenRefused("sale-not-open");
  });

  it("closes it earlier or later than the event says", () => {
    given(opened({ saleEndsAt: evening, event: { saleEndsAt: morning } }))
      .when(reserve("r1"))
      .then(reserved("r1"));
    given(opened({ saleEndsAt: noon, event: { saleEndsAt: evening } }))
      .when(reserve("r1"))
      .thenRefused("sale-closed");
  });

  it("stands when the event's is changed", () => {
    given(opened({ saleStartsAt: evening }), termsChanged({ saleStartsAt: morning }))
      .when(reserve("r1"))
      .thenRefused("sale-not-open");
  });
});

describe("guests", () => {
  it("buy where the event allows it", () => {
    given(opened())
      .when(reserve("r1", { guest: true }))
      .then(reserved("r1"));
  });

  it("are refused where it doesn't, and others are not", () => {
    const noGuests = opened({ event: { guestsAllowed: false } });
    given(noGuests)
      .when(reserve("r1", { guest: true }))
      .thenRefused("guests-not-allowed");
    given(noGuests)
      .when(reserve("r1", { guest: false }))
      .then(reserved("r1"));
  });
});

describe("refusals come in the order that clients rely on (API.md, Conventions)", () => {
  const reasons = [
    { code: "event-ended", event: { endsAt: noon } },
    { code: "event-not-published", draft: true },
    { code: "sale-paused", paused: true },
    { code: "sale-not-open", event: { saleStartsAt: evening } },
    { code: "sale-closed", event: { saleEndsAt: morning } },
    { code: "guests-not-allowed", event: { guestsAllowed: false } },
    { code: "limit-exceeded", maxPerOrder: 1, details: { maxPerOrder: 1 } },
    { code: "sold-out", capacity: 1, details: { available: 1 } },
  ];
  const wish = reserve("r1", { guest: true, quantity: 2 });

  it.each(reasons.map(({ code }, index) => [code, index] as const))("%s before all that follow", (code, index) => {
    const standing = reasons.slice(index);
    const event = Object.assign({}, ...standing.map((reason) => reason.event));
    const { details, paused, ...opening } = Object.assign({}, ...standing.toReversed());
    given(opened({ ...withoutCode(opening), event }), ...(paused === true ? [salePaused()] : []))
      .when(wish)
      .thenRefused(code, reasons[index]?.details);
  });

  it("none when no reason stands", () => {
    given(opened())
      .when(wish)
      .then(reserved("r1", { quantity: 2 }));
  });

  const withoutCode = ({ code: _, ...opening }: { code: string }) => opening;
});
