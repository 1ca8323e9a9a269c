import type { InventoryEvent } from "../../src/domain/inventory-events.ts";
import type { Dated } from "./log-audit.ts";

interface Waiting {
  readonly entryId: string;
  readonly accountId: string;
  readonly quantity: number;
}

interface Held {
  readonly accountId: string;
  readonly quantity: number;
  readonly endsAtMs: number;
  /** Its own end, when it is not claimed. */
  readonly expiresAtMs: number;
}

/** What an auditor makes of a log: plain lists and sums, whatever is recorded of what is due. */
interface Ledger {
  readonly capacity: number;
  readonly waiting: readonly Waiting[];
  readonly held: ReadonlyMap<string, Held>;
  /** Booked tickets by reservation. */
  readonly booked: ReadonlyMap<string, { readonly accountId: string; readonly tickets: number }>;
}

/**
 * Proves from the log alone that nobody is passed over: each offer goes to the oldest entry that fits into what is free
 * at that moment, and no walk-up gets a ticket while somebody waits whom what is free would do. Knows the rules, not
 * the code.
 * @returns what stands after each event
 * @throws Error naming the first violation
 */
export function auditWaitlist(log: readonly Dated[], maxPerUser: number | null): readonly Ledger[] {
  let ledger: Ledger = { capacity: 0, waiting: [], held: new Map(), booked: new Map() };
  return log.map(({ event, atMs }) => {
    if (event.type === "TicketsReserved" && nextOf(ledger, atMs, maxPerUser) !== undefined) {
      throw new Error(`${event.data.reservationId} was sold while somebody waited for it`);
    }
    if (event.type === "TicketsOffered") {
      for (const offer of event.data.offers) {
        const next = nextOf(ledger, atMs, maxPerUser);
        if (next?.entryId !== offer.entryId) throw new Error(`${offer.entryId} was offered before ${next?.entryId}`);
        ledger = after(ledger, { ...event, data: { ...event.data, offers: [offer] } });
      }
    } else ledger = after(ledger, event);
    const { capacity } = ledger;
    if (heldIn(ledger) + bookedIn(ledger) > capacity) throw new Error(`${event.type} sold more than there is`);
    return ledger;
  });
}

/** The oldest entry that fits into what is free, and may have as many. */
export function nextOf(ledger: Ledger, atMs: number, maxPerUser: number | null): Waiting | undefined {
  const live = [...ledger.held.values()].filter(({ endsAtMs }) => endsAtMs > atMs);
  const free = ledger.capacity - sum(live.map(({ quantity }) => quantity)) - bookedIn(ledger);
  return ledger.waiting.find(({ accountId, quantity }) => {
    const held = live.filter((one) => one.accountId === accountId).map((one) => one.quantity);
    const booked = [...ledger.booked.values()].filter((one) => one.accountId === accountId).map((one) => one.tickets);
    return quantity <= free && (maxPerUser === null || sum(held) + sum(booked) + quantity <= maxPerUser);
  });
}

export const heldIn = ({ held }: Ledger): number => sum([...held.values()].map(({ quantity }) => quantity));
export const bookedIn = ({ booked }: Ledger): number => sum([...booked.values()].map(({ tickets }) => tickets));

const sum = (numbers: readonly number[]): number => numbers.reduce((total, one) => total + one, 0);

function after(ledger: Ledger, event: InventoryEvent): Ledger {
  switch (event.type) {
    case "InventoryOpened":
    case "CapacityChanged":
      return { ...ledger, capacity: event.data.capacity };
    case "TicketsReserved": {
      const { reservationId, accountId, quantity, expiresAt } = event.data;
      if (ledger.held.has(reservationId)) throw new Error(`${reservationId} is held twice`);
      const endsAtMs = Date.parse(expiresAt);
      const held = { accountId, quantity, endsAtMs, expiresAtMs: endsAtMs };
      return { ...ledger, held: new Map([...ledger.held, [reservationId, held]]) };
    }
    case "ReservationClaimed": {
      const { reservationId, claimedUntil } = event.data;
      return changed(ledger, reservationId, (one) => ({ ...one, endsAtMs: Date.parse(claimedUntil) }));
    }
    case "ClaimReleased":
      return changed(ledger, event.data.reservationId, (one) => ({ ...one, endsAtMs: one.expiresAtMs }));
    case "ReservationReleased":
      return without(ledger, [event.data.reservationId]);
    case "ReservationsExpired":
      return without(
        ledger,
        event.data.reservations.map(({ reservationId }) => reservationId),
      );
    case "ReservationConfirmed": {
      const { reservationId, accountId, quantity } = event.data;
      const booked = new Map([...ledger.booked, [reservationId, { accountId, tickets: quantity }]]);
      return { ...without(ledger, [reservationId]), booked };
    }
    case "TicketsReturned": {
      const { reservationId, ordinals } = event.data;
      const before = ledger.booked.get(reservationId);
      if (before === undefined) throw new Error(`${reservationId} was not booked`);
      const left = { ...before, tickets: before.tickets - ordinals.length };
      return { ...ledger, booked: new Map([...ledger.booked, [reservationId, left]]) };
    }
    case "WaitlistJoined":
      if (ledger.waiting.some((one) => one.accountId === event.data.accountId)) throw new Error("waits twice");
      if (event.data.place !== ledger.waiting.length + 1) throw new Error("is told another place");
      return { ...ledger, waiting: [...ledger.waiting, event.data] };
    case "TicketsOffered": {
      let { held } = ledger;
      for (const { entryId, accountId, quantity, expiresAt } of event.data.offers) {
        const endsAtMs = Date.parse(expiresAt);
        held = new Map([...held, [entryId, { accountId, quantity, endsAtMs, expiresAtMs: endsAtMs }]]);
      }
      return { ...gone(ledger, event.data.offers), held };
    }
    case "WaitlistLeft":
      return gone(ledger, [event.data]);
    case "WaitlistEnded":
      return gone(ledger, event.data.entries);
    default:
      return ledger;
  }
}

function changed(ledger: Ledger, id: string, change: (held: Held) => Held): Ledger {
  const before = ledger.held.get(id);
  if (before === undefined) throw new Error(`${id} is not held`);
  return { ...ledger, held: new Map([...ledger.held, [id, change(before)]]) };
}

function without(ledger: Ledger, ids: readonly string[]): Ledger {
  for (const id of ids) if (!ledger.held.has(id)) throw new Error(`${id} ended without being held`);
  return { ...ledger, held: new Map([...ledger.held].filter(([id]) => !ids.includes(id))) };
}

function gone(ledger: Ledger, entries: readonly { readonly entryId: string }[]): Ledger {
  const ids = entries.map(({ entryId }) => entryId);
  const waiting = ledger.waiting.filter(({ entryId }) => !ids.includes(entryId));
  if (waiting.length !== ledger.waiting.length - ids.length) throw new Error(`${ids} did not wait`);
  return { ...ledger, waiting };
}
