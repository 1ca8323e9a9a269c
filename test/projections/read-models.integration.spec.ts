import { describe, it } from "vitest";
import { keyFingerprint } from "../../src/projections/reservations/table.ts";
import { projectionSpecs } from "./given.ts";
import {
  BOB,
  capacityChanged,
  capacityListed,
  changed,
  created,
  DETAILS,
  EVENING,
  EVENT,
  expired,
  extended,
  inventoryPublished,
  keyHashOf,
  MORNING,
  NOON,
  ORGANIZER,
  opened,
  published,
  REGULAR,
  released,
  reservationId,
  reserved,
  TERMS,
  termsChanged,
  VIP,
} from "./recorded.ts";
import { eventCancelled } from "./recorded-purchases.ts";

const { given } = projectionSpecs();

describe("availability", () => {
  it("opens with all tickets free", () =>
    given(opened({ capacity: 40, ordinal: 3 })).then({
      availability: [
        { event_id: EVENT, ticket_type_id: REGULAR, ordinal: 3, total: 40, held: 0, booked: 0, changes: "1" },
      ],
    }));

  it("counts what is held, and no longer what was released or expired", () =>
    given(
      opened({ capacity: 40 }),
      reserved(1, { quantity: 4 }),
      reserved(2, { quantity: 2 }),
      reserved(3, { quantity: 5 }),
      reserved(4, { quantity: 5 }),
      released(1, 4),
      expired([3, 4], { quantity: 5 }),
    ).then({ availability: [{ total: 40, held: 2, booked: 0, changes: "7" }] }));

  it("follows the capacity", () =>
    given(opened({ capacity: 40 }), capacityChanged(40, 55), capacityChanged(55, 50)).then({
      availability: [{ total: 50, changes: "3" }],
    }));

  it("counts every event of the inventory as a change, also those that leave the counts alone", () =>
    given(opened({ draft: true }), inventoryPublished(), termsChanged(), reserved(1), extended(1, EVENING)).then({
      availability: [{ held: 1, changes: "5" }],
    }));

  it("keeps ticket types apart", () =>
    given(
      opened({ capacity: 10 }),
      opened({ capacity: 5, ticketTypeId: VIP, ordinal: 1 }),
      reserved(1, { ticketTypeId: VIP, quantity: 3 }),
    ).then({
      availability: [
        { ticket_type_id: REGULAR, ordinal: 0, total: 10, held: 0 },
        { ticket_type_id: VIP, ordinal: 1, total: 5, held: 3 },
      ],
    }));
});

describe("reservations", () => {
  it("are held for whom they were made, at the price of then", () =>
    given(opened(), reserved(1, { accountId: BOB, quantity: 3, at: MORNING, expiresAt: NOON, key: "a" })).then({
      reservations: [
        {
          reservation_id: reservationId(1),
          event_id: EVENT,
          ticket_type_id: REGULAR,
          account_id: BOB,
          quantity: 3,
          unit_price: "4500",
          currency: "EUR",
          status: "HELD",
          expires_at: new Date(NOON),
          created_at: new Date(MORNING),
          extended: false,
          key_fingerprint: keyFingerprint(keyHashOf("a")).toString(),
          revision: 1,
        },
      ],
    }));

  it("have no fingerprint without a key", () =>
    given(opened(), reserved(1)).then({ reservations: [{ key_fingerprint: null }] }));

  it("end released or expired", () =>
    given(opened(), reserved(1), reserved(2), reserved(3), released(2), expired([3])).then({
      reservations: [{ status: "HELD" }, { status: "RELEASED" }, { status: "EXPIRED" }],
    }));

  it("last longer when they are extended, whatever comes of them", () =>
    given(opened(), reserved(1), reserved(2), extended(1, EVENING), extended(2, EVENING), released(2)).then({
      reservations: [
        { status: "HELD", extended: true, expires_at: new Date(EVENING) },
        { status: "RELEASED", extended: true, expires_at: new Date(EVENING) },
      ],
    }));

  it("begin anew when an id is used again", () =>
    given(opened(), reserved(1), extended(1, EVENING), released(1), reserved(1, { quantity: 2 })).then({
      reservations: [{ status: "HELD", quantity: 2, extended: false, expires_at: new Date(NOON), revision: 4 }],
    }));
});

describe("event details", () => {
  it("say what the organizer said", () =>
    given(opened({ terms: { name: "Balcony", maxPerUser: 4 } }), created({ code: "WS26" })).then({
      events: [
        {
          event_id: EVENT,
          organizer_id: ORGANIZER,
          code: "WS26",
          currency: "EUR",
          status: "ACTIVE",
          version: 1,
          paused: false,
          created_at: new Date(MORNING),
          updated_at: new Date(MORNING),
          details: DETAILS,
        },
      ],
      ticket_types: [
        {
          event_id: EVENT,
          ticket_type_id: REGULAR,
          ordinal: 0,
          terms: {
            name: "Balcony",
            description: null,
            price: { amount: 4500, currency: "EUR" },
            saleStartsAt: null,
            saleEndsAt: null,
            maxPerUser: 4,
            maxPerOrder: 100,
          },
          event_paused: false,
          paused: false,
          is_removed: false,
        },
      ],
    }));

  it("take changes over field by field, null included, and count them", () =>
    given(
      created({ draft: true, details: { description: "old" } }),
      published({ at: NOON }),
      changed({ name: "Spring Songs", description: null }, { at: NOON }),
      capacityListed(70, { at: EVENING }),
    ).then({
      events: [
        {
          status: "ACTIVE",
          version: 4,
          created_at: new Date(MORNING),
          updated_at: new Date(EVENING),
          details: { ...DETAILS, name: "Spring Songs", description: null },
        },
      ],
    }));

  it("say that it is cancelled", () =>
    given(created(), eventCancelled({ at: NOON })).then({
      events: [{ status: "CANCELLED", version: 2, updated_at: new Date(NOON), details: DETAILS }],
    }));

  it("are not stopped by text that Postgres cannot keep", () =>
    given(
      opened({ terms: { name: "nul \0 here" } }),
      created({ details: { name: "half \ud83d a pair", description: "back\\u0000slash" } }),
    ).then({
      events: [{ details: { ...DETAILS, name: "half \ufffd a pair", description: "back\\u0000slash" } }],
      ticket_types: [{ terms: { ...TERMS, name: "nul  here" } }],
    }));

  it.each(["0000-06-01T00:00:00.000Z", "-000001-01-01T00:00:00.000Z", "+275760-09-13T00:00:00.000Z", "tomorrow"])(
    "are not stopped by a date that Postgres does not know: %s",
    (time) =>
      given(
        opened({ terms: { saleStartsAt: time, saleEndsAt: time } }),
        created({ details: { startsAt: time, saleStartsAt: time } }),
        changed({ endsAt: time }, { at: NOON }),
      ).then({
        events: [{ details: { ...DETAILS, startsAt: time, saleStartsAt: time, endsAt: time } }],
        ticket_types: [{ terms: { ...TERMS, saleStartsAt: time, saleEndsAt: time } }],
      }),
  );
});
