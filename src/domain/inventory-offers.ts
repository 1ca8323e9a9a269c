import { accept } from "./decision.ts";
import type { InventoryDecision } from "./inventory-commands.ts";
import type { InventoryEvent, ReservationsExpired, Seated, TicketsOffered, WaitlistEnded } from "./inventory-events.ts";
import { type Freed, freedBy, NOTHING_FREED } from "./inventory-freed.ts";
import { expired, lapse, MAX_LAPSES_PER_EVENT } from "./inventory-lapsing.ts";
import { refusalBesidesPause, saleRefusal, saleWindow, ticketsAt } from "./inventory-sale-rules.ts";
import { seated } from "./inventory-seats.ts";
import type { OpenedInventory } from "./inventory-state.ts";
import type { Money } from "./money.ts";
import { bestAvailable } from "./seating/best-available.ts";
import { WHICHEVER } from "./seating/seat-choice.ts";
import { FREE, HELD } from "./seating/seat-table.ts";
import type { WaitingEntry } from "./waitlist.ts";

/** Offers are recorded in portions of this size. */
export const MAX_OFFERS_PER_EVENT = 100;

/** So many one decision makes; housekeeping makes the rest, and until then nothing is for sale to others. */
export const MAX_OFFERS_PER_DECISION = 500;

/** Numbered seats that one decision offers: the largest names of so many take half of an append. */
export const MAX_SEATS_OFFERED_PER_DECISION = 5_000;

/** What comes first, and what is left for others. */
export interface PassedOn {
  readonly events: readonly (ReservationsExpired | TicketsOffered)[];
  /** Tickets for those who are not in the waitlist; 0 while somebody waits whom they would do. */
  readonly forWalkUps: number;
}

/**
 * Ends all that is due and offers what is free to those who wait: always to the oldest entry that fits. While more is due
 * than one decision ends it is not yet known who that is, so that nothing is offered, nor sold to others.
 *
 * @param freed what is freed otherwise by the decision that this is a part of
 * @param first a due reservation that ends in any case
 */
export function passOn(
  state: OpenedInventory,
  atMs: number,
  { freed = NOTHING_FREED, first }: { readonly freed?: Freed; readonly first?: string | undefined } = {},
): PassedOn {
  const due = (max: number) => lapse(state, atMs, { max, first, except: freed.ids });
  const lapsed = due(MAX_LAPSES_PER_EVENT + 1);
  if (lapsed.reservations.length > MAX_LAPSES_PER_EVENT) {
    return { events: expired(due(MAX_LAPSES_PER_EVENT)), forWalkUps: 0 };
  }
  const lapses = expired(lapsed);
  const { seats } = state.tables;
  if (seats !== null) {
    return seats.tentatively(() => {
      for (const { reservationId } of lapsed.reservations) {
        for (const seat of state.tables.reservations.get(reservationId)?.seats ?? []) seats.set(seat, FREE);
      }
      for (const seat of freed.seats) seats.set(seat, FREE);
      for (const seat of freed.taken) seats.set(seat, HELD);
      return offered(lapses, seats.freeOrdinary, state, atMs, freed);
    });
  }
  const free = state.capacity - state.held - state.booked + lapsed.quantity + freed.tickets;
  return offered(lapses, free, state, atMs, freed);
}

/**
 * @param free tickets that those who wait may have: seats that are kept for those who ask for accessible ones are offered
 *   to nobody
 */
function offered(
  lapses: readonly ReservationsExpired[],
  free: number,
  state: OpenedInventory,
  atMs: number,
  freed: Freed,
): PassedOn {
  const { seats } = state.tables;
  const left = () => (seats === null ? free : seats.free);
  if (waitlistIsOver(state, atMs) !== null) return { events: lapses, forWalkUps: left() };
  const next = state.tables.waitlist.next(free, MAX_OFFERS_PER_DECISION + 1, mayHave(state, atMs, freed));
  if (next.length === 0) return { events: lapses, forWalkUps: left() };
  if (saleRefusal(state, atMs) !== null) return { events: lapses, forWalkUps: 0 };
  const chosen = seats === null ? next.slice(0, MAX_OFFERS_PER_DECISION) : withinSeats(next);
  const isAll = chosen.length === next.length;
  const events = [...lapses, ...offers(chosen, state, atMs)];
  if (!isAll) return { events, forWalkUps: 0 };
  return { events, forWalkUps: seats === null ? free - ticketsOf(chosen) : seats.free };
}

/** The decision, and in it the offers of the tickets that it frees. */
export function passingOn(decision: InventoryDecision, state: OpenedInventory, atMs: number): InventoryDecision {
  if (!decision.accepted || decision.events.length === 0 || state.tables.waitlist.size === 0) return decision;
  const freed = freedBy(decision.events, state, atMs);
  if (freed.ids.size > MAX_LAPSES_PER_EVENT) return decision; // it is large enough; housekeeping makes the offers
  const { events } = passOn(state, atMs, { freed });
  const isOffered = events.some(({ type }) => type === "TicketsOffered");
  return isOffered ? accept<InventoryEvent>(...decision.events, ...events) : decision;
}

/** Why there will be no offers any more; null while there may be some. A sale that is paused comes to its end all the same. */
export function waitlistIsOver(state: OpenedInventory, atMs: number): WaitlistEnded["data"]["reason"] | null {
  const refusal = refusalBesidesPause(state, atMs);
  if (refusal === null || refusal.accepted) return null;
  const { code } = refusal;
  return code === "event-cancelled" || code === "event-ended" || code === "sale-closed" ? code : null;
}

/** Whether it stays within the limit per user, which the account may have come closer to since it joined. */
const mayHave =
  (state: OpenedInventory, atMs: number, freed: Freed) =>
  ({ accountId, quantity }: WaitingEntry): boolean => {
    const { maxPerUser } = state.terms;
    if (maxPerUser === null) return true;
    return ticketsAt(accountId, state, atMs) - (freed.ofAccount.get(accountId) ?? 0) + quantity <= maxPerUser;
  };

function offers(entries: readonly WaitingEntry[], state: OpenedInventory, atMs: number): TicketsOffered[] {
  const events: TicketsOffered[] = [];
  const unitPrice = state.terms.price;
  for (let i = 0; i < entries.length; i += MAX_OFFERS_PER_EVENT) {
    const portion = entries
      .slice(i, i + MAX_OFFERS_PER_EVENT)
      .map(({ entryId, accountId, quantity, offerTtlSeconds }) => {
        const expiresAt = new Date(offerEndsAtMs(offerTtlSeconds, state, atMs)).toISOString();
        return { entryId, accountId, quantity, ...seatsOffered(quantity, state), expiresAt };
      });
    events.push({ type: "TicketsOffered", data: { unitPrice, offers: portion } });
  }
  return events;
}

/** As many as one append has room for, seats being named one by one. */
function withinSeats(entries: readonly WaitingEntry[]): readonly WaitingEntry[] {
  let seats = 0;
  const within = entries.slice(0, MAX_OFFERS_PER_DECISION).findIndex(({ quantity }) => {
    seats += quantity;
    return seats > MAX_SEATS_OFFERED_PER_DECISION;
  });
  return within < 0 ? entries.slice(0, MAX_OFFERS_PER_DECISION) : entries.slice(0, within);
}

/** The best there are, apart where it has to be: who waits takes what comes. Tentatively they are held from here on. */
function seatsOffered(quantity: number, state: OpenedInventory): Seated & { readonly unitPrice?: Money } {
  const { seats } = state.tables;
  if (seats === null) return {};
  const found = bestAvailable(seats, { quantity, ...WHICHEVER });
  if ("none" in found) throw new Error(`${quantity} seats were to be offered, of which there are none`);
  for (const seat of found.seats) seats.set(seat, HELD);
  return seated(found.seats, state);
}

/** No offer outlives the sale: its term may be days, and what lapses after the sale is of no use to anybody. */
function offerEndsAtMs(offerTtlSeconds: number, state: OpenedInventory, atMs: number): number {
  const ends = [state.eventTerms.endsAt, saleWindow(state).saleEndsAt].filter((end) => end !== null).map(Date.parse);
  return Math.min(atMs + offerTtlSeconds * 1000, ...ends);
}

const ticketsOf = (entries: readonly WaitingEntry[]): number =>
  entries.reduce((sum, { quantity }) => sum + quantity, 0);
