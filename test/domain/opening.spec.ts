import { describe, expect, it } from "vitest";
import { inventory } from "../../src/domain/inventory.ts";
import {
  changeTerms,
  eventTerms,
  given,
  open,
  opened,
  publish,
  published,
  reserved,
  termsChanged,
} from "./inventory-words.ts";
import { evening } from "./times.ts";

describe("opening an inventory", () => {
  it("records all that it needs to decide alone", () => {
    const opening = { capacity: 3, maxPerUser: 2, event: { endsAt: evening } };
    given()
      .when(open(opening))
      .then(opened(opening))
      .leaving({ status: "open", capacity: 3, held: 0, booked: 0, eventTerms: eventTerms({ endsAt: evening }) });
  });

  it("opens a draft's as a draft", () => {
    given()
      .when(open({ draft: true }))
      .then(opened({ draft: true }))
      .leaving({ status: "draft" });
  });

  it("is refused the second time", () => {
    given(opened()).when(open()).thenRefused("already-exists");
  });
});

describe("publishing an inventory", () => {
  it("opens a draft", () => {
    given(opened({ draft: true }))
      .when(publish())
      .then(published())
      .leaving({ status: "open" });
  });

  it("changes nothing when it is open", () => {
    given(opened()).when(publish()).then();
    given(opened({ draft: true }), published())
      .when(publish())
      .then();
  });

  it("is refused where no such ticket type is", () => {
    given().when(publish()).thenRefused("ticket-type-not-found");
  });
});

describe("changing the event's terms", () => {
  const changes = {
    saleStartsAt: evening,
    saleEndsAt: evening,
    endsAt: evening,
    holdTtlSeconds: 1,
    guestsAllowed: false,
  } as const;

  it.each(Object.entries(changes))("takes over a new %s", (key, value) => {
    const terms = { [key]: value };
    given(opened())
      .when(changeTerms(terms))
      .then(termsChanged(terms))
      .leaving({ eventTerms: eventTerms(terms) });
  });

  it("changes nothing when they are the same", () => {
    given(opened()).when(changeTerms({})).then();
    given(opened(), termsChanged({ endsAt: evening }))
      .when(changeTerms({ endsAt: evening }))
      .then();
  });

  it("is refused where no such ticket type is", () => {
    given().when(changeTerms({})).thenRefused("ticket-type-not-found");
  });
});

it("an inventory's log begins with its opening", () => {
  expect(() => inventory.evolve(inventory.initialState(), reserved("r1"))).toThrow("before InventoryOpened");
  expect(inventory.stagedIn(inventory.initialState())).toEqual([]);
});
