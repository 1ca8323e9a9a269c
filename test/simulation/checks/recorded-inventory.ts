import type { InventoryEvent, PauseScope } from "../../../src/domain/inventory-events.ts";

/** Tickets that are held, as the log has them; whether their time is over is for the reader to say. */
export interface Held {
  readonly account: string;
  readonly quantity: number;
  readonly expiresAtMs: number;
  readonly kind: "plain" | "line" | "offer";
  readonly extended: boolean;
  /** Payments for it that were declined. */
  readonly declined: number;
  readonly claim: { readonly booking: string; readonly untilMs: number } | null;
}

export interface Bought {
  readonly account: string;
  readonly booking: string;
  readonly ordinals: readonly number[];
}

export interface Waiting {
  readonly entry: string;
  readonly account: string;
  readonly quantity: number;
}

/** A ticket type after one of its events, read by what events mean and nothing else. */
export interface RecordedInventory {
  readonly capacity: number;
  readonly maxPerUser: number | null;
  readonly isClosed: boolean;
  readonly isRemoved: boolean;
  readonly paused: ReadonlySet<PauseScope>;
  readonly held: ReadonlyMap<string, Held>;
  readonly bought: ReadonlyMap<string, Bought>;
  /** In their order. */
  readonly waiting: readonly Waiting[];
}

export const NOTHING_RECORDED: RecordedInventory = {
  capacity: 0,
  maxPerUser: null,
  isClosed: false,
  isRemoved: false,
  paused: new Set(),
  held: new Map(),
  bought: new Map(),
  waiting: [],
};

export const endsAtMs = ({ expiresAtMs, claim }: Held): number => claim?.untilMs ?? expiresAtMs;

export const heldTickets = ({ held }: RecordedInventory): number => sum([...held.values()].map((one) => one.quantity));

export const boughtTickets = ({ bought }: RecordedInventory): number =>
  sum([...bought.values()].map(({ ordinals }) => ordinals.length));

export const freeTickets = (one: RecordedInventory): number => one.capacity - heldTickets(one) - boughtTickets(one);

/** What an account has, without what is over at that time. */
export const ticketsOf = ({ held, bought }: RecordedInventory, account: string, atMs: number): number =>
  sum([...held.values()].filter((one) => one.account === account && endsAtMs(one) > atMs).map((one) => one.quantity)) +
  sum([...bought.values()].filter((one) => one.account === account).map(({ ordinals }) => ordinals.length));

const sum = (numbers: readonly number[]): number => numbers.reduce((all, one) => all + one, 0);

/** What is recorded after the event. @throws for an event about something that is not there */
export function after(before: RecordedInventory, event: InventoryEvent): RecordedInventory {
  const { type, data } = event;
  switch (type) {
    case "InventoryOpened":
      return { ...before, capacity: data.capacity, maxPerUser: data.terms.maxPerUser };
    case "CapacityChanged":
      return { ...before, capacity: data.capacity };
    case "TicketTypeTermsChanged":
      return data.changes.maxPerUser === undefined ? before : { ...before, maxPerUser: data.changes.maxPerUser };
    case "SalePaused":
      return { ...before, paused: new Set([...before.paused, data.scope]) };
    case "SaleResumed":
      return { ...before, paused: new Set([...before.paused].filter((scope) => scope !== data.scope)) };
    case "InventoryClosed":
      return { ...before, isClosed: true };
    case "InventoryRemoved":
      return { ...before, isRemoved: true, capacity: 0 };
    case "TicketsReserved": {
      const { reservationId, accountId: account, quantity, expiresAt, cartId } = data;
      if (before.held.has(reservationId) || before.bought.has(reservationId)) throw new Error(`${reservationId} twice`);
      const kind = cartId === undefined ? "plain" : "line";
      return put(before, reservationId, newHeld(account, quantity, expiresAt, kind));
    }
    case "TicketsOffered":
      return data.offers.reduce(
        (state, { entryId, accountId, quantity, expiresAt }) =>
          put(without(state, entryId), entryId, newHeld(accountId, quantity, expiresAt, "offer")),
        before,
      );
    case "ReservationExtended":
      return change(before, data.reservationId, { extended: true, expiresAtMs: Date.parse(data.expiresAt) });
    case "ReservationQuantityChanged":
      return change(before, data.reservationId, { quantity: data.quantity });
    case "ReservationClaimed":
      return change(before, data.reservationId, {
        claim: { booking: data.bookingId, untilMs: Date.parse(data.claimedUntil) },
      });
    case "ClaimReleased": {
      const declined = (before.held.get(data.reservationId)?.declined ?? 0) + (data.declined ? 1 : 0);
      return change(before, data.reservationId, { claim: null, declined });
    }
    case "ReservationReleased":
      return end(before, data.reservationId);
    case "ReservationsExpired":
    case "ReservationsWithdrawn":
      return data.reservations.reduce((state, { reservationId }) => end(state, reservationId), before);
    case "ReservationConfirmed": {
      const { reservationId, bookingId: booking, accountId: account, quantity } = data;
      const ordinals = Array.from({ length: quantity }, (_, ordinal) => ordinal);
      const bought = new Map(before.bought).set(reservationId, { account, booking, ordinals });
      return { ...end(before, reservationId), bought };
    }
    case "TicketsReturned":
      return giveBack(before, data.reservationId, data.ordinals);
    case "WaitlistJoined": {
      const { entryId: entry, accountId: account, quantity } = data;
      return { ...before, waiting: [...before.waiting, { entry, account, quantity }] };
    }
    case "WaitlistLeft":
      return without(before, data.entryId);
    case "WaitlistEnded":
      return data.entries.reduce((state, { entryId }) => without(state, entryId), before);
    default:
      return before;
  }
}

const newHeld = (account: string, quantity: number, expiresAt: string, kind: Held["kind"]): Held => ({
  account,
  quantity,
  expiresAtMs: Date.parse(expiresAt),
  kind,
  extended: false,
  declined: 0,
  claim: null,
});

const put = (state: RecordedInventory, id: string, held: Held): RecordedInventory => ({
  ...state,
  held: new Map(state.held).set(id, held),
});

function change(state: RecordedInventory, id: string, to: Partial<Held>): RecordedInventory {
  const before = state.held.get(id);
  if (before === undefined) throw new Error(`${id} is not held`);
  return put(state, id, { ...before, ...to });
}

function end(state: RecordedInventory, id: string): RecordedInventory {
  const held = new Map(state.held);
  if (!held.delete(id)) throw new Error(`${id} is not held, and can't end`);
  return { ...state, held };
}

function without(state: RecordedInventory, entryId: string): RecordedInventory {
  const waiting = state.waiting.filter(({ entry }) => entry !== entryId);
  if (waiting.length === state.waiting.length) throw new Error(`${entryId} does not wait`);
  return { ...state, waiting };
}

function giveBack(state: RecordedInventory, id: string, ordinals: readonly number[]): RecordedInventory {
  const before = state.bought.get(id);
  if (before === undefined || ordinals.some((one) => !before.ordinals.includes(one))) {
    throw new Error(`${id} has not bought ${ordinals.join()}`);
  }
  const left = before.ordinals.filter((one) => !ordinals.includes(one));
  const bought = new Map(state.bought);
  if (left.length > 0) bought.set(id, { ...before, ordinals: left });
  else bought.delete(id);
  return { ...state, bought };
}
