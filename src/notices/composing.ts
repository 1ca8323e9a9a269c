import { composeForBooking } from "./composing-bookings.ts";
import type { NoticeFacts } from "./facts.ts";
import type { Notice } from "./notice.ts";
import { saidEvent, saidLine, saidLines } from "./said-tickets.ts";
import { LETTERS, type Letter } from "./texts.ts";

/** A notice as it reads now, or why nothing is to be said any more, or that it is too early to tell. */
export type Composed =
  | { readonly accountId: string; readonly letter: Letter }
  | { readonly skip: string }
  | { readonly waitMs: number };

/** How soon an offer is looked at again that somebody is paying for beyond its time. */
const BEING_BOUGHT_MS = 30_000;

/**
 * Writes the mail from what is so now, which may not be what was so when the notice was planned: nobody is warned of a
 * cart that was bought meanwhile.
 * @param accountId null: whose the booking is
 * @throws Error the facts can't be had
 */
export async function compose(notice: Notice, accountId: string | null, facts: NoticeFacts): Promise<Composed> {
  if ("bookingId" in notice.about) {
    const booking = await facts.booking(notice.about.bookingId);
    return booking === null ? { skip: "no such booking" } : composeForBooking(notice, booking, facts);
  }
  if (accountId === null) throw new Error(`nobody to send ${notice.kind} to`);
  const composed = await composeForAccount(notice, accountId, facts);
  return "subject" in composed ? { accountId, letter: composed } : composed;
}

type Unsaid = Exclude<Composed, { readonly letter: Letter }>;

async function composeForAccount(notice: Notice, accountId: string, facts: NoticeFacts): Promise<Letter | Unsaid> {
  switch (notice.kind) {
    case "cart-expiring": {
      const { cartId, expiresAt } = notice.about;
      const cart = await facts.cart(accountId, cartId);
      if (cart === null || cart.status !== "ACTIVE" || cart.items.length === 0)
        return { skip: "no such cart any more" };
      return LETTERS[notice.kind]({ tickets: await saidLines(cart.items, facts), expiresAt });
    }
    case "event-changed": {
      const { eventId, changed } = notice.about;
      const event = await facts.event(eventId);
      if (event === null || event.status === "CANCELLED") return { skip: "the event is off" };
      return LETTERS[notice.kind]({ event: saidEvent(event), changed });
    }
    case "password-reset": {
      const reset = await facts.passwordReset(notice.about.resetId);
      return reset === null ? { skip: "used, or its time is over" } : LETTERS[notice.kind](reset);
    }
    case "password-changed":
      return LETTERS[notice.kind](notice.about);
    case "waitlist-joined":
    case "offer-made":
    case "offer-expiring":
    case "offer-lapsed":
    case "waitlist-ended":
      return composeForEntry(notice, facts);
    default:
      throw new Error(`${notice.kind} is about a booking`);
  }
}

type OfEntry = Extract<Notice, { readonly about: { readonly entryId: string } }>;

/** What an entry has to be for its notice to be true still. */
const TOLD_WHILE: { readonly [Kind in OfEntry["kind"]]: readonly string[] } = {
  "waitlist-joined": ["WAITING"],
  "offer-made": ["OFFERED"],
  "offer-expiring": ["OFFERED"],
  "offer-lapsed": ["LAPSED", "ENDED"],
  "waitlist-ended": ["ENDED"],
};

async function composeForEntry(notice: OfEntry, facts: NoticeFacts): Promise<Letter | Unsaid> {
  const entry = await facts.entry(notice.about.entryId);
  if (entry === null) return { skip: "no such entry" };
  if (notice.kind === "offer-lapsed" && entry.status === "OFFERED") return { waitMs: BEING_BOUGHT_MS };
  if (!TOLD_WHILE[notice.kind].includes(entry.status)) return { skip: `the entry is ${entry.status}` };
  const { eventId, ticketTypeId, quantity } = entry;
  const seats = "seats" in notice.about ? notice.about.seats : undefined;
  const tickets = await saidLine({ eventId, ticketTypeId, quantity, ...(seats && { seats }) }, facts);
  switch (notice.kind) {
    case "waitlist-joined":
      return LETTERS[notice.kind]({ ...tickets, place: notice.about.place });
    case "offer-made":
    case "offer-expiring":
      return LETTERS[notice.kind]({ ...tickets, expiresAt: notice.about.expiresAt });
    case "offer-lapsed":
      return LETTERS[notice.kind](tickets);
    case "waitlist-ended":
      return LETTERS[notice.kind]({ ...tickets, reason: notice.about.reason });
  }
}
