import { describe, expect, it } from "vitest";
import type { NoticeKind } from "../../src/notices/notice.ts";
import { LINE_LENGTH, moneyText, timeText } from "../../src/notices/plain-text.ts";
import { LETTERS, type Letter, type Said } from "../../src/notices/texts.ts";
import { CONCERT, OTHER_CONCERT } from "./given-facts.ts";

const BOOKING = "018f0000-0000-7000-8000-000000000b01";
const LONG = "A name that goes on and on because somebody wanted to say everything in it at once, and more ".repeat(3);
const total = { amount: 9000, currency: "EUR" };
const expiresAt = "2026-03-01T19:00:00.000Z";
const TOKEN = "AY8AAAAAcACAAAAAAAAJAd5rKtpPNP1ZbVbaVTr1bLY";
const codes = ["l3Yk0rF8mDq1x7Zb2Tn5Wc9Ve4Sa6Hj", "Qp8Zr2Lm6Xv0Bn4Kt7Yc1Wd5Gf9Hs3J"];
const regular = { event: CONCERT, ticketType: "Regular", quantity: 2, codes };
const bare = { event: OTHER_CONCERT, ticketType: "VIP", quantity: 1, codes: codes.slice(0, 1) };
const wordy = {
  event: { ...CONCERT, name: LONG, venue: { name: LONG, address: null, city: LONG, country: null } },
  ticketType: LONG,
  quantity: 2,
  codes,
};

/** Each kind in all its forms, of an event with everything, one with nothing but a name, and one with endless names. */
const forms = (tickets: Said["booking-confirmed"]["tickets"]) => {
  const [one] = tickets as [Said["offer-made"] & { codes: string[] }];
  const booking = { bookingId: BOOKING, tickets };
  return {
    "booking-confirmed": [
      { ...booking, total },
      { ...booking, total: { amount: 0, currency: "EUR" } },
    ],
    "paid-late": [{ ...booking, total }],
    "tickets-resent": [booking],
    "payment-returned": [{ ...booking, total }],
    "payment-declined": [booking],
    "booking-timed-out": [{ ...booking, expiresAt }],
    "tickets-cancelled": [
      { ...booking, refund: total },
      { ...booking, refund: null },
    ],
    "event-cancelled": [
      { ...booking, refund: total, paid: true },
      { ...booking, refund: null, paid: true },
      { ...booking, refund: null, paid: false },
    ],
    "refund-requested": [{ ...booking, amount: total }],
    "refund-succeeded": [{ ...booking, amount: total }],
    "cart-expiring": [{ tickets, expiresAt }],
    "waitlist-joined": [{ ...one, place: 3 }],
    "offer-made": [{ ...one, expiresAt }],
    "offer-expiring": [{ ...one, expiresAt }],
    "offer-lapsed": [one],
    "waitlist-ended": [
      { ...one, reason: "event-cancelled" },
      { ...one, reason: "event-ended" },
      { ...one, reason: "sale-closed" },
    ],
    "password-reset": [
      { token: TOKEN, link: null, expiresAt },
      { token: TOKEN, link: `https://shop.example/reset/${TOKEN}`, expiresAt },
    ],
    "password-changed": [{ at: expiresAt }],
    "event-changed": [
      { event: one.event, changed: ["name"] },
      { event: one.event, changed: ["startsAt", "endsAt", "venue"] },
    ],
  } satisfies { readonly [Kind in NoticeKind]: readonly Said[Kind][] };
};

function allLetters(): { readonly kind: string; readonly letter: Letter }[] {
  return [[regular], [bare], [wordy], [regular, bare]].flatMap((tickets) =>
    Object.entries(forms(tickets)).flatMap(([kind, said]) =>
      said.map((one) => ({ kind, letter: (LETTERS[kind as NoticeKind] as (said: unknown) => Letter)(one) })),
    ),
  );
}

describe("every letter", () => {
  const letters = allLetters();

  it("is there for every kind", () => {
    expect(new Set(letters.map(({ kind }) => kind))).toEqual(new Set(Object.keys(LETTERS)));
  });

  it.each(letters)("$kind reads as words: $letter.subject", ({ letter: { subject, text } }) => {
    expect(`${subject}\n${text}`).not.toMatch(/undefined|null|NaN|\[object|Invalid|,\s*,|\bfalse\b|\btrue\b/);
    expect(subject).toMatch(/^\S(?:.*\S)?$/);
    expect(subject.length).toBeLessThanOrEqual(160);
    expect(text).toMatch(/\nBoxoffice\n$/);
    expect(text).not.toMatch(/\n{3}|[ \t]\n|\r/);
    for (const line of text.split("\n")) expect(line.length, line).toBeLessThanOrEqual(LINE_LENGTH);
  });
});

describe("a confirmation", () => {
  it("has everything that one takes to the door", () => {
    const { subject, text } = LETTERS["booking-confirmed"]({ bookingId: BOOKING, tickets: [regular, bare], total });
    expect(subject).toBe("Your tickets: 2 events");
    expect(text).toBe(
      [
        "Thank you. Your booking is confirmed, and these are your tickets. Each code",
        "lets one person in; keep them to yourself.",
        "",
        "Winter Songs",
        "Sunday 1 March 2026 at 21:00 (Europe/Berlin)",
        "Old Hall, Market 1, Leipzig, DE",
        "2 x Regular",
        `  ${codes[0]}`,
        `  ${codes[1]}`,
        "",
        "Summer Songs",
        "1 x VIP",
        `  ${codes[0]}`,
        "",
        "Paid: EUR 90.00",
        "",
        `Booking: ${BOOKING}`,
        "",
        "Boxoffice",
        "",
      ].join("\n"),
    );
  });

  it("of a free booking says nothing of money", () => {
    const free = { amount: 0, currency: "EUR" };
    expect(LETTERS["booking-confirmed"]({ bookingId: BOOKING, tickets: [regular], total: free }).text).not.toContain(
      "EUR",
    );
  });

  it("says where codes are that it does not list", () => {
    const many = { ...regular, quantity: 502 };
    const { text } = LETTERS["booking-confirmed"]({ bookingId: BOOKING, tickets: [many], total });
    expect(text).toContain("  and 500 more, see your booking");
  });
});

it("what an organizer writes can't become a header or another paragraph", () => {
  const event = { ...CONCERT, name: "Songs\r\nBcc: all@example.org\n\nDear\u2028customer\u0000" };
  const { subject, text } = LETTERS["offer-lapsed"]({ event, ticketType: "A\nB", quantity: 1 });
  expect(subject).toBe("Your offer has lapsed: Songs Bcc: all@example.org Dear customer");
  expect(text).toContain("\nSongs Bcc: all@example.org Dear customer\n");
  expect(text).toContain("\n1 x A B\n");
});

it.each([
  [{ amount: 4500, currency: "EUR" }, "EUR 45.00"],
  [{ amount: 1, currency: "USD" }, "USD 0.01"],
  [{ amount: 4500, currency: "JPY" }, "JPY 4,500"],
  [{ amount: 123456, currency: "KWD" }, "KWD 123.456"],
])("%o is %s", (money, said) => expect(moneyText(money)).toBe(said));

it.each([
  ["2026-07-01T23:30:00.000Z", "Europe/Berlin", "Thursday 2 July 2026 at 01:30 (Europe/Berlin)"],
  ["2026-07-01T23:30:00.000Z", null, "Wednesday 1 July 2026 at 23:30 (UTC)"],
])("%s in %s is %s", (time, zone, said) => expect(timeText(time, zone)).toBe(said));
