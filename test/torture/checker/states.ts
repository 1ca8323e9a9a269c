import {
  boughtTickets,
  endsAtMs,
  heldTickets,
  type RecordedInventory,
} from "../../simulation/checks/recorded-inventory.ts";
import type { BookingStanding } from "./booking-standing.ts";

/*
 * What may be so of a ticket type or a booking at some moment. Each is made of the few values that it needs: a run of an
 * hour asks half a million of them, and none may keep the answer alive that it came from.
 */

type OfInventory = (state: RecordedInventory) => boolean;

/** The log's times are those of the moment of decision, by a clock that is measured: so far they may be off. */
export const SLACK_MS = 2_000;

/** When somebody looked, by the clock of the log. */
export interface Times {
  readonly beganAtMs: number;
  readonly endedAtMs: number;
}

export const never = (): boolean => false;

/** @param account null: whoever it is. @param quantity null: however many */
export const isHeldAs =
  (reservationId: string, account: string | null, quantity: number | null, expiresAtMs: number): OfInventory =>
  ({ held }) => {
    const one = held.get(reservationId);
    if (one === undefined || one.expiresAtMs !== expiresAtMs) return false;
    return (account === null || one.account === account) && (quantity === null || one.quantity === quantity);
  };

export const isWaitingAs =
  (entryId: string, account: string | null, quantity: number, place: number): OfInventory =>
  ({ waiting }) => {
    const one = waiting[place - 1];
    return one?.entry === entryId && one.account === account && one.quantity === quantity;
  };

/** Neither held nor waiting. */
export const isGone =
  (id: string): OfInventory =>
  ({ waiting, held }) =>
    !held.has(id) && waiting.every(({ entry }) => entry !== id);

export const isHeldNoMore =
  (id: string): OfInventory =>
  ({ held }) =>
    !held.has(id);

/** @param quantity 0: there is none that goes on. @param endedAtMs by the clock of the log */
export const hasLineOf =
  (account: string | null, quantity: number, endedAtMs: number): OfInventory =>
  ({ held }) => {
    const lines = [...held.values()].filter((one) => one.kind === "line" && one.account === account);
    if (quantity > 0) return lines.some((one) => one.quantity === quantity);
    return lines.every((one) => endsAtMs(one) <= endedAtMs + SLACK_MS);
  };

export const hasCapacity =
  (wanted: number): OfInventory =>
  ({ capacity }) =>
    capacity === wanted;

export const isPausedAs =
  (isPaused: boolean): OfInventory =>
  (state) =>
    state.paused.has("ticket-type") === isPaused || state.isRemoved;

export const isRemoved: OfInventory = (state) => state.isRemoved;
export const isOver: OfInventory = (state) => state.isClosed || state.isRemoved;

export const countsAre =
  (total: number, held: number, booked: number): OfInventory =>
  (state) =>
    state.capacity === total && heldTickets(state) === held && boughtTickets(state) === booked;

export const isLineOrBought =
  (reservationId: string, quantity: number): OfInventory =>
  ({ held, bought }) =>
    held.get(reservationId)?.quantity === quantity || bought.has(reservationId);

/** A reservation as a reader is shown it. */
export const reservationIs =
  (id: string, status: string, quantity: number, { beganAtMs, endedAtMs }: Times): OfInventory =>
  ({ held, bought }) => {
    const one = held.get(id);
    switch (status) {
      case "HELD":
        return one?.quantity === quantity && endsAtMs(one) > beganAtMs - SLACK_MS;
      case "CONFIRMED":
        return one === undefined; // its tickets may have come back since
      case "EXPIRED":
        return one === undefined ? !bought.has(id) : endsAtMs(one) <= endedAtMs + SLACK_MS;
      default:
        return one === undefined && !bought.has(id);
    }
  };

/** An entry of a waitlist as a reader is shown it. */
export const entryIs =
  (id: string, status: string, { beganAtMs, endedAtMs }: Times): OfInventory =>
  ({ held, bought, waiting }) => {
    const offer = held.get(id);
    const isWaiting = waiting.some(({ entry }) => entry === id);
    switch (status) {
      case "WAITING":
        return isWaiting;
      case "OFFERED":
        return offer !== undefined && endsAtMs(offer) > beganAtMs - SLACK_MS;
      case "TAKEN":
        return !isWaiting && (offer === undefined || offer.claim !== null || bought.has(id));
      default:
        return !isWaiting && (offer === undefined || endsAtMs(offer) <= endedAtMs + SLACK_MS);
    }
  };

/** A booking as its buyer is told of it. @param valid tickets, once it is paid; null: however many */
export const stands =
  (statuses: readonly string[], valid: number | null) =>
  ({ status, tickets }: BookingStanding): boolean =>
    statuses.includes(status) && (status !== "PAID" || valid === null || tickets === valid);
