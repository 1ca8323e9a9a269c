import { describe, expect, it } from "vitest";
import { endOf, eventTermsOf, listing } from "../../src/domain/listing.ts";
import {
  cancel,
  cancelled,
  capacityListed,
  change,
  changed,
  create,
  created,
  details,
  given,
  known,
  listCapacity,
  publish,
  published,
  setPaused,
  ticketType,
} from "./listing-words.ts";
import { evening, justBefore, later, morning, noon } from "./times.ts";

describe("creating a listing", () => {
  it("records what its organizer says, as version 1", () => {
    given()
      .when(create({ name: "Opera" }))
      .then(created({ name: "Opera" }))
      .leaving({ status: "active", version: 1, organizerId: "olga", details: details({ name: "Opera" }) });
  });

  it("makes a draft on request", () => {
    given()
      .when(create({ draft: true }))
      .then(created({ draft: true }))
      .leaving({ status: "draft" });
  });

  it("is refused the second time", () => {
    given(created()).when(create()).thenRefused("already-exists");
  });

  it("takes ticket types up to the event's capacity", () => {
    const ticketTypes = [ticketType("vip", 4), ticketType("regular", 6)];
    const full = { capacity: 10, ticketTypes };
    given().when(create(full)).then(created(full));
    given()
      .when(create({ capacity: 9, ticketTypes }))
      .thenRefused("capacity-exceeded", { capacity: 9, offered: 10 });
  });

  it("may end when it starts, and not before", () => {
    const instant = { startsAt: noon, endsAt: noon };
    given().when(create(instant)).then(created(instant));
    given()
      .when(create({ startsAt: noon, endsAt: justBefore(noon) }))
      .thenRefused("invalid-dates", { path: "/endsAt", message: "must not be before startsAt" });
  });

  it("may close its sale when it opens, and not before", () => {
    const instant = { saleStartsAt: noon, saleEndsAt: noon };
    given().when(create(instant)).then(created(instant));
    given()
      .when(create({ saleStartsAt: noon, saleEndsAt: justBefore(noon) }))
      .thenRefused("invalid-dates", { path: "/saleEndsAt", message: "must not be before saleStartsAt" });
  });

  it("compares times, not texts", () => {
    const offset = { startsAt: "2026-06-01T14:00:00+02:00", endsAt: noon };
    given().when(create(offset)).then(created(offset));
  });
});

describe("publishing a listing", () => {
  it("makes a draft active, which is a change of its organizer's", () => {
    given(created({ draft: true }))
      .when(publish())
      .then(published())
      .leaving({ status: "active", version: 2 });
  });

  it("changes nothing when it is active", () => {
    given(created()).when(publish()).then();
    given(created({ draft: true }), published())
      .when(publish())
      .then();
  });

  it("is refused where there is none", () => {
    given().when(publish()).thenRefused("event-not-found");
  });
});

describe("cancelling a listing", () => {
  it("is for good, and a change of its organizer's", () => {
    given(created({ name: "Opera" }))
      .when(cancel())
      .then(cancelled())
      .leaving({ status: "cancelled", published: true, version: 2, details: details({ name: "Opera" }) });
  });

  it("changes nothing the second time", () => {
    given(created(), cancelled()).when(cancel()).then();
  });

  it("of a draft leaves it unseen by others", () => {
    const draft = created({ draft: true });
    given(draft).when(cancel()).then(cancelled()).leaving({ status: "cancelled", published: false });
    given(draft, published()).when(cancel()).then(cancelled()).leaving({ status: "cancelled", published: true });
  });

  it("is done whatever the time: what did not take place is called off afterwards too", () => {
    given(created({ startsAt: morning }))
      .when(cancel())
      .then(cancelled());
  });

  it("ends all else that its organizer can do with it", () => {
    const story = [created({ draft: true, ticketTypes: [ticketType("vip", 4)] }), cancelled()];
    for (const command of [publish(), change({ name: "Ballet" }), change({}, 7), listCapacity("vip", 5)]) {
      given(...story)
        .when(command)
        .thenRefused("event-cancelled");
    }
  });

  it("is refused where there is none", () => {
    given().when(cancel()).thenRefused("event-not-found");
  });
});

describe("changing a listing", () => {
  it("records only what is new, and raises the version", () => {
    given(created({ name: "Opera" }))
      .when(change({ name: "Ballet", description: null, performers: [] }))
      .then(changed({ name: "Ballet" }))
      .leaving({ version: 2, details: details({ name: "Ballet" }) });
  });

  it("keeps what was not spoken of", () => {
    given(created({ name: "Opera" }), changed({ startsAt: noon }))
      .when(change({ endsAt: evening }))
      .then(changed({ endsAt: evening }))
      .leaving({ version: 3, details: details({ name: "Opera", startsAt: noon, endsAt: evening }) });
  });

  it("changes nothing, and raises nothing, when nothing is new", () => {
    const venue = { name: "Hall", address: null, city: "Ulm", country: null };
    given(created({ venue }))
      .when(change({ venue: { ...venue }, name: "Summer Concert" }))
      .then();
    given(created()).when(change({})).then();
  });

  it("takes back to null what was said", () => {
    given(created({ description: "Loud" }))
      .when(change({ description: null }))
      .then(changed({ description: null }));
  });

  it("is made on the version that stands, where one is named", () => {
    const story = [created(), changed({ name: "Opera" })];
    given(...story)
      .when(change({ name: "Ballet" }, 2))
      .then(changed({ name: "Ballet" }));
    given(...story)
      .when(change({ name: "Ballet" }, 1))
      .thenRefused("version-mismatch", { version: 2 });
  });

  it("looks at the version before all else, also when nothing is new", () => {
    given(created()).when(change({}, 7)).thenRefused("version-mismatch", { version: 1 });
    given(created())
      .when(change({ capacity: 1 }, 7))
      .thenRefused("version-mismatch", { version: 1 });
  });

  it("never takes the event's capacity below that of its ticket types", () => {
    given(created({ ticketTypes: [ticketType("vip", 4), ticketType("regular", 6)] }))
      .when(change({ capacity: 9 }))
      .thenRefused("capacity-exceeded", { capacity: 9, offered: 10 });
  });

  it("checks new dates against those that stand", () => {
    given(created({ startsAt: noon }))
      .when(change({ endsAt: morning }))
      .thenRefused("invalid-dates", { path: "/endsAt", message: "must not be before startsAt" });
    given(created({ saleEndsAt: noon }))
      .when(change({ saleStartsAt: evening }))
      .thenRefused("invalid-dates", { path: "/saleEndsAt", message: "must not be before saleStartsAt" });
  });

  it("is refused where there is none", () => {
    given()
      .when(change({ name: "Opera" }))
      .thenRefused("event-not-found");
  });
});

describe("an event's code and currency", () => {
  const recorded = (data: object) => ({ type: "ListingChanged", data: { changes: {}, ...data } }) as const;

  it("are changed beside the rest, in one change", () => {
    given(created({ name: "Opera" }))
      .when(change({ code: "OPERA", name: "Ballet" }))
      .then(recorded({ changes: { name: "Ballet" }, code: "OPERA" }))
      .leaving({ version: 2, code: "OPERA", details: details({ name: "Ballet" }) });
    given(created(), recorded({ code: "OPERA" }))
      .when(change({ code: "OPERA" }))
      .then();
    given(created(), recorded({ code: "OPERA" }), changed({ name: "Ballet" }))
      .when(change({ code: null }))
      .then(recorded({ code: null }))
      .leaving({ code: null });
  });

  it("are the draft's to change, as far as the currency goes", () => {
    given(created({ draft: true }))
      .when(change({ currency: "CHF" }))
      .then(recorded({ currency: "CHF" }))
      .leaving({ currency: "CHF" });
    given(created())
      .when(change({ currency: "CHF", name: "x" }))
      .thenRefused("currency-fixed", { currency: "EUR" });
    given(created())
      .when(change({ currency: "EUR" }))
      .then();
  });
});

describe("pausing a listing", () => {
  const two = created({ ticketTypes: [ticketType("vip", 4), ticketType("regular", 6)] });
  const paused = { type: "ListingPaused", data: {} } as const;
  const typePaused = { type: "TicketTypePaused", data: { ticketTypeId: "vip" } } as const;

  it("is of all ticket types or of one, each once", () => {
    given(two).when(setPaused(null, true)).then(paused).leaving({ version: 2, paused: true });
    given(two, paused).when(setPaused(null, true)).then();
    given(two, paused)
      .when(setPaused(null, false))
      .then({ type: "ListingResumed", data: {} })
      .leaving({ paused: false });
    given(two).when(setPaused(null, false)).then();
    given(two)
      .when(setPaused("vip", true))
      .then(typePaused)
      .leaving({
        paused: false,
        ticketTypes: [known(ticketType("vip", 4), 0, { paused: true }), known(ticketType("regular", 6), 1)],
      });
    given(two, typePaused, paused)
      .when(setPaused("vip", false))
      .then({ type: "TicketTypeResumed", data: { ticketTypeId: "vip" } })
      .leaving({ paused: true, ticketTypes: [known(ticketType("vip", 4), 0), known(ticketType("regular", 6), 1)] });
  });

  it("is made on the version that stands, of what there is", () => {
    given(two)
      .when(setPaused(null, true, 7))
      .thenRefused("version-mismatch", { version: 1 });
    given(two, paused)
      .when(setPaused(null, true, 1))
      .thenRefused("version-mismatch", { version: 2 });
    given(two).when(setPaused("balcony", true)).thenRefused("ticket-type-not-found");
    given(two, cancelled()).when(setPaused(null, true)).thenRefused("event-cancelled");
    given().when(setPaused(null, true)).thenRefused("event-not-found");
  });
});

describe("noting a ticket type's capacity", () => {
  const two = created({ capacity: 20, ticketTypes: [ticketType("vip", 4), ticketType("regular", 6)] });

  it("notes it beside the others", () => {
    given(two)
      .when(listCapacity("regular", 16))
      .then(capacityListed("regular", 16))
      .leaving({ version: 2, ticketTypes: [known(ticketType("vip", 4), 0), known(ticketType("regular", 16), 1)] });
  });

  it("is refused when all together are more than the event takes", () => {
    given(two).when(listCapacity("regular", 17)).thenRefused("capacity-exceeded", { capacity: 20, offered: 21 });
  });

  it("changes nothing when it is that already", () => {
    given(two).when(listCapacity("regular", 6)).then();
  });

  it("is made on the version that stands, where one is named", () => {
    given(two)
      .when(listCapacity("vip", 5, 1))
      .then(capacityListed("vip", 5));
    given(two)
      .when(listCapacity("vip", 5, 2))
      .thenRefused("version-mismatch", { version: 1 });
  });

  it("is refused for a ticket type that the event does not have", () => {
    given(two).when(listCapacity("balcony", 1)).thenRefused("ticket-type-not-found");
    given().when(listCapacity("vip", 1)).thenRefused("event-not-found");
  });
});

describe("what inventories need to know of a listing", () => {
  it("is when it ends by time: at endsAt, else at startsAt, else never", () => {
    expect(endOf({ startsAt: noon, endsAt: evening })).toBe(evening);
    expect(endOf({ startsAt: noon, endsAt: null })).toBe(noon);
    expect(endOf({ startsAt: null, endsAt: evening })).toBe(evening);
    expect(endOf({ startsAt: null, endsAt: null })).toBeNull();
  });

  it("is nothing beyond the terms of the sale and of refunds", () => {
    const refundPolicy = [{ until: noon, percent: 50 }];
    const said = details({ startsAt: noon, saleEndsAt: noon, holdTtlSeconds: 30, guestsAllowed: false, refundPolicy });
    expect(eventTermsOf(said)).toEqual({
      saleStartsAt: morning,
      saleEndsAt: noon,
      endsAt: noon,
      holdTtlSeconds: 30,
      guestsAllowed: false,
      refunds: { startsAt: noon, policy: refundPolicy },
    });
  });
});

it("a listing's log begins with its creation", () => {
  expect(() => listing.evolve(listing.initialState(), changed({ name: "Opera" }))).toThrow("before ListingCreated");
  expect(listing.stagedIn(listing.initialState())).toEqual([]);
});

it("times given with an offset are the same instant", () => {
  expect(later("2026-06-01T14:00:00+02:00", 0)).toBe(noon);
});
