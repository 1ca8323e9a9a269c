import { type Action, nthOf, type Scene } from "./actions.ts";
import { answerOf } from "./answers.ts";
import { clearCart, putIntoCart, takeOutOfCart } from "./expected/carts.ts";
import { known, typeOf } from "./expected/office.ts";
import { extend, freeIn, join, leave, release, reserve } from "./expected/tickets.ts";
import type { What } from "./steps.ts";
import type { WorldUser } from "./world.ts";

export type Reserving = Extract<What, { do: "reserve" | "extend" | "release" | "put" | "clear" | "join" | "leave" }>;

/** What buyers do before they buy; null: there is nothing that it could be about. */
export function reservingAction(what: Reserving, scene: Scene): Action | null {
  const { office, users, entries } = scene;
  if (what.do === "extend" || what.do === "release") return onReservation(what, scene);
  if (what.do === "leave") return leaving(what, scene);
  const user = known(users[what.user]);
  const { account } = user;
  if (what.do === "clear") {
    return {
      kind: what.do,
      words: `${account} clears the cart`,
      key: null,
      ask: (on) => answerOf(() => on.carts.clear(buyerOf(user), on.context())),
      expect: () => clearCart(office, user),
    };
  }
  const typeId = typeFor(what, account, scene);
  const { eventId } = typeOf(office, typeId);
  const ref = { eventId, ticketTypeId: typeId };
  const { quantity } = what;
  switch (what.do) {
    case "reserve":
      return {
        kind: what.do,
        words: `${account} reserves ${quantity} of ${typeId}`,
        key: what.key === null ? null : { name: `reserve-${what.key}`, again: () => {} },
        ask: (on, key) =>
          answerOf(async () => {
            const outcome = await on.reservations.reserve(ref, buyerOf(user), quantity, on.context(key));
            return outcome.accepted ? { ...outcome, id: outcome.data.reservationId } : outcome;
          }),
        expect: (id) => {
          const verdict = reserve(office, typeId, user, quantity, id);
          if (verdict.granted) office.reservations.set(id, { type: typeId, account });
          return verdict;
        },
      };
    case "put":
      return {
        kind: what.do,
        words: `${account} sets ${typeId} in the cart to ${quantity}`,
        key: null,
        ask: (on) => answerOf(() => on.carts.setLine(buyerOf(user), ref, quantity, on.context())),
        expect: () =>
          quantity === 0
            ? takeOutOfCart(office, user, typeId)
            : putIntoCart(office, user, typeId, quantity, scene.record.cartOf(account) ?? "none"),
      };
    case "join":
      return {
        kind: what.do,
        words: `${account} waits for ${quantity} of ${typeId}`,
        key: null,
        ask: (on) =>
          answerOf(async () => {
            const outcome = await on.waitlist.join(ref, buyerOf(user), quantity, null, on.context());
            return outcome.accepted ? { ...outcome, id: outcome.entryId } : outcome;
          }),
        expect: (id) => {
          const verdict = join(office, typeId, user, quantity, id);
          if (verdict.granted) entries.set(id, { type: typeId, account });
          return verdict;
        },
      };
  }
}

/** Often what is in the cart already, or what one has to wait for. */
function typeFor(
  what: Extract<Reserving, { do: "reserve" | "put" | "join" }>,
  account: string,
  { office, typeIds }: Scene,
): string {
  const inCart = what.do === "put" && what.often ? (office.carts.get(account)?.types ?? []) : [];
  const soldOut =
    what.do === "join" && what.soldOut ? typeIds.filter((id) => freeIn(typeOf(office, id)) < what.quantity) : [];
  return known(nthOf(inCart, what.type) ?? nthOf(soldOut, what.type) ?? nthOf(typeIds, what.type));
}

function onReservation(
  { do: verb, which, stranger }: Extract<Reserving, { do: "extend" | "release" }>,
  { office, users }: Scene,
): Action | null {
  const live = [...office.types.values()].flatMap(({ held }) => [...held.keys()]);
  const all = [...office.reservations.keys()];
  // Mostly one that is held, sometimes one of the past.
  const id = which % 5 === 4 ? nthOf(all, which) : nthOf(live, which);
  if (id === undefined) return null;
  const { type, account: owner } = known(office.reservations.get(id));
  const user = askerOf(users, owner, stranger);
  const { account } = user;
  const ref = { eventId: typeOf(office, type).eventId, ticketTypeId: type };
  return {
    kind: verb,
    words: `${account} ${verb}s ${id}`,
    key: null,
    ask: (on) => answerOf(() => on.reservations[verb](ref, buyerOf(user), id, on.context())),
    expect: () => (verb === "extend" ? extend(office, type, account, id) : release(office, type, account, id)),
  };
}

function leaving(
  { which, stranger }: Extract<Reserving, { do: "leave" }>,
  { office, users, entries }: Scene,
): Action | null {
  const entry = nthOf([...entries.keys()], which);
  if (entry === undefined) return null;
  const { type, account: owner } = known(entries.get(entry));
  const { account } = askerOf(users, owner, stranger);
  const ref = { eventId: typeOf(office, type).eventId, ticketTypeId: type };
  return {
    kind: "leave",
    words: `${account} leaves the waitlist by ${entry}`,
    key: null,
    ask: (on) => answerOf(() => on.waitlist.leave(ref, { accountId: account }, entry, on.context())),
    expect: () => leave(office, type, account, entry),
  };
}

/** The owner, or the next one in the list. */
export function askerOf(users: readonly WorldUser[], owner: string, stranger: boolean): WorldUser {
  const at = users.findIndex(({ account }) => account === owner);
  return known(users[(at + (stranger ? 1 : 0)) % users.length]);
}

const buyerOf = ({ account, guest }: WorldUser) => ({ accountId: account, guest });
