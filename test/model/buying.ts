import { ticketId } from "../../src/commands/tickets.ts";
import { type Action, nthOf, type Scene } from "./actions.ts";
import { answerOf } from "./answers.ts";
import {
  type Buying,
  cancel,
  drive,
  goodwill,
  purchase,
  quoteOf,
  ticketsOf,
  validTickets,
} from "./expected/bookings.ts";
import { type Booking, granted, known, typeOf } from "./expected/office.ts";
import type { What } from "./steps.ts";

export type Purchasing = Extract<What, { do: "buy" | "buy-cart" | "decide" | "drive" | "cancel" | "goodwill" }>;

/** Buying, and what becomes of bookings; null: there is nothing that it could be about. */
export function buyingAction(what: Purchasing, scene: Scene): Action | null {
  switch (what.do) {
    case "buy":
      return buyingReservations(what, scene);
    case "buy-cart": {
      const account = cartOwner(what.user, scene);
      if (account === null) return null;
      return buying(what, account, { cart: scene.office.carts.get(account)?.id ?? "none" }, scene);
    }
    case "decide":
      return deciding(what, scene);
  }
  const { office } = scene;
  const booking = nthOf([...office.bookings.values()], what.which);
  if (booking === undefined) return null;
  const { id } = booking;
  switch (what.do) {
    case "drive":
      return {
        kind: what.do,
        words: `booking ${id} is seen to`,
        key: null,
        ask: (on) => answerOf(async () => ({ accepted: true, ...(await on.process.seeTo(id, on.context())) })),
        expect: () => {
          drive(office, booking);
          return granted;
        },
      };
    case "cancel":
      return cancelling(what, booking, scene);
    case "goodwill":
      return {
        kind: what.do,
        words: `${what.amount} of ${id} are given back`,
        key: null,
        ask: (on) =>
          answerOf(async () => {
            const outcome = await on.bookingCommands.refund(id, what.amount, on.context());
            if (outcome.accepted) await on.process.drive(id, on.context());
            return outcome;
          }),
        expect: () => {
          const verdict = goodwill(booking, what.amount);
          if (verdict.granted) drive(office, booking);
          return verdict;
        },
      };
  }
}

/** One of those who have something in a cart, or, for the first user, whatever there is. */
function cartOwner(user: number, { office, users }: Scene): string | null {
  const full = [...office.carts].filter(([, cart]) =>
    cart.types.some((type) => typeOf(office, type).held.has(office.lineId(cart.id, type))),
  );
  return user === 0 ? known(users[user]).account : (nthOf(full, user)?.[0] ?? null);
}

function buyingReservations(what: Extract<Purchasing, { do: "buy" }>, scene: Scene): Action | null {
  const { office, users } = scene;
  const live = [...office.types.values()].flatMap(({ held }) => [...held]);
  const first = nthOf(live, known(what.which[0]));
  const account = first?.[1].account ?? known(users[what.user]).account;
  const own = live.filter(([, held]) => held.account === account).map(([id]) => id);
  const all = [...office.reservations.keys()];
  // Mostly what is held and one's own, sometimes anybody's of any time.
  const picked = what.which.map((n, index) => (n % 12 === 11 ? nthOf(all, n) : nthOf(own, n + index)));
  const reservations = [...new Set(picked.filter((id) => id !== undefined))];
  return reservations.length === 0 ? null : buying(what, account, { reservations }, scene);
}

function buying(
  { method, key: keyNumber }: Extract<Purchasing, { do: "buy" | "buy-cart" }>,
  account: string,
  of: Buying,
  { office }: Scene,
): Action {
  const wish = {
    accountId: account,
    of: "cart" in of ? { cartId: of.cart } : { reservationIds: of.reservations },
    payment: method === null ? null : { provider: "scripted", method },
  };
  return {
    kind: "cart" in of ? "buy a cart" : "buy",
    words: `${account} buys ${"cart" in of ? `cart ${of.cart}` : of.reservations.join(", ")} by ${method}`,
    key: keyed(`buy-${keyNumber}`, keyNumber, (id) => drive(office, known(office.bookings.get(id)))),
    ask: (on, key) =>
      answerOf(async () => {
        const opened = await on.purchases.open(wish, on.context(key));
        if (!opened.accepted) return opened;
        await on.process.drive(opened.bookingId, on.context(), opened.recorded);
        return { ...opened, id: opened.bookingId };
      }),
    expect: (id) => {
      const verdict = purchase(office, account, of, method, id);
      if (verdict.granted) drive(office, known(office.bookings.get(id)));
      return verdict;
    },
  };
}

/** The provider comes to a decision by itself; we hear of it when the booking is seen to next. */
function deciding(
  { which, status }: Extract<Purchasing, { do: "decide" }>,
  { office, record, provider }: Scene,
): Action | null {
  const open = [...office.charges].filter(([, charge]) =>
    ["pending", "requires-action", "authorized"].includes(charge.status),
  );
  const [id, charge] = nthOf(open, which) ?? [];
  if (id === undefined || charge === undefined) return null;
  const to = charge.status === "authorized" ? "voided" : status;
  return {
    kind: "decide",
    words: `the provider finds the charge of ${id} ${to}`,
    key: null,
    ask: () =>
      answerOf(async () => {
        provider.decide(known(record.bookings.get(id)?.attempt ?? undefined), to);
        return { accepted: true };
      }),
    expect: () => {
      charge.status = to;
      return granted;
    },
  };
}

function cancelling(
  { tickets: bits, told, key: keyNumber }: Extract<Purchasing, { do: "cancel" }>,
  booking: Booking,
  { office }: Scene,
): Action {
  const { id } = booking;
  const all = ticketsOf(booking);
  const named = all.filter((_, index) => bits !== null && ((bits >> index) & 1) === 1);
  const tickets = bits === null || named.length === 0 ? null : [...named, ...(bits === 63 ? ["nothing/0"] : [])];
  const ids = tickets?.map((ticket) => {
    const slash = ticket.lastIndexOf("/");
    return ticketId(ticket.slice(0, slash), Number(ticket.slice(slash + 1)));
  });
  const valid = tickets ?? validTickets(booking);
  const due = valid.every((ticket) => all.includes(ticket)) ? quoteOf(office, booking, valid) : 0;
  const expected = told === "nothing" ? null : due + (told === "wrong" ? 1 : 0);
  return {
    kind: "cancel",
    words: `the buyer cancels ${tickets?.join(", ") ?? "all"} of ${id}, told ${expected ?? "nothing"}`,
    key: keyed(`cancel-${keyNumber}`, keyNumber, () => drive(office, booking)),
    ask: (on, key) =>
      answerOf(async () => {
        const outcome = await on.bookingCommands.cancel(id, ids ?? null, expected, on.context(key));
        if (outcome.accepted) await on.process.drive(id, on.context());
        return outcome;
      }),
    expect: () => {
      const verdict = cancel(office, booking, tickets, expected);
      if (verdict.granted) drive(office, booking);
      return verdict;
    },
  };
}

const keyed = (name: string, key: number | null, again: (id: string) => void): Action["key"] =>
  key === null ? null : { name, again };
