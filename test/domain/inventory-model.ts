import { type BuyingWish, judgeBuying } from "./buying-model.ts";

/**
 * One ticket type by plain arithmetic, independent of the code that it is compared with: a reservation counts until its
 * time is over, and that is all there is to expiry. Nothing is staged, indexed or recorded here.
 */
export interface Model {
  readonly capacity: number;
  readonly maxPerUser: number | null;
  readonly maxPerOrder: number;
  readonly termSeconds: number;
  readonly isClosed: boolean;
  /** All that did not end otherwise than by time, whether their time is over or not. */
  readonly reservations: readonly ModelReservation[];
  /** What was bought and is not all returned. */
  readonly bought: readonly ModelBought[];
}

export interface ModelReservation {
  readonly id: string;
  readonly account: string;
  readonly quantity: number;
  readonly endsAtMs: number;
  readonly extended: boolean;
  readonly isLine: boolean;
  readonly declined: number;
  /** While there is one it says when the reservation ends. */
  readonly claim: { readonly booking: string; readonly endsAtMs: number } | null;
}

export interface ModelBought {
  readonly id: string;
  readonly account: string;
  readonly booking: string;
  /** Which of its tickets are not returned. */
  readonly tickets: readonly number[];
}

export type Wish =
  | {
      readonly do: "reserve";
      readonly id: string;
      readonly account: string;
      readonly quantity: number;
      readonly seconds: number | null;
    }
  | { readonly do: "extend"; readonly id: string; readonly account: string }
  | { readonly do: "release"; readonly id: string; readonly account: string }
  | { readonly do: "capacity"; readonly capacity: number }
  | { readonly do: "term"; readonly seconds: number }
  | { readonly do: "lapse" }
  | BuyingWish;

/** What has to come of a wish; of several refusals any may be given where the model can't tell what is on record. */
export type Verdict =
  | { readonly granted: Model }
  | { readonly refused: readonly string[]; readonly details: Readonly<Record<string, number>> };

export const refused = (
  codes: string | readonly string[],
  details: Readonly<Record<string, number>> = {},
): Verdict => ({
  refused: [codes].flat(),
  details,
});

export function judge(model: Model, wish: Wish, atMs: number): Verdict {
  const live = liveAt(model, atMs);
  switch (wish.do) {
    case "reserve": {
      const { id, account, quantity } = wish;
      if ([...live, ...model.bought].some((one) => one.id === id)) return refused("already-exists");
      const unsold = unsellable(model, { account, quantity, more: quantity }, atMs);
      if (unsold !== null) return unsold;
      const endsAtMs = atMs + (wish.seconds ?? model.termSeconds) * 1_000;
      return granted(model, [...others(model, id), held({ id, account, quantity, endsAtMs })]);
    }
    case "extend": {
      if (model.isClosed) return refused("event-cancelled");
      const own = live.find((one) => one.id === wish.id && one.account === wish.account);
      if (own === undefined) return refused(["reservation-not-held", "reservation-expired"]);
      if (own.claim !== null) return refused("payment-in-progress");
      if (own.isLine) return refused("not-extendable");
      if (own.extended) return refused("extension-used");
      const endsAtMs = own.endsAtMs + model.termSeconds * 1_000;
      return granted(model, [...others(model, wish.id), { ...own, endsAtMs, extended: true }]);
    }
    case "release": {
      const own = live.find((one) => one.id === wish.id && one.account === wish.account);
      if (own === undefined) return { granted: model };
      return own.claim === null ? granted(model, others(model, wish.id)) : refused("payment-in-progress");
    }
    case "capacity": {
      const committed = committedAt(model, atMs);
      if (committed > wish.capacity) {
        return refused("capacity-below-commitments", { committed, capacity: model.capacity });
      }
      return { granted: { ...model, capacity: wish.capacity } };
    }
    case "term":
      return { granted: { ...model, termSeconds: wish.seconds } };
    case "lapse":
      return model.isClosed
        ? granted(
            model,
            model.reservations.filter(({ claim }) => claim !== null),
          )
        : { granted: model };
    default:
      return judgeBuying(model, wish, atMs);
  }
}

/** @param more how many of the quantity are not held already */
export function unsellable(
  model: Model,
  { account, quantity, more }: { readonly account: string; readonly quantity: number; readonly more: number },
  atMs: number,
): Verdict | null {
  const { capacity, maxPerOrder, maxPerUser } = model;
  if (model.isClosed) return refused("event-cancelled");
  if (quantity > maxPerOrder) return refused("limit-exceeded", { maxPerOrder });
  const own = ownAt(model, account, atMs);
  if (maxPerUser !== null && own + more > maxPerUser) {
    // What was paid too late is held again whatever the limit.
    return refused("limit-exceeded", { maxPerUser, remaining: Math.max(0, maxPerUser - own) });
  }
  const available = capacity - committedAt(model, atMs);
  return more > available ? refused("sold-out", { available }) : null;
}

export const held = (
  reservation: Pick<ModelReservation, "id" | "account" | "quantity" | "endsAtMs">,
): ModelReservation => ({ ...reservation, extended: false, isLine: false, declined: 0, claim: null });

/** Reservations that count at this time, in a comparable order. */
export const liveAt = (model: Model, atMs: number): readonly ModelReservation[] =>
  model.reservations
    .filter(({ claim, endsAtMs }) => (claim === null ? endsAtMs : claim.endsAtMs) > atMs)
    .toSorted((a, b) => (a.id < b.id ? -1 : 1));

/** Tickets that are not available. */
export const committedAt = (model: Model, atMs: number): number =>
  ticketsOf(liveAt(model, atMs)) + boughtIn(model.bought);

/** Tickets that an account has, bought or not. */
export const ownAt = (model: Model, account: string, atMs: number): number =>
  ticketsOf(liveAt(model, atMs).filter((one) => one.account === account)) +
  boughtIn(model.bought.filter((one) => one.account === account));

export const granted = (model: Model, reservations: readonly ModelReservation[]): Verdict => ({
  granted: { ...model, reservations },
});

export const others = (model: Model, id: string): readonly ModelReservation[] =>
  model.reservations.filter((one) => one.id !== id);

export const ticketsOf = (reservations: readonly { readonly quantity: number }[]): number =>
  reservations.reduce((sum, { quantity }) => sum + quantity, 0);

export const boughtIn = (bought: readonly ModelBought[]): number =>
  bought.reduce((sum, { tickets }) => sum + tickets.length, 0);
