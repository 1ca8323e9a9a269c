import { ticketId } from "../../src/commands/tickets.ts";
import { type Answer, answerOf } from "./answers.ts";
import type { Chance } from "./chance.ts";
import type { OnRecord } from "./on-record.ts";
import type { Key, Node } from "./product.ts";
import type { ReadModels } from "./read-models.ts";
import { METHODS } from "./steps.ts";
import type { WorldUser } from "./world.ts";

/** What deeds are about. */
export interface Ground {
  readonly users: readonly WorldUser[];
  readonly types: readonly { readonly eventId: string; readonly ticketTypeId: string }[];
  readonly eventIds: readonly string[];
  readonly record: OnRecord;
  readonly readModels: ReadModels;
  /** Entries of waitlists, with whose they are. */
  readonly entries: Map<string, { readonly type: Ground["types"][number]; readonly accountId: string }>;
  keys: number;
}

/** Something that somebody does in a storm. */
export interface Deed {
  readonly words: string;
  readonly key: Key | null;
  /** Sent to all nodes at the same time. */
  readonly twice: boolean;
  readonly run: (on: Node, key: Key | null) => Promise<Answer>;
}

/**
 * What a storm is full of: anything; payments that come too late for bookings that several nodes see to; or everything
 * sent to all nodes at once.
 */
export type Mood = "anything" | "late payments" | "twice";

/** null: there is nothing that it could be about. */
export function randomDeed(chance: Chance, ground: Ground, mood: Mood): Deed | null {
  const { users, types, eventIds, record } = ground;
  const isLate = mood === "late payments";
  const user = chance.of(isLate ? users.slice(0, 2) : users);
  const buyer = { accountId: user.account, guest: user.guest };
  const type = chance.of(types);
  const quantity = 1 + chance.below(isLate ? 1 : 3);
  const lineQuantity = chance.below(4);
  const amount = chance.of([1, 333, 4_500]);
  const holdTtlSeconds = chance.of([30, 600]);
  const held = [...record.types].flatMap(([ticketTypeId, one]) =>
    Object.entries(one.held).map(([id, { account }]) => ({ id, account, type: typeOf(ground, ticketTypeId) })),
  );
  const bookings = [...record.bookings.keys()];
  const keyed = (words: string, run: Deed["run"]): Deed => {
    ground.keys += 1;
    const twice = chance.is(mood === "twice" ? 0.9 : 0.4);
    const key = twice || chance.is(0.3) ? { key: `key-${ground.keys}`, body: "body" } : null;
    return { words, key, twice, run };
  };
  const plain = (words: string, run: Deed["run"], twice = 0.2): Deed => ({
    words,
    key: null,
    twice: chance.is(twice),
    run,
  });
  const method = () => (isLate && chance.is(0.8) ? "unstoppable" : chance.weighted(METHODS));
  const about = <One>(list: readonly One[], deed: (one: One) => Deed): Deed | null =>
    list.length === 0 ? null : deed(chance.of(list));

  const deeds: readonly (readonly [number, () => Deed | null])[] = [
    [
      12,
      () =>
        keyed(`reserve ${quantity} by ${user.account}`, (on, key) =>
          answerOf(async () => {
            const outcome = await on.reservations.reserve(type, buyer, quantity, on.context(key));
            return outcome.accepted ? { ...outcome, id: outcome.data.reservationId } : outcome;
          }),
        ),
    ],
    [
      isLate ? 12 : 3,
      () =>
        about(held, (one) =>
          plain(`release ${one.id}`, (on) =>
            answerOf(() => on.reservations.release(one.type, ownerOf(one), one.id, on.context())),
          ),
        ),
    ],
    [
      2,
      () =>
        about(held, (one) =>
          plain(`extend ${one.id}`, (on) =>
            answerOf(() => on.reservations.extend(one.type, ownerOf(one), one.id, on.context())),
          ),
        ),
    ],
    [
      10,
      () =>
        plain(`put ${lineQuantity} into the cart of ${user.account}`, (on) =>
          answerOf(() => on.carts.setLine(buyer, type, lineQuantity, on.context())),
        ),
    ],
    [2, () => plain(`clear the cart of ${user.account}`, (on) => answerOf(() => on.carts.clear(buyer, on.context())))],
    [
      16,
      () =>
        about(held, (one) => {
          const own = held.filter(({ account }) => account === one.account).map(({ id }) => id);
          const reservationIds = isLate ? own.slice(0, 3) : [...new Set([one.id, chance.of(own)])];
          return buying(keyed, one.account, { reservationIds }, method());
        }),
    ],
    [
      8,
      () => {
        const cartId = record.cartOf(user.account);
        return cartId === null ? null : buying(keyed, user.account, { cartId }, method());
      },
    ],
    [
      isLate ? 40 : 10,
      () =>
        about(bookings, (id) =>
          plain(
            `drive ${id}`,
            (on) => answerOf(async () => ({ accepted: true, ...(await on.process.seeTo(id, on.context())) })),
            isLate ? 0.9 : 0.6,
          ),
        ),
    ],
    [
      6,
      () =>
        about(ground.readModels.bookings(), (id) =>
          plain(`see-to ${id}`, (on) =>
            answerOf(async () => ({ accepted: true, ...(await on.process.seeTo(id, on.context())) })),
          ),
        ),
    ],
    [8, () => about(bookings, (id) => cancelling(keyed, chance, ground, id))],
    [
      2,
      () =>
        about(bookings, (id) =>
          plain(`goodwill for ${id}`, (on) =>
            answerOf(async () => {
              const outcome = await on.bookingCommands.refund(id, amount, on.context());
              if (outcome.accepted) await on.process.drive(id, on.context());
              return outcome;
            }),
          ),
        ),
    ],
    [
      6,
      () =>
        keyed(`join for ${quantity} by ${user.account}`, (on, key) =>
          answerOf(async () => {
            const outcome = await on.waitlist.join(type, buyer, quantity, on.context(key));
            if (!outcome.accepted) return outcome;
            ground.entries.set(outcome.entryId, { type, accountId: user.account });
            return { ...outcome, id: outcome.entryId };
          }),
        ),
    ],
    [
      1,
      () =>
        about([...ground.entries], ([entry, one]) =>
          plain(`leave by ${entry}`, (on) => answerOf(() => on.waitlist.leave(one.type, one, entry, on.context()))),
        ),
    ],
    [
      2,
      () => {
        const capacity = 1 + chance.below(10);
        return plain(`capacity ${capacity}`, (on) =>
          answerOf(() => on.events.changeCapacity(type.eventId, type.ticketTypeId, capacity, null, on.context())),
        );
      },
    ],
    [
      1,
      () =>
        plain("change the term", (on) =>
          answerOf(() => on.events.change(type.eventId, { holdTtlSeconds }, null, on.context())),
        ),
    ],
    [
      0.5,
      () => {
        const eventId = chance.of(eventIds);
        return plain(`call-off ${eventId}`, (on) => answerOf(() => on.events.cancel(eventId, on.context())));
      },
    ],
    [
      2,
      () =>
        about(bookings, (id) =>
          plain(`cancel-for-event ${id}`, (on) => answerOf(() => cancelIfCalledOff(on, id, type.eventId))),
        ),
    ],
    [
      3,
      () =>
        plain("lapse", (on) =>
          answerOf(async () => ({ accepted: true, ...(await on.reservations.lapseDue(type, on.context())) })),
        ),
    ],
    [
      3,
      () =>
        plain(`cart-timer of ${user.account}`, (on) =>
          answerOf(async () => ({ accepted: true, ...(await on.cartTimer(user.account)) })),
        ),
    ],
  ];
  return chance.weighted(
    isLate ? deeds.map(([weight, deed]) => [weight < 10 ? weight / 10 : weight, deed] as const) : deeds,
  )();
}

type Keyed = (words: string, run: Deed["run"]) => Deed;

const ownerOf = ({ account }: { readonly account: string }) => ({ accountId: account, guest: false });

const typeOf = ({ types }: Ground, id: string): Ground["types"][number] =>
  types.find(({ ticketTypeId }) => ticketTypeId === id) as Ground["types"][number];

const buying = (
  keyed: Keyed,
  accountId: string,
  of: { readonly reservationIds: readonly string[] } | { readonly cartId: string },
  method: string | null,
): Deed =>
  keyed(`buy ${JSON.stringify(of)} by ${method}`, (on, key) =>
    answerOf(async () => {
      const payment = method === null ? null : { provider: "scripted", method };
      const opened = await on.purchases.open({ accountId, of, payment }, on.context(key));
      if (!opened.accepted) return opened;
      await on.process.drive(opened.bookingId, on.context(), opened.recorded);
      return { ...opened, id: opened.bookingId };
    }),
  );

function cancelling(keyed: Keyed, chance: Chance, { record }: Ground, id: string): Deed {
  const lines = record.bookings.get(id)?.opened?.lines ?? [];
  const all = lines.flatMap(({ reservationId, quantity }) =>
    Array.from({ length: quantity }, (_, n) => ticketId(reservationId, n)),
  );
  const some = chance.is(0.5) ? null : all.filter(() => chance.is(0.5));
  const tickets = some?.length === 0 ? null : some;
  return keyed(`cancel ${tickets?.length ?? "all"} of ${id}`, (on, key) =>
    answerOf(async () => {
      const outcome = await on.bookingCommands.cancel(id, tickets, null, on.context(key));
      if (outcome.accepted) await on.process.drive(id, on.context());
      return outcome;
    }),
  );
}

async function cancelIfCalledOff(on: Node, bookingId: string, eventId: string) {
  const isCalledOff = (await on.cancellation.cancelledAt(eventId)) !== null;
  if (!isCalledOff) return { accepted: true } as const;
  const outcome = await on.bookingCommands.cancelForEvent(bookingId, eventId, on.context());
  if (outcome.accepted) await on.process.drive(bookingId, on.context());
  return outcome;
}
