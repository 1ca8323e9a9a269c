/** Refusals in the words of somebody who buys; the API says them to whoever writes clients. */

const SIGNED_OUT = "You are not signed in any more. Load the page again, and sign in.";

/** @type {Readonly<Record<string, string>>} */
const WORDS = {
  busy: "Many people are buying just now. Try again in a moment.",
  "event-cancelled": "This event was called off.",
  "event-ended": "This event is over.",
  "event-not-found": "There is no such event.",
  "event-not-published": "This event is not on sale yet.",
  "extension-used": "The time was moved on once already.",
  "guests-not-allowed": "Tickets of this event need an account: sign out, and make one when you are asked who you are.",
  "limit-exceeded": "That is more than one buyer may have of these tickets.",
  "no-adjacent-seats": "So many seats side by side are not free. Take fewer, or let them be apart.",
  "not-extendable": "The time for these tickets is set, and can't be moved on.",
  "payment-declined": "The payment was declined. The tickets are still held for you: try another card.",
  "payment-in-progress": "A payment for these tickets is under way.",
  "rate-limited": "That was too often. Try again in a minute.",
  "sale-closed": "The sale is over.",
  "sale-not-open": "The sale has not begun yet.",
  "sale-paused": "The sale is paused. Try again later.",
  "session-ended": SIGNED_OUT,
  "token-expired": SIGNED_OUT,
  "token-invalid": SIGNED_OUT,
  "too-many-attempts": "Too many payments were declined. Give the tickets back, and begin anew.",
  unavailable: "That is not possible just now. Try again in a moment.",
};

/** Codes that have words of their own, for a spec. */
export const SAID_CODES = Object.keys(WORDS);

/** @param {import("../shared/api.js").Refused} refused */
export function saidRefusal({ code, message, members }) {
  if (code !== "sold-out") return WORDS[code] ?? message;
  const left = Number(members.available ?? 0);
  return left === 0
    ? "All tickets are taken just now. Some may come back."
    : `So many are not left: it is ${left} now.`;
}
