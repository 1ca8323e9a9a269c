import { accept, type Decider, type Decision, refuse } from "./decision.ts";
import type {
  EventTerms,
  InventoryEvent,
  InventoryOpened,
  ReservationsExpired,
  TicketsReserved,
} from "./inventory-events.ts";
import { type HeldReservation, type Inventory, type OpenedInventory, openedInventory } from "./inventory-state.ts";
import type { Money } from "./money.ts";

/** Due reservations are recorded as expired in portions of this size: a wave must not build an append over the limit. */
export const MAX_LAPSES_PER_EVENT = 500;

/** How many due reservations one command may have to end before it; the rest counts as not available yet. */
export const MAX_LAPSES_PER_COMMAND = 10_000;

/** Opens the inventory of a new ticket type. */
export interface OpenInventory {
  readonly type: "OpenInventory";
  readonly data: InventoryOpened["data"];
}

export interface PublishInventory {
  readonly type: "PublishInventory";
}

/** Brings the event's terms up to date; the same terms again change nothing. */
export interface ChangeEventTerms {
  readonly type: "ChangeEventTerms";
  readonly eventTerms: EventTerms;
}

export interface ChangeCapacity {
  readonly type: "ChangeCapacity";
  readonly capacity: number;
}

export interface Reserve {
  readonly type: "Reserve";
  readonly reservationId: string;
  readonly accountId: string;
  readonly guest: boolean;
  /** 1 or more. */
  readonly quantity: number;
  /** null: as long as the event says. */
  readonly holdTtlSeconds: number | null;
}

export interface Extend {
  readonly type: "Extend";
  readonly reservationId: string;
  readonly accountId: string;
}

export interface Release {
  readonly type: "Release";
  readonly reservationId: string;
  readonly accountId: string;
}

/** Records what is due as expired, at most {@link MAX_LAPSES_PER_EVENT} at a time. */
export interface LapseDue {
  readonly type: "LapseDue";
}

/** Sets a cart's line to so many tickets, all or nothing; 0 gives them back. */
export interface SetLine {
  readonly type: "SetLine";
  /** Always the same for a cart and a ticket type. */
  readonly reservationId: string;
  readonly cartId: string;
  readonly accountId: string;
  readonly guest: boolean;
  /** 0 or more. */
  readonly quantity: number;
  /** The cart's, in epoch milliseconds. */
  readonly expiresAtMs: number;
}

/** Sets a held reservation aside for a booking that may be paid until `deadlineMs`. */
export interface Claim {
  readonly type: "Claim";
  readonly reservationId: string;
  readonly bookingId: string;
  readonly accountId: string;
  readonly deadlineMs: number;
}

/** Takes the tickets of a booking that was paid too late again, if they are free; claimed ones stay as they are. */
export interface HoldAgain {
  readonly type: "HoldAgain";
  readonly reservationId: string;
  readonly bookingId: string;
  readonly accountId: string;
  readonly quantity: number;
  readonly unitPrice: Money;
  readonly deadlineMs: number;
}

/** Books what is claimed for the booking. */
export interface Confirm {
  readonly type: "Confirm";
  readonly reservationId: string;
  readonly bookingId: string;
}

/** Ends all that a booking has of a reservation, claimed or booked already. */
export interface LetGo {
  readonly type: "LetGo";
  readonly reservationId: string;
  readonly bookingId: string;
  /** After `declined` and `abandoned` it is held for its owner again; after the others the tickets are free. */
  readonly outcome: "declined" | "abandoned" | "withdrawn" | "timed-out";
}

/** Booked tickets come back, each once. */
export interface ReturnTickets {
  readonly type: "ReturnTickets";
  readonly reservationId: string;
  readonly bookingId: string;
  /** Which of the reservation's tickets, counted from 0. */
  readonly ordinals: readonly number[];
}

/** Ends all sales of a cancelled event; reservations and waitlist end in portions, see {@link LapseDue}. */
export interface CloseInventory {
  readonly type: "CloseInventory";
  readonly reason: "event-cancelled";
}

export interface JoinWaitlist {
  readonly type: "JoinWaitlist";
  readonly entryId: string;
  readonly accountId: string;
  readonly guest: boolean;
  readonly quantity: number;
  readonly offerTtlSeconds: number;
}

export interface LeaveWaitlist {
  readonly type: "LeaveWaitlist";
  readonly entryId: string;
  readonly accountId: string;
}

/** A command and the time at which it is decided, in epoch milliseconds. */
export type InventoryCommand = { readonly atMs: number } & (
  | OpenInventory
  | PublishInventory
  | ChangeEventTerms
  | ChangeCapacity
  | Reserve
  | Extend
  | Release
  | LapseDue
  | SetLine
  | Claim
  | HoldAgain
  | Confirm
  | LetGo
  | ReturnTickets
  | CloseInventory
  | JoinWaitlist
  | LeaveWaitlist
);

export type InventoryRefusal =
  | "already-exists"
  | "ticket-type-not-found"
  | "event-ended"
  | "event-not-published"
  | "sale-not-open"
  | "sale-closed"
  | "guests-not-allowed"
  | "limit-exceeded"
  | "sold-out"
  | "capacity-below-commitments"
  | "extension-used"
  | "reservation-expired"
  | "reservation-not-held"
  | "event-cancelled"
  | "payment-in-progress"
  | "too-many-attempts"
  | "not-extendable"
  | "tickets-available"
  | "already-waiting"
  | "waitlist-full"
  | "waitlist-entry-not-found";

type At<Command> = Command & { readonly atMs: number };
type InventoryDecision = Decision<InventoryEvent, InventoryRefusal>;

export const inventory: Decider<Inventory, InventoryCommand, InventoryEvent> = {
  initialState: () => ({ status: "unopened" }),
  decide,
  evolve,
  stagedIn: (state) => (state.status === "unopened" ? [] : state.tables.staged()),
};

function decide(command: InventoryCommand, state: Inventory): InventoryDecision {
  if (command.type === "OpenInventory") {
    return state.status === "unopened"
      ? accept({ type: "InventoryOpened", data: command.data })
      : refuse("already-exists");
  }
  if (state.status === "unopened") return refuse("ticket-type-not-found");
  switch (command.type) {
    case "PublishInventory":
      return state.status === "draft" ? accept({ type: "InventoryPublished", data: {} }) : accept();
    case "ChangeEventTerms":
      return changeEventTerms(command, state);
    case "ChangeCapacity":
      return changeCapacity(command, state);
    case "Reserve":
      return reserve(command, state);
    case "Extend":
      return extend(command, state);
    case "Release":
      return release(command, state);
    case "LapseDue":
      return accept(...expired(lapse(state, command.atMs, MAX_LAPSES_PER_EVENT)));
    case "SetLine":
    case "Claim":
    case "HoldAgain":
    case "Confirm":
    case "LetGo":
    case "ReturnTickets":
    case "CloseInventory":
    case "JoinWaitlist":
    case "LeaveWaitlist":
      throw new Error(`${command.type} is not decided yet`);
  }
}

/** Sets tickets aside until `expiresAt`, if the sale is open, the limits allow it and enough are left. */
function reserve(command: At<Reserve>, state: OpenedInventory): InventoryDecision {
  if (state.tables.reservations.has(command.reservationId)) return refuse("already-exists");
  const closed = saleRefusal(state, command.atMs) ?? guestRefusal(command, state) ?? limitRefusal(command, state);
  if (closed !== null) return closed;
  const short = command.quantity - (state.capacity - state.held - state.booked);
  const lapsed = short > 0 ? lapse(state, command.atMs, MAX_LAPSES_PER_COMMAND, short) : NOTHING_LAPSED;
  if (lapsed.quantity < short) {
    return refuse("sold-out", { available: state.capacity - state.held - state.booked + lapsed.quantity });
  }
  return accept<InventoryEvent>(...expired(lapsed), reserved(command, state));
}

function reserved(command: At<Reserve>, state: OpenedInventory): TicketsReserved {
  const { reservationId, accountId, quantity } = command;
  const ttlSeconds = command.holdTtlSeconds ?? state.eventTerms.holdTtlSeconds;
  const expiresAt = rfc3339(command.atMs + ttlSeconds * 1000);
  return {
    type: "TicketsReserved",
    data: { reservationId, accountId, quantity, unitPrice: state.terms.price, expiresAt },
  };
}

/** Moves `expiresAt` by the event's term, once. */
function extend(command: At<Extend>, state: OpenedInventory): InventoryDecision {
  const { reservationId } = command;
  const reservation = ownReservation(command, state);
  if (reservation === undefined) return refuse("reservation-not-held");
  if (isDue(reservation, command.atMs)) return refuse("reservation-expired");
  if (reservation.extended) return refuse("extension-used");
  const previousExpiresAt = rfc3339(reservation.expiresAtMs);
  const expiresAt = rfc3339(reservation.expiresAtMs + state.eventTerms.holdTtlSeconds * 1000);
  return accept({ type: "ReservationExtended", data: { reservationId, previousExpiresAt, expiresAt } });
}

/** Gives the tickets back. What has ended already, or is due, stays as it is: the wish is fulfilled. */
function release(command: At<Release>, state: OpenedInventory): InventoryDecision {
  const reservation = ownReservation(command, state);
  if (reservation === undefined || isDue(reservation, command.atMs)) return accept();
  const { reservationId } = command;
  return accept({ type: "ReservationReleased", data: { reservationId, quantity: reservation.quantity } });
}

function changeEventTerms(command: ChangeEventTerms, state: OpenedInventory): InventoryDecision {
  const now = state.eventTerms;
  const next = command.eventTerms;
  const same = (Object.keys(next) as (keyof EventTerms)[]).every((key) => next[key] === now[key]);
  return same ? accept() : accept({ type: "EventTermsChanged", data: next });
}

/** Never below what is held and booked; reservations that are due don't stand in the way. */
function changeCapacity(command: At<ChangeCapacity>, state: OpenedInventory): InventoryDecision {
  const { capacity } = command;
  if (capacity === state.capacity) return accept();
  const over = state.held + state.booked - capacity;
  const lapsed = over > 0 ? lapse(state, command.atMs, MAX_LAPSES_PER_COMMAND, over) : NOTHING_LAPSED;
  if (lapsed.quantity < over) {
    const committed = state.held + state.booked - lapsed.quantity;
    return refuse("capacity-below-commitments", { committed, capacity: state.capacity });
  }
  const change = { capacity, previousCapacity: state.capacity };
  return accept<InventoryEvent>(...expired(lapsed), { type: "CapacityChanged", data: change });
}

/** Why nothing is sold at this time, in the order that clients rely on. */
function saleRefusal(state: OpenedInventory, atMs: number): InventoryDecision | null {
  const { eventTerms, terms } = state;
  const saleEndsAt = terms.saleEndsAt ?? eventTerms.saleEndsAt;
  if (eventTerms.endsAt !== null && atMs >= Date.parse(eventTerms.endsAt)) return refuse("event-ended");
  if (state.status === "draft") return refuse("event-not-published");
  if (atMs < Date.parse(terms.saleStartsAt ?? eventTerms.saleStartsAt)) return refuse("sale-not-open");
  if (saleEndsAt !== null && atMs >= Date.parse(saleEndsAt)) return refuse("sale-closed");
  return null;
}

function guestRefusal(command: Reserve, state: OpenedInventory): InventoryDecision | null {
  return command.guest && !state.eventTerms.guestsAllowed ? refuse("guests-not-allowed") : null;
}

function limitRefusal(command: At<Reserve>, state: OpenedInventory): InventoryDecision | null {
  const { maxPerOrder, maxPerUser } = state.terms;
  if (command.quantity > maxPerOrder) return refuse("limit-exceeded", { maxPerOrder });
  if (maxPerUser === null) return null;
  const recorded = state.tables.ticketsOf(command.accountId);
  if (recorded + command.quantity <= maxPerUser) return null;
  const remaining = maxPerUser - recorded + dueOfAccount(command, state);
  return command.quantity > remaining ? refuse("limit-exceeded", { maxPerUser, remaining }) : null;
}

/** Tickets of the account in reservations that are due, though not yet recorded as expired. */
function dueOfAccount(command: At<Reserve>, state: OpenedInventory): number {
  let quantity = 0;
  for (const reservation of state.tables.ofAccount(command.accountId)) {
    if (isDue(reservation, command.atMs)) quantity += reservation.quantity;
  }
  return quantity;
}

function ownReservation(command: Extend | Release, state: OpenedInventory): HeldReservation | undefined {
  const reservation = state.tables.reservations.get(command.reservationId);
  return reservation?.accountId === command.accountId ? reservation : undefined;
}

/** From `expiresAt` on a reservation has lapsed, whether that is recorded or not. */
const isDue = (reservation: HeldReservation, atMs: number): boolean => atMs >= reservation.expiresAtMs;

interface Lapsed {
  readonly reservations: readonly { readonly reservationId: string; readonly quantity: number }[];
  readonly quantity: number;
}

const NOTHING_LAPSED: Lapsed = { reservations: [], quantity: 0 };

/** The oldest due reservations, at most `max` of them, no more than it takes to free `enough` tickets. */
function lapse(state: OpenedInventory, atMs: number, max: number, enough = Number.POSITIVE_INFINITY): Lapsed {
  const reservations: { reservationId: string; quantity: number }[] = [];
  let quantity = 0;
  for (const reservationId of state.tables.calendar.due(atMs)) {
    if (reservations.length === max || quantity >= enough) break;
    const reservation = state.tables.reservations.get(reservationId) as HeldReservation;
    reservations.push({ reservationId, quantity: reservation.quantity });
    quantity += reservation.quantity;
  }
  return { reservations, quantity };
}

function expired({ reservations }: Lapsed): ReservationsExpired[] {
  const events: ReservationsExpired[] = [];
  for (let i = 0; i < reservations.length; i += MAX_LAPSES_PER_EVENT) {
    const portion = reservations.slice(i, i + MAX_LAPSES_PER_EVENT);
    events.push({ type: "ReservationsExpired", data: { reservations: portion } });
  }
  return events;
}

const rfc3339 = (epochMs: number): string => new Date(epochMs).toISOString();

function evolve(state: Inventory, event: InventoryEvent): Inventory {
  if (event.type === "InventoryOpened") return openedInventory(event.data);
  if (state.status === "unopened") throw new Error(`${event.type} before InventoryOpened`);
  const { tables } = state;
  switch (event.type) {
    case "InventoryPublished":
      return { ...state, status: "open" };
    case "EventTermsChanged":
      return { ...state, eventTerms: event.data };
    case "CapacityChanged":
      return { ...state, capacity: event.data.capacity };
    case "TicketsReserved": {
      const { reservationId, accountId, quantity, expiresAt } = event.data;
      tables.put(reservationId, { accountId, quantity, expiresAtMs: Date.parse(expiresAt), extended: false });
      return { ...state, held: state.held + quantity };
    }
    case "ReservationExtended": {
      const { reservationId, expiresAt } = event.data;
      const reservation = tables.reservations.get(reservationId) as HeldReservation;
      tables.put(reservationId, { ...reservation, expiresAtMs: Date.parse(expiresAt), extended: true });
      return state;
    }
    case "ReservationReleased":
      return { ...state, held: state.held - tables.remove(event.data.reservationId) };
    case "ReservationsExpired": {
      let freed = 0;
      for (const { reservationId } of event.data.reservations) freed += tables.remove(reservationId);
      return { ...state, held: state.held - freed };
    }
    case "ReservationQuantityChanged":
    case "ReservationClaimed":
    case "ClaimReleased":
    case "ReservationConfirmed":
    case "TicketsReturned":
    case "InventoryClosed":
    case "ReservationsWithdrawn":
    case "WaitlistJoined":
    case "TicketsOffered":
    case "WaitlistLeft":
    case "WaitlistEnded":
      throw new Error(`${event.type} is not known yet`);
    default:
      return event satisfies never;
  }
}
