import { describe, expect, it } from "vitest";
import { cartStream, inventoryStream, listingStream, waitingRoomStream } from "../../src/eventstore/streams.ts";
import { InvalidCursor } from "../../src/projections/cursor.ts";
import { type TrailWish, trailQueries } from "../../src/projections/trail/queries.ts";
import { allPages, at, readSideOf } from "./asking.ts";
import { projectionSpecs } from "./given.ts";
import {
  ANN,
  BOB,
  created,
  EVENING,
  EVENT,
  expired,
  MORNING,
  NOON,
  ORGANIZER,
  opened,
  REGULAR,
  reservationId,
  reserved,
  waitingRoomSetUp,
} from "./recorded.ts";
import { bookingId, bookingOpened, CART, captured, cartOpened, cartTouched, line } from "./recorded-purchases.ts";

const { given } = projectionSpecs();

describe("the trail", () => {
  it("says of each event where it stands, and what auditors look for it by", () =>
    given(created(), opened(), reserved(1, { at: NOON })).then({
      trail: [
        { position: "10", stream: listingStream(EVENT), revision: 0, type: "ListingCreated", event_id: EVENT },
        { position: "20", stream: inventoryStream(EVENT, REGULAR), revision: 0, subject: null },
        {
          position: "30",
          ordinal: 0,
          revision: 1,
          at: new Date(NOON),
          type: "TicketsReserved",
          actor: ANN,
          event_id: EVENT,
          subject: reservationId(1),
        },
      ],
    }));

  it("has a row for each thing that an event is about", () =>
    given(opened(), reserved(1), reserved(2), expired([1, 2])).then({
      trail: [
        { ordinal: 0, subject: null },
        { ordinal: 0, subject: reservationId(1) },
        { ordinal: 0, subject: reservationId(2) },
        { position: "40", ordinal: 0, subject: reservationId(1) },
        { position: "40", ordinal: 1, subject: reservationId(2) },
      ],
    }));
});

const OTHERS = "018f0000-0000-7000-8000-0000000000e9";

describe("what auditors look for", () => {
  const facts = [
    created(),
    opened(),
    created({ eventId: OTHERS, organizerId: BOB }),
    opened({ eventId: OTHERS }),
    cartOpened(),
    cartTouched(),
    reserved(1, { at: MORNING }),
    reserved(2, { at: NOON }),
    expired([1, 2], { at: EVENING }),
    ...bookingOpened(1, [line(3)]),
    captured(1),
    ...bookingOpened(2, [line(4), line(5, { eventId: OTHERS })]),
    waitingRoomSetUp({ at: MORNING }),
  ];
  const room = facts.length;
  const { side } = readSideOf(facts);
  const ANY: TrailWish = {
    type: null,
    stream: null,
    actor: null,
    eventId: null,
    subject: null,
    from: null,
    to: null,
    organizerId: null,
  };
  const positions = async (wish: Partial<TrailWish>, newestFirst = false, limit = 3): Promise<readonly number[]> => {
    const { list } = trailQueries(side());
    const found = await allPages((cursor) => list({ ...ANY, ...wish }, { cursor, limit, newestFirst }, at(NOON)));
    return found.map(({ position }) => Number(position) / 10);
  };

  const everything = facts.map((_, index) => index + 1);
  const numbersOf = (isMeant: (fact: (typeof facts)[number]) => boolean) =>
    facts.flatMap((fact, index) => (isMeant(fact) ? [index + 1] : []));

  it("is everything, page by page, in both directions, each event once", async () => {
    expect(await positions({})).toEqual(everything);
    expect(await positions({}, true)).toEqual(everything.toReversed());
    expect(await positions({}, false, 200)).toEqual(everything);
  });

  it("is of a type, by somebody, about an event or a thing", async () => {
    expect(await positions({ type: "TicketsReserved" })).toEqual([7, 8]);
    expect(await positions({ type: "NoSuchThing" })).toEqual([]);
    expect(await positions({ actor: ANN })).toEqual(everything);
    expect(await positions({ actor: BOB })).toEqual([]);
    expect(await positions({ eventId: OTHERS })).toEqual([3, 4]);
    expect(await positions({ subject: reservationId(2) })).toEqual([8, 9]);
    expect(await positions({ subject: bookingId(1) })).toEqual(
      numbersOf(({ stream }) => stream.endsWith(bookingId(1))),
    );
    expect(await positions({ subject: CART })).toEqual([5, 6]);
    expect(await positions({ subject: "no-id" })).toEqual([]);
  });

  it("is one stream", async () => {
    expect(await positions({ stream: inventoryStream(EVENT, REGULAR) })).toEqual([2, 7, 8, 9]);
    expect(await positions({ stream: cartStream(ANN) })).toEqual([5, 6]);
    expect(await positions({ stream: "something-else" })).toEqual([]);
    expect(await positions({ stream: listingStream(reservationId(77)) })).toEqual([]);
  });

  it("is of a span of time, ends included", async () => {
    expect(await positions({ from: NOON })).toEqual([8, 9]);
    expect(await positions({ from: NOON, to: NOON })).toEqual([8]);
    expect(await positions({ from: NOON, type: "ReservationsExpired" })).toEqual([9]);
  });

  it("is for organizers what is of their events, with bookings of nothing but these", async () => {
    const ofBookingOne = numbersOf(({ stream }) => stream.endsWith(bookingId(1)));
    expect(await positions({ organizerId: ORGANIZER })).toEqual([1, 2, 7, 8, 9, ...ofBookingOne, room]);
    expect(await positions({ organizerId: BOB })).toEqual([3, 4]);
    expect(await positions({ organizerId: ANN })).toEqual([]);
  });

  it("has what was said of an event's waiting room among what is of the event", async () => {
    expect(await positions({ stream: waitingRoomStream(EVENT) })).toEqual([room]);
    expect(await positions({ type: "WaitingRoomSetUp", eventId: EVENT, organizerId: ORGANIZER })).toEqual([room]);
    expect(await positions({ stream: waitingRoomStream(EVENT), organizerId: BOB })).toEqual([]);
  });

  it("is about several things at once, in the order of the log", async () => {
    const { about } = trailQueries(side());
    const found = await allPages((cursor) =>
      about([CART, reservationId(1), reservationId(2)], { cursor, limit: 2 }, at(NOON)),
    );
    expect(found.map(({ position }) => Number(position) / 10)).toEqual([5, 6, 7, 8, 9]);
  });

  it("takes only cursors that it gave", async () => {
    const { list } = trailQueries(side());
    const page = { cursor: "bm9uc2Vuc2U", limit: 3, newestFirst: false };
    await expect(list(ANY, page, at(NOON))).rejects.toThrow(InvalidCursor);
  });
});
