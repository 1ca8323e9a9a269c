import { describe, expect, it } from "vitest";
import { compose } from "../../src/notices/composing.ts";
import type { Notice } from "../../src/notices/notice.ts";
import { ANN, bookingFacts, EVENT, entryFacts, GivenFacts, REGULAR, RESERVATION } from "./given-facts.ts";

const BOOKING = "018f0000-0000-7000-8000-000000000b01";
const ENTRY = "018f0000-0000-7000-8000-000000000e01";
const CART = "018f0000-0000-7000-8000-000000000c01";
const seats = ["STALLS-A-1", "STALLS-A-2", "STALLS-B-7"];
const line = { reservationId: RESERVATION, eventId: EVENT, ticketTypeId: REGULAR, quantity: 3, seats };
const ticket = (seat: string, status: "VALID" | "CANCELLED" = "VALID") => {
  return { ticketTypeId: REGULAR, code: `code-of-${seat}`, status, seat };
};

const facts = new GivenFacts();
facts.bookings.set(
  BOOKING,
  bookingFacts(BOOKING, {
    lines: [line],
    tickets: [ticket("STALLS-A-1"), ticket("STALLS-A-2", "CANCELLED"), ticket("STALLS-B-7")],
  }),
);
facts.entries.set(ENTRY, entryFacts(ENTRY, { quantity: 2, status: "OFFERED" }));
facts.carts.set(CART, { status: "ACTIVE", items: [line] });

async function textOf(notice: Notice): Promise<string> {
  const composed = await compose(notice, ANN, facts);
  if (!("letter" in composed)) throw new Error(JSON.stringify(composed));
  return composed.letter.text;
}

describe("mails name numbered seats", () => {
  it("each with its code, of tickets that are valid", async () => {
    const text = await textOf({ kind: "booking-confirmed", about: { bookingId: BOOKING } });
    expect(text).toContain("2 x Regular\n  code-of-STALLS-A-1  STALLS-A-1\n  code-of-STALLS-B-7  STALLS-B-7\n");
    expect(text).not.toContain("A-2");
  });

  it("that were cancelled, and no others", async () => {
    const lost = { reservationId: RESERVATION, quantity: 2 };
    const about = { bookingId: BOOKING, refund: null };
    const told = await textOf({
      kind: "tickets-cancelled",
      about: { ...about, lines: [{ ...lost, ordinals: [0, 2] }] },
    });
    expect(told).toContain("2 x Regular\n  STALLS-A-1, STALLS-B-7\n");
    // As notices were kept that did not say which.
    expect(await textOf({ kind: "tickets-cancelled", about: { ...about, lines: [lost] } })).not.toContain("STALLS");
  });

  it("in carts, and that are offered to who waited", async () => {
    const expiresAt = "2026-03-01T19:00:00.000Z";
    const kept = await textOf({ kind: "cart-expiring", about: { cartId: CART, expiresAt } });
    expect(kept).toContain("3 x Regular\n  STALLS-A-1, STALLS-A-2, STALLS-B-7\n");
    const offered = await textOf({
      kind: "offer-made",
      about: { entryId: ENTRY, expiresAt, seats: ["STALLS-C-4", "STALLS-C-5"] },
    });
    expect(offered).toContain("2 x VIP\n  STALLS-C-4, STALLS-C-5\n");
  });

  it("up to fifty of them", async () => {
    const many = Array.from({ length: 60 }, (_, index) => `S-A-${index + 1}`);
    const big = bookingFacts(BOOKING, { lines: [{ ...line, quantity: 60, seats: many }], status: "DECLINED" });
    facts.bookings.set(BOOKING, big);
    const text = await textOf({ kind: "payment-declined", about: { bookingId: BOOKING } });
    expect(text.replace(/\s+/g, " ")).toContain("S-A-49, S-A-50 and 10 more");
  });
});
