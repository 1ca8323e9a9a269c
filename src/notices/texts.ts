import type { Venue } from "../domain/listing-events.ts";
import type { Money } from "../domain/money.ts";
import type { ResetFacts } from "./facts.ts";
import type { EventChange, NoticeAbout, NoticeKind } from "./notice.ts";
import { inSubject, moneyText, oneLine, timeText, wrapped } from "./plain-text.ts";

/** A mail's words: a subject of one line, and plain text. */
export interface Letter {
  readonly subject: string;
  readonly text: string;
}

export interface SaidEvent {
  readonly name: string;
  readonly startsAt: string | null;
  readonly endsAt: string | null;
  readonly timeZone: string | null;
  readonly venue: Venue | null;
}

/** Tickets of one ticket type. */
export interface SaidTickets {
  readonly event: SaidEvent;
  readonly ticketType: string;
  readonly quantity: number;
  /** One a ticket, where tickets are numbered seats. */
  readonly seats?: readonly string[];
}

interface WithCodes extends SaidTickets {
  readonly codes: readonly string[];
}

interface SaidBooking {
  readonly bookingId: string;
  /** What is bought, at least one. */
  readonly tickets: readonly SaidTickets[];
}

export interface BoughtTickets {
  readonly bookingId: string;
  readonly tickets: readonly WithCodes[];
}

/** What each kind of mail is written from. */
export interface Said {
  readonly "booking-confirmed": BoughtTickets & { readonly total: Money };
  readonly "paid-late": BoughtTickets & { readonly total: Money };
  readonly "tickets-resent": BoughtTickets;
  readonly "payment-returned": SaidBooking & { readonly total: Money };
  readonly "payment-declined": SaidBooking;
  readonly "booking-timed-out": SaidBooking & { readonly expiresAt: string };
  readonly "tickets-cancelled": SaidBooking & { readonly refund: Money | null };
  /** `paid`: false where the booking was still open, so that there is nothing to give back. */
  readonly "event-cancelled": SaidBooking & { readonly refund: Money | null; readonly paid: boolean };
  readonly "refund-requested": SaidBooking & { readonly amount: Money };
  readonly "refund-succeeded": SaidBooking & { readonly amount: Money };
  readonly "cart-expiring": { readonly tickets: readonly SaidTickets[]; readonly expiresAt: string };
  readonly "waitlist-joined": SaidTickets & { readonly place: number };
  readonly "offer-made": SaidTickets & { readonly expiresAt: string };
  readonly "offer-expiring": SaidTickets & { readonly expiresAt: string };
  readonly "offer-lapsed": SaidTickets;
  readonly "waitlist-ended": SaidTickets & { readonly reason: NoticeAbout["waitlist-ended"]["reason"] };
  readonly "password-reset": ResetFacts;
  readonly "password-changed": { readonly at: string };
  readonly "event-changed": { readonly event: SaidEvent; readonly changed: readonly EventChange[] };
}

/** All that Boxoffice says to people by mail. */
export const LETTERS: { readonly [Kind in NoticeKind]: (said: Said[Kind]) => Letter } = {
  "booking-confirmed": ({ bookingId, tickets, total }) =>
    letter(
      `Your tickets: ${names(tickets)}`,
      "Thank you. Your booking is confirmed, and these are your tickets. Each code lets one person in; keep them to yourself.",
      ...withCodes(tickets),
      total.amount === 0 ? null : `Paid: ${moneyText(total)}`,
      booking(bookingId),
    ),
  "paid-late": ({ bookingId, tickets, total }) =>
    letter(
      `Your tickets: ${names(tickets)}`,
      "Your payment came after the time that your tickets were kept for. They were still free, so we took them for you again: your booking is confirmed, and these are your tickets. Each code lets one person in; keep them to yourself.",
      ...withCodes(tickets),
      `Paid: ${moneyText(total)}`,
      booking(bookingId),
    ),
  "tickets-resent": ({ bookingId, tickets }) =>
    letter(
      `Your tickets once more: ${names(tickets)}`,
      "You asked for your tickets again. These are the ones that are valid now. Each code lets one person in; keep them to yourself.",
      ...withCodes(tickets),
      booking(bookingId),
    ),
  "payment-returned": ({ bookingId, tickets, total }) =>
    letter(
      `No tickets, and your money goes back: ${names(tickets)}`,
      `Your payment of ${moneyText(total)} reached us when your tickets could not be had any more. We keep none of it: what was only set aside is free again, and what was taken is paid back in full. How soon you see it depends on your bank.`,
      ...listed(tickets),
      booking(bookingId),
    ),
  "payment-declined": ({ bookingId, tickets }) =>
    letter(
      `Your payment was declined: ${names(tickets)}`,
      "Your payment was declined, and nothing was charged. While your reservation lasts the tickets are still kept for you, and you can try again with another way to pay.",
      ...listed(tickets),
      booking(bookingId),
    ),
  "booking-timed-out": ({ bookingId, tickets, expiresAt }) =>
    letter(
      `Your booking was not paid in time: ${names(tickets)}`,
      `Your booking was not paid by ${timeText(expiresAt, zoneOf(tickets))}, and its tickets are free for others again. Should a payment of yours have come after that, you get it back in full.`,
      ...listed(tickets),
      booking(bookingId),
    ),
  "tickets-cancelled": ({ bookingId, tickets, refund }) =>
    letter(
      `Tickets cancelled: ${names(tickets)}`,
      "These tickets of yours are cancelled; their codes let nobody in any more.",
      ...listed(tickets),
      refund === null
        ? "By the rules that your tickets were bought under, nothing is given back for them."
        : `We give back ${moneyText(refund)}, the way you paid. You get another mail when it is on its way.`,
      booking(bookingId),
    ),
  "event-cancelled": ({ bookingId, tickets, refund, paid }) =>
    letter(
      `Cancelled: ${names(tickets)}`,
      "We are sorry: this event is cancelled and will not take place. Your tickets are not valid any more.",
      ...listed(tickets),
      refund === null
        ? paid
          ? "Your tickets cost nothing, so there is nothing to give back."
          : "Your booking was not paid yet, and nothing will be charged."
        : `We give back ${moneyText(refund)}, the way you paid. You get another mail when it is on its way.`,
      booking(bookingId),
    ),
  "refund-requested": ({ bookingId, tickets, amount }) =>
    letter(
      `You get ${moneyText(amount)} back: ${names(tickets)}`,
      `The organizer gives you ${moneyText(amount)} back, the way you paid. Your tickets stay valid. You get another mail when the money is on its way.`,
      ...listed(tickets),
      booking(bookingId),
    ),
  "refund-succeeded": ({ bookingId, tickets, amount }) =>
    letter(
      `${moneyText(amount)} is on its way to you: ${names(tickets)}`,
      `We have paid back ${moneyText(amount)}, the way you paid. It may take your bank some days to show it.`,
      ...listed(tickets),
      booking(bookingId),
    ),
  "cart-expiring": ({ tickets, expiresAt }) =>
    letter(
      `Your cart is kept a little longer: ${names(tickets)}`,
      `The tickets in your cart are kept for you until ${timeText(expiresAt, zoneOf(tickets))}. After that they are free for others.`,
      ...listed(tickets),
    ),
  "waitlist-joined": ({ event, ticketType, quantity, place }) =>
    letter(
      `You are on the waitlist: ${inSubject(event.name)}`,
      `You are on the waitlist, at place ${place}. When as many tickets come back as you want and it is your turn, we keep them for you and write to you at once.`,
      ...listed([{ event, ticketType, quantity }]),
    ),
  "offer-made": ({ event, expiresAt, ...rest }) =>
    letter(
      `Tickets for you: ${inSubject(event.name)}`,
      `It is your turn on the waitlist: these tickets are kept for you until ${timeText(expiresAt, event.timeZone)}. Buy them by then, or they go to the next.`,
      ...listed([{ event, ...rest }]),
    ),
  "offer-expiring": ({ event, expiresAt, ...rest }) =>
    letter(
      `Your tickets are kept only until ${inSubject(timeText(expiresAt, event.timeZone))}`,
      `The tickets that you were offered from the waitlist are kept for you until ${timeText(expiresAt, event.timeZone)}. After that they go to the next.`,
      ...listed([{ event, ...rest }]),
    ),
  "offer-lapsed": ({ event, ticketType, quantity }) =>
    letter(
      `Your offer has lapsed: ${inSubject(event.name)}`,
      "The tickets that you were offered from the waitlist were not bought in time, or can't be bought any more. You are not on this waitlist any longer.",
      ...listed([{ event, ticketType, quantity }]),
    ),
  "waitlist-ended": ({ event, ticketType, quantity, reason }) =>
    letter(
      `The waitlist has ended: ${inSubject(event.name)}`,
      `The waitlist that you were on has ended, because ${ENDED_BECAUSE[reason]}. There will be no more tickets.`,
      ...listed([{ event, ticketType, quantity }]),
    ),
  "password-reset": ({ token, link, expiresAt }) =>
    letter(
      "Choose a new password",
      `Somebody, we hope you, wants a new password for your account. With this ${link === null ? "code" : "link"} you can choose one, once, until ${timeText(expiresAt, null)}. Keep it to yourself.`,
      block([link ?? token]),
      "When you choose it, you are signed out everywhere. If you did not ask for it, do nothing: your password stays as it is.",
    ),
  "password-changed": ({ at }) =>
    letter(
      "Your password was changed",
      `A new password for your account was chosen, by a link from a mail to this address, on ${timeText(at, null)}. Everybody who was signed in is signed out; API keys go on.`,
      "If that was not you, somebody reads your mails: see to them first, then ask for a new password again.",
    ),
  "event-changed": ({ event, changed }) =>
    letter(
      `Changed: ${inSubject(event.name)}`,
      `An event that you have tickets for has changed: the organizer has a new ${listOf(changed.map((change) => CHANGED_WORDS[change]))} for it. This is how it is now. Your tickets stay valid.`,
      block(about(event, true)),
    ),
};

const ENDED_BECAUSE = {
  "event-cancelled": "the event is cancelled",
  "event-ended": "the event is over",
  "sale-closed": "the sale is closed",
} as const;

const CHANGED_WORDS = { name: "name", startsAt: "date", endsAt: "end", venue: "venue" } as const;

const CLOSING = "Boxoffice";

/** Mails name so many seats of a line, besides those that stand with their codes. */
const MOST_SEATS = 50;

/** Lines that stay as they are. */
interface Block {
  readonly lines: string;
}

const block = (lines: readonly string[]): Block => ({ lines: lines.join("\n") });

function letter(subject: string, ...parts: readonly (string | Block | null)[]): Letter {
  const written = parts.flatMap((part) =>
    part === null ? [] : [typeof part === "string" ? wrapped(part) : part.lines],
  );
  return { subject: oneLine(subject), text: `${[...written, CLOSING].join("\n\n")}\n` };
}

/** What it is about, for a subject: one event's name, or how many there are. */
function names(tickets: readonly SaidTickets[]): string {
  const different = [...new Set(tickets.map(({ event }) => event.name))];
  return different.length === 1 ? inSubject(different[0] ?? "") : `${different.length} events`;
}

/** The zone of the event, where all are in the same; else UTC. */
function zoneOf(tickets: readonly SaidTickets[]): string | null {
  const zones = new Set(tickets.map(({ event }) => event.timeZone));
  return zones.size === 1 ? (tickets[0]?.event.timeZone ?? null) : null;
}

function about({ name, startsAt, endsAt, timeZone, venue }: SaidEvent, withEnd = false): string[] {
  const lines = [wrapped(name)];
  if (startsAt !== null) lines.push(wrapped(timeText(startsAt, timeZone)));
  if (withEnd && endsAt !== null) lines.push(wrapped(`until ${timeText(endsAt, timeZone)}`));
  if (venue !== null) {
    const { address, city, country } = venue;
    lines.push(wrapped([venue.name, address, city, country].filter((part) => part !== null).join(", ")));
  }
  return lines;
}

/** A block for each event, with what there is of it. */
function blocks<Tickets extends SaidTickets>(
  tickets: readonly Tickets[],
  linesOf: (tickets: Tickets) => readonly string[],
): Block[] {
  const byEvent = Map.groupBy(tickets, ({ event }) => JSON.stringify(event));
  return [...byEvent.values()].map((ofEvent) => {
    const [{ event }] = ofEvent as [Tickets];
    return block([...about(event), ...ofEvent.flatMap(linesOf)]);
  });
}

const counted = ({ quantity, ticketType }: SaidTickets): string => wrapped(`${quantity} x ${ticketType}`);
/** The same with its seats, by their ids, where there are any. */
const seated = ({ seats, ...tickets }: SaidTickets): string[] => {
  if (seats === undefined) return [counted(tickets)];
  const more = seats.length > MOST_SEATS ? ` and ${seats.length - MOST_SEATS} more` : "";
  return [counted(tickets), wrapped(`${seats.slice(0, MOST_SEATS).join(", ")}${more}`, "  ")];
};
const listed = (tickets: readonly SaidTickets[]): Block[] => blocks(tickets, seated);
const withCodes = (tickets: readonly WithCodes[]): Block[] =>
  blocks(tickets, (some) => [
    counted(some),
    ...some.codes.map((code, index) => ["", code, some.seats?.[index] ?? []].flat().join("  ")),
    ...(some.codes.length < some.quantity ? [`  and ${some.quantity - some.codes.length} more, see your booking`] : []),
  ]);

const booking = (bookingId: string): string => `Booking: ${bookingId}`;

const listOf = (words: readonly string[]): string =>
  words.length < 2 ? words.join("") : `${words.slice(0, -1).join(", ")} and ${words.at(-1)}`;
