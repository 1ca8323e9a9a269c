import {
  type Bought,
  type Event,
  eventOf,
  GRACE_MS,
  granted,
  type Held,
  type Office,
  refused,
  sum,
  type TicketType,
  typeOf,
  type User,
  type Verdict,
} from "./office.ts";

export const endOf = ({ claim, endsAtMs }: Held): number => (claim === null ? endsAtMs : claim.deadlineMs + GRACE_MS);

export const freeIn = ({ capacity, held, bought }: TicketType): number =>
  capacity - sum([...held.values()].map(({ quantity }) => quantity)) - sum([...bought.values()].map(ticketsOf));

const ticketsOf = ({ tickets }: Bought): number => tickets.length;

/** Tickets that somebody has of a type, bought or not. */
const ownIn = ({ held, bought }: TicketType, account: string): number =>
  sum([...held.values()].filter((one) => one.account === account).map(({ quantity }) => quantity)) +
  sum([...bought.values()].filter((one) => one.account === account).map(ticketsOf));

/**
 * What happens first whenever anybody has to do with a ticket type: what is over ends, and what is free goes to those who
 * wait.
 */
export function touch(office: Office, type: TicketType): void {
  const isCancelled = isCalledOff(office, type);
  for (const [id, one] of type.held) {
    if (office.nowMs >= endOf(one) || (isCancelled && one.claim === null)) type.held.delete(id);
  }
  if (isOver(office, type)) type.waiting = [];
  passOn(office, type);
}

export const touchAll = (office: Office, { typeIds }: Event): void => {
  for (const id of typeIds) touch(office, typeOf(office, id));
};

/** One that was deleted before is not there to be called off. */
export const isCalledOff = (office: Office, type: TicketType): boolean =>
  eventOf(office, type).isCancelled && !type.isDeleted;

export const isPaused = (office: Office, type: TicketType): boolean => type.isPaused || eventOf(office, type).isPaused;

/** Nobody will be sold anything any more. */
function isOver(office: Office, type: TicketType): boolean {
  const { isCancelled, saleEndsAtMs, startsAtMs } = eventOf(office, type);
  return isCancelled || [saleEndsAtMs, startsAtMs].some((end) => end !== null && office.nowMs >= end);
}

/** The oldest that fits is next; those passed over keep their place. */
export function passOn(office: Office, type: TicketType): void {
  if (isOver(office, type) || isPaused(office, type)) return;
  const { saleEndsAtMs, startsAtMs } = eventOf(office, type);
  type.waiting = type.waiting.filter(({ entry, account, quantity }) => {
    if (!fits(type, account, quantity)) return true;
    const ends = [office.nowMs + office.offerTtlMs, saleEndsAtMs, startsAtMs].filter((end) => end !== null);
    type.held.set(entry, newHeld(account, quantity, type.price, Math.min(...ends), "offer"));
    office.reservations.set(entry, { type: type.id, account });
    return false;
  });
}

const fits = (type: TicketType, account: string, quantity: number): boolean =>
  quantity <= freeIn(type) && (type.maxPerUser === null || ownIn(type, account) + quantity <= type.maxPerUser);

/** While the sale is paused, what those who wait will be offered is nobody else's. */
export const freeForOthers = (office: Office, type: TicketType): number =>
  isPaused(office, type) && type.waiting.some(({ account, quantity }) => fits(type, account, quantity))
    ? 0
    : freeIn(type);

export const newHeld = (
  account: string,
  quantity: number,
  price: number,
  endsAtMs: number,
  kind: Held["kind"] = "plain",
): Held => ({ account, quantity, price, endsAtMs, kind, extended: false, declined: 0, claim: null });

/** No event of the model says when it ends, so that it does when it starts. */
export function hasEnded(office: Office, type: TicketType): boolean {
  const { startsAtMs } = eventOf(office, type);
  return startsAtMs !== null && office.nowMs >= startsAtMs;
}

/** Why nothing is sold, in the order of the API's page. */
export function saleRefusal(office: Office, type: TicketType): Verdict | null {
  const event = eventOf(office, type);
  if (type.isDeleted) return refused("ticket-type-not-found");
  if (event.isCancelled) return refused("event-cancelled");
  if (hasEnded(office, type)) return refused("event-ended");
  if (event.isDraft) return refused("event-not-published");
  if (isPaused(office, type)) return refused("sale-paused");
  if (event.saleEndsAtMs !== null && office.nowMs >= event.saleEndsAtMs) return refused("sale-closed");
  return null;
}

/** Why somebody can't have so many, apart from what is left. @param more how many of them are not held already */
export function buyerRefusal(
  office: Office,
  type: TicketType,
  { account, guest }: User,
  quantity: number,
  more = quantity,
): Verdict | null {
  const closed = saleRefusal(office, type);
  if (closed !== null) return closed;
  if (guest && !eventOf(office, type).guestsAllowed) return refused("guests-not-allowed");
  const { maxPerOrder, maxPerUser } = type;
  if (quantity > maxPerOrder) return refused("limit-exceeded", { maxPerOrder });
  const remaining = maxPerUser === null ? more : Math.max(0, maxPerUser - ownIn(type, account));
  return more > remaining ? refused("limit-exceeded", { remaining }) : null;
}

export function reserve(office: Office, typeId: string, user: User, quantity: number, id: string): Verdict {
  const type = typeOf(office, typeId);
  touch(office, type);
  const refusal = buyerRefusal(office, type, user, quantity);
  if (refusal !== null) return refusal;
  const available = freeIn(type);
  if (quantity > available) return refused("sold-out", { available });
  const endsAtMs = office.nowMs + eventOf(office, type).holdTtlMs;
  type.held.set(id, newHeld(user.account, quantity, type.price, endsAtMs));
  return granted;
}

export function extend(office: Office, typeId: string, account: string, id: string): Verdict {
  const type = typeOf(office, typeId);
  touch(office, type);
  if (isCalledOff(office, type)) return refused("event-cancelled");
  const held = type.held.get(id);
  if (held === undefined || held.account !== account) return refused("reservation-not-held");
  if (held.claim !== null) return refused("payment-in-progress");
  if (held.kind !== "plain") return refused("not-extendable");
  if (held.extended) return refused("extension-used");
  held.extended = true;
  held.endsAtMs += eventOf(office, type).holdTtlMs;
  return granted;
}

export function release(office: Office, typeId: string, account: string, id: string): Verdict {
  const type = typeOf(office, typeId);
  touch(office, type);
  const held = type.held.get(id);
  if (held === undefined || held.account !== account) return granted;
  if (held.claim !== null) return refused("payment-in-progress");
  type.held.delete(id);
  passOn(office, type);
  return granted;
}

/** Sets a line of a cart that ends at that time to so many tickets, all or nothing. */
export function setLine(
  office: Office,
  typeId: string,
  user: User,
  quantity: number,
  { id, endsAtMs }: { readonly id: string; readonly endsAtMs: number },
): Verdict {
  const type = typeOf(office, typeId);
  touch(office, type);
  if (type.bought.has(id)) return refused("payment-in-progress");
  const line = type.held.get(id);
  if (line === undefined && quantity === 0) return granted;
  if (line?.claim != null && (quantity === 0 || !isCalledOff(office, type))) return refused("payment-in-progress");
  if (quantity > 0 && isCalledOff(office, type)) return refused("event-cancelled");
  const more = quantity - (line?.quantity ?? 0);
  if (more > 0) {
    const refusal = buyerRefusal(office, type, user, quantity, more);
    if (refusal !== null) return refusal;
    if (endsAtMs <= office.nowMs) return refused("reservation-expired");
    const available = freeIn(type);
    if (more > available) return refused("sold-out", { available });
  }
  if (quantity === 0) type.held.delete(id);
  else if (line === undefined) type.held.set(id, newHeld(user.account, quantity, type.price, endsAtMs, "line"));
  else line.quantity = quantity;
  passOn(office, type);
  return granted;
}

export function join(office: Office, typeId: string, user: User, quantity: number, entry: string): Verdict {
  const type = typeOf(office, typeId);
  touch(office, type);
  const refusal = buyerRefusal(office, type, user, quantity);
  if (refusal !== null) return refusal;
  const hasOffer = [...type.held.values()].some(({ kind, account }) => kind === "offer" && account === user.account);
  if (hasOffer || type.waiting.some(({ account }) => account === user.account)) return refused("already-waiting");
  const available = freeIn(type);
  if (available >= quantity) return refused("tickets-available", { available });
  type.waiting.push({ entry, account: user.account, quantity });
  return granted;
}

export function leave(office: Office, typeId: string, account: string, entry: string): Verdict {
  const type = typeOf(office, typeId);
  touch(office, type);
  const waits = type.waiting.find((one) => one.entry === entry);
  const held = type.held.get(entry);
  const owner = (waits ?? held ?? type.bought.get(entry))?.account ?? account;
  if (owner !== account || (held !== undefined && held.kind !== "offer")) return refused("waitlist-entry-not-found");
  type.waiting = type.waiting.filter((one) => one.entry !== entry);
  return waits === undefined ? release(office, typeId, account, entry) : granted;
}

export function changeCapacity(office: Office, typeId: string, capacity: number): Verdict {
  const type = typeOf(office, typeId);
  const event = eventOf(office, type);
  if (event.isCancelled) return refused("event-cancelled");
  if (type.isDeleted) return refused("ticket-type-not-found");
  if (capacity < type.capacity) {
    touch(office, type);
    const committed = type.capacity - freeIn(type);
    if (committed > capacity) return refused("capacity-below-commitments", { committed });
  }
  touchAll(office, event);
  type.capacity = capacity;
  passOn(office, type);
  return granted;
}
