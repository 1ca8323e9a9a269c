import {
  committedAt,
  granted,
  held,
  liveAt,
  type Model,
  type ModelReservation,
  others,
  refused,
  unsellable,
  type Verdict,
} from "./inventory-model.ts";

/** What carts, purchases and a cancelled event wish for. */
export type BuyingWish =
  | {
      readonly do: "line";
      readonly id: string;
      readonly account: string;
      readonly quantity: number;
      /** Until the cart ends. */
      readonly seconds: number;
    }
  | {
      readonly do: "claim";
      readonly id: string;
      readonly account: string;
      readonly booking: string;
      /** Until the deadline. */
      readonly seconds: number;
    }
  | {
      readonly do: "hold-again";
      readonly id: string;
      readonly account: string;
      readonly booking: string;
      readonly quantity: number;
      readonly seconds: number;
    }
  | { readonly do: "confirm"; readonly id: string; readonly booking: string }
  | {
      readonly do: "let-go";
      readonly id: string;
      readonly booking: string;
      readonly outcome: "declined" | "abandoned" | "withdrawn" | "timed-out" | "late";
    }
  | { readonly do: "return"; readonly id: string; readonly booking: string; readonly tickets: readonly number[] }
  | { readonly do: "close" };

/** A claim lasts for so long after the deadline. */
const GRACE_MS = 60_000;
const MOST_DECLINED = 3;

export function judgeBuying(model: Model, wish: BuyingWish, atMs: number): Verdict {
  if (wish.do === "close") return { granted: { ...model, isClosed: true } };
  const one = liveAt(model, atMs).find(({ id }) => id === wish.id);
  const put = (reservation: ModelReservation): Verdict =>
    granted(model, [...others(model, reservation.id), reservation]);
  const bought = model.bought.find(({ id }) => id === wish.id);
  if (wish.do === "line") {
    if (bought !== undefined) return refused("payment-in-progress");
    return judgeLine(model, wish, one, atMs);
  }
  const isBought = bought !== undefined && bought.booking === wish.booking;
  const isClaimed = one !== undefined && one.claim?.booking === wish.booking;
  switch (wish.do) {
    case "claim":
      if (model.isClosed) return refused("event-cancelled");
      if (isBought) return { granted: model };
      if (one === undefined) return refused(["reservation-not-held", "reservation-expired"]);
      if (one.account !== wish.account) return refused("reservation-not-held");
      if (isClaimed) return { granted: model };
      if (one.claim !== null) return refused("payment-in-progress");
      return one.declined >= MOST_DECLINED ? refused("too-many-attempts") : put(claimed(one, wish, atMs));
    case "hold-again": {
      const { id, account, quantity, seconds } = wish;
      if (model.isClosed) return refused("event-cancelled");
      if (isBought) return { granted: model };
      if (bought !== undefined) return refused("reservation-not-held");
      if (isClaimed) return { granted: model };
      if (one !== undefined) {
        const isSame = one.claim === null && one.account === account && one.quantity === quantity;
        return isSame ? put(claimed(one, wish, atMs)) : refused("reservation-not-held");
      }
      const available = model.capacity - committedAt(model, atMs);
      if (quantity > available) return refused("sold-out", { available });
      return put(claimed(held({ id, account, quantity, endsAtMs: atMs + seconds * 1_000 }), wish, atMs));
    }
    case "confirm": {
      if (model.isClosed) return refused("event-cancelled");
      if (isBought) return { granted: model };
      if (one === undefined || !isClaimed) return refused("reservation-not-held");
      const { id, account, quantity } = one;
      const tickets = Array.from({ length: quantity }, (_, ordinal) => ordinal);
      const reservations = others(model, id);
      return {
        granted: { ...model, reservations, bought: [...model.bought, { id, account, booking: wish.booking, tickets }] },
      };
    }
    case "let-go":
      if (isBought && ["abandoned", "late"].includes(wish.outcome)) return { granted: model };
      if (isBought) return { granted: { ...model, bought: model.bought.filter((other) => other !== bought) } };
      if (one === undefined || !isClaimed) return { granted: model };
      if (["withdrawn", "timed-out", "late"].includes(wish.outcome)) return granted(model, others(model, one.id));
      return put({ ...one, claim: null, declined: one.declined + (wish.outcome === "declined" ? 1 : 0) });
    case "return": {
      if (!isBought) return { granted: model };
      const tickets = bought.tickets.filter((ticket) => !wish.tickets.includes(ticket));
      const rest = model.bought.filter((other) => other !== bought);
      return { granted: { ...model, bought: tickets.length === 0 ? rest : [...rest, { ...bought, tickets }] } };
    }
  }
}

function judgeLine(
  model: Model,
  { id, account, quantity, seconds }: Extract<BuyingWish, { do: "line" }>,
  line: ModelReservation | undefined,
  atMs: number,
): Verdict {
  if (line !== undefined && line.account !== account) return refused("already-exists");
  if (quantity === 0) {
    if (line === undefined) return { granted: model };
    return line.claim === null ? granted(model, others(model, id)) : refused("payment-in-progress");
  }
  if (model.isClosed) return refused("event-cancelled");
  if (line !== undefined && line.claim !== null) return refused("payment-in-progress");
  const more = quantity - (line?.quantity ?? 0);
  const unsold = more > 0 ? unsellable(model, { account, quantity, more }, atMs) : null;
  if (unsold !== null) return unsold;
  const endsAtMs = atMs + seconds * 1_000;
  const next = line ?? { ...held({ id, account, quantity, endsAtMs }), isLine: true };
  return granted(model, [...others(model, id), { ...next, quantity }]);
}

const claimed = (
  reservation: ModelReservation,
  { booking, seconds }: { readonly booking: string; readonly seconds: number },
  atMs: number,
): ModelReservation => ({ ...reservation, claim: { booking, endsAtMs: atMs + seconds * 1_000 + GRACE_MS } });
