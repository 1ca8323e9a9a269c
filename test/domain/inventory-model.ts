/**
 * One ticket type by plain arithmetic, independent of the code that it is compared with: a reservation counts until its
 * time is over, and that is all there is to expiry. Nothing is staged, indexed or recorded here.
 */
export interface Model {
  readonly capacity: number;
  readonly maxPerUser: number | null;
  readonly maxPerOrder: number;
  readonly termSeconds: number;
  /** All that were not released, whether their time is over or not. */
  readonly reservations: readonly ModelReservation[];
}

interface ModelReservation {
  readonly id: string;
  readonly account: string;
  readonly quantity: number;
  readonly endsAtMs: number;
  readonly extended: boolean;
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
  | { readonly do: "lapse" };

/** What has to come of a wish; of several refusals any may be given where the model can't tell what is on record. */
export type Verdict =
  | { readonly granted: Model }
  | { readonly refused: readonly string[]; readonly details: Readonly<Record<string, number>> };

const refused = (codes: string | readonly string[], details: Readonly<Record<string, number>> = {}): Verdict => ({
  refused: [codes].flat(),
  details,
});

export function judge(model: Model, wish: Wish, atMs: number): Verdict {
  const live = model.reservations.filter(({ endsAtMs }) => endsAtMs > atMs);
  const held = ticketsOf(live);
  switch (wish.do) {
    case "reserve": {
      const { id, account, quantity } = wish;
      if (live.some((one) => one.id === id)) return refused("already-exists");
      const { capacity, maxPerOrder, maxPerUser } = model;
      if (quantity > maxPerOrder) return refused("limit-exceeded", { maxPerOrder });
      const own = ticketsOf(live.filter((one) => one.account === account));
      if (maxPerUser !== null && own + quantity > maxPerUser) {
        return refused("limit-exceeded", { maxPerUser, remaining: maxPerUser - own });
      }
      if (held + quantity > capacity) return refused("sold-out", { available: capacity - held });
      const endsAtMs = atMs + (wish.seconds ?? model.termSeconds) * 1_000;
      return granted(model, [...others(model, id), { id, account, quantity, endsAtMs, extended: false }]);
    }
    case "extend": {
      const own = live.find((one) => one.id === wish.id && one.account === wish.account);
      if (own === undefined) return refused(["reservation-not-held", "reservation-expired"]);
      if (own.extended) return refused("extension-used");
      const endsAtMs = own.endsAtMs + model.termSeconds * 1_000;
      return granted(model, [...others(model, wish.id), { ...own, endsAtMs, extended: true }]);
    }
    case "release": {
      const isOwn = live.some((one) => one.id === wish.id && one.account === wish.account);
      return granted(model, isOwn ? others(model, wish.id) : model.reservations);
    }
    case "capacity":
      if (held > wish.capacity)
        return refused("capacity-below-commitments", { committed: held, capacity: model.capacity });
      return { granted: { ...model, capacity: wish.capacity } };
    case "term":
      return { granted: { ...model, termSeconds: wish.seconds } };
    case "lapse":
      return { granted: model };
  }
}

/** Reservations that count at this time, in a comparable order. */
export const liveAt = (model: Model, atMs: number): readonly ModelReservation[] =>
  model.reservations.filter(({ endsAtMs }) => endsAtMs > atMs).toSorted((a, b) => (a.id < b.id ? -1 : 1));

const granted = (model: Model, reservations: readonly ModelReservation[]): Verdict => ({
  granted: { ...model, reservations },
});

const others = (model: Model, id: string): readonly ModelReservation[] =>
  model.reservations.filter((one) => one.id !== id);

export const ticketsOf = (reservations: readonly { readonly quantity: number }[]): number =>
  reservations.reduce((sum, { quantity }) => sum + quantity, 0);
