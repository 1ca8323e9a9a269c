import {
  boughtTickets,
  endsAtMs,
  type Held,
  heldTickets,
  type RecordedInventory,
  ticketsOf,
} from "../../simulation/checks/recorded-inventory.ts";
import { SLACK_MS } from "./states.ts";

/** A refusal, as far as it can be held against the log. */
export interface Refusal {
  readonly code: string;
  readonly account: string | null;
  /** null: not about so many tickets. */
  readonly quantity: number | null;
  /** The one reservation that it is about; null: none, or several. */
  readonly reservationId: string | null;
  /** For a line of a cart, which takes the place of the one that is there. */
  readonly isLine: boolean;
  /** What it said that was left, where it said so. */
  readonly available: number | null;
  /** The capacity that somebody wanted. */
  readonly capacity: number | null;
  /** When it was asked and answered, by the clock of the log, in epoch milliseconds. */
  readonly beganAtMs: number;
  readonly endedAtMs: number;
}

/**
 * What must have been so at some moment for a refusal to be right; null: clients can't prove that it was wrong, because
 * of several things at once it is not told which, or because it does not depend on the inventory alone.
 */
export function reasonFor(refusal: Refusal): ((state: RecordedInventory) => boolean) | null {
  const { code, account, quantity, reservationId: id, isLine, available, capacity } = refusal;
  const once = (isSo: (state: RecordedInventory, atMs: number) => boolean) => (state: RecordedInventory) =>
    timesOf(state, refusal).some((atMs) => isSo(state, atMs));
  const about = (isSo: (held: Held | undefined, atMs: number, state: RecordedInventory) => boolean) =>
    id === null ? null : once((state, atMs) => isSo(state.held.get(id), atMs, state));
  switch (code) {
    case "sold-out":
      if (quantity === null) return null;
      return once((state, atMs) => {
        const left = forWalkUps(state, atMs);
        const more = quantity - (isLine ? lineOf(state, account, atMs) : 0);
        // Of what is due only as much is taken as is needed: it may have said less than there is.
        return left < more && (available === null || isLine || left >= available);
      });
    case "tickets-available":
      return quantity === null ? null : once((state, atMs) => forWalkUps(state, atMs) >= quantity);
    case "limit-exceeded":
      if (quantity === null || account === null) return null;
      return once((state, atMs) => {
        const { maxPerUser } = state;
        const more = quantity - (isLine ? lineOf(state, account, atMs) : 0);
        return maxPerUser !== null && ticketsOf(state, account, atMs) + more > maxPerUser;
      });
    case "already-waiting":
      return account === null ? null : once((state, atMs) => isWaiting(state, account, atMs));
    case "sale-paused":
      return ({ paused }) => paused.size > 0;
    case "event-cancelled":
      return ({ isClosed }) => isClosed;
    case "ticket-type-not-found":
      return ({ isRemoved }) => isRemoved;
    case "capacity-below-commitments":
      return capacity === null ? null : once((state) => heldTickets(state) + boughtTickets(state) > capacity);
    case "has-commitments":
      return ({ held, bought, waiting }) => held.size + bought.size + waiting.length > 0;
    case "reservation-not-held":
      return about((held) => held === undefined);
    case "reservation-expired":
      return about((held, atMs) => held === undefined || endsAtMs(held) <= atMs);
    case "payment-in-progress":
      return about((held, _, { bought }) => held?.claim != null || bought.has(id ?? ""));
    case "too-many-attempts":
      return about((held) => (held?.declined ?? 0) >= 3);
    case "extension-used":
      return about((held) => held?.extended === true);
    case "not-extendable":
      return about((held) => held !== undefined && held.kind !== "plain");
    default:
      return null;
  }
}

/** The times between question and answer at which it differs what is over. */
function timesOf({ held }: RecordedInventory, { beganAtMs, endedAtMs }: Refusal): readonly number[] {
  const began = beganAtMs - SLACK_MS;
  const ended = endedAtMs + SLACK_MS;
  const ends = [...held.values()].map(endsAtMs).filter((end) => end > began && end <= ended);
  return [began, ...ends, ended];
}

/** What is left for somebody who is not in the waitlist. */
export function forWalkUps(state: RecordedInventory, atMs: number): number {
  let free = state.capacity - boughtTickets(state);
  for (const one of state.held.values()) if (endsAtMs(one) > atMs) free -= one.quantity;
  for (const { account, quantity } of state.waiting) {
    const isWithin = state.maxPerUser === null || ticketsOf(state, account, atMs) + quantity <= state.maxPerUser;
    if (quantity <= free && isWithin) free -= quantity;
  }
  return free;
}

/** What an account's cart has of it, which a new quantity takes the place of. */
function lineOf({ held }: RecordedInventory, account: string | null, atMs: number): number {
  const lines = [...held.values()].filter((one) => one.kind === "line" && one.account === account);
  return lines.reduce((sum, one) => sum + (endsAtMs(one) > atMs ? one.quantity : 0), 0);
}

function isWaiting({ waiting, held }: RecordedInventory, account: string, atMs: number): boolean {
  const isOffered = (one: Held) => one.kind === "offer" && one.account === account && endsAtMs(one) > atMs;
  return waiting.some((one) => one.account === account) || [...held.values()].some(isOffered);
}
