import { ticketId } from "../../src/commands/tickets.ts";
import { answerOf } from "./answers.ts";
import type { Chance } from "./chance.ts";
import type { Mood } from "./moods.ts";
import type { Deed, Deeds, Ground } from "./storm-deeds.ts";

/** Buying, and what becomes of bookings, in a storm. */
export function bookingDeeds(chance: Chance, ground: Ground, mood: Mood, { keyed, plain, about, held }: Deeds) {
  const { record, readModels, eventIds } = ground;
  const bookings = [...record.bookings.keys()];
  const user = chance.of(ground.users.slice(0, mood.buyers));
  const amount = chance.of([1, 333, 4_500]);
  const { seeingTo, cancelling } = mood.weightOf;
  const method = chance.weighted(mood.methods);

  const buying = (accountId: string, of: Bought): Deed =>
    keyed(`buy ${JSON.stringify(of)} by ${method}`, (on, key) =>
      answerOf(async () => {
        const payment = method === null ? null : { provider: "scripted", method };
        const opened = await on.purchases.open({ accountId, of, payment }, on.context(key));
        if (!opened.accepted) return opened;
        await on.process.drive(opened.bookingId, on.context(), opened.recorded);
        return { ...opened, id: opened.bookingId };
      }),
    );
  const seen = (id: string): Deed =>
    plain(
      `see-to ${id}`,
      (on) => answerOf(async () => ({ accepted: true, ...(await on.process.seeTo(id, on.context())) })),
      mood.twice.seenTo,
    );

  const deeds: readonly (readonly [number, () => Deed | null])[] = [
    [
      16,
      () =>
        about(held, (one) => {
          const own = held.filter(({ account }) => account === one.account).map(({ id }) => id);
          const all = chance.is(0.5) ? [one.id, chance.of(own)] : own.slice(0, 3);
          return buying(one.account, { reservationIds: [...new Set(all)] });
        }),
    ],
    [
      8 * mood.rest,
      () => {
        const cartId = record.cartOf(user.account);
        return cartId === null ? null : buying(user.account, { cartId });
      },
    ],
    [10 * seeingTo, () => about(bookings, seen)],
    [6 * mood.rest, () => about(readModels.bookings(), seen)],
    [8 * cancelling, () => about(bookings, (id) => keyed(...cancellation(chance, ground, mood, id)))],
    [
      2 * mood.rest,
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
      2 * mood.rest,
      () => {
        const eventId = chance.of(eventIds);
        return about(bookings, (id) =>
          plain(`cancel-for-event ${id}`, (on) =>
            answerOf(async () => {
              const isCalledOff = (await on.cancellation.cancelledAt(eventId)) !== null;
              if (!isCalledOff) return { accepted: true };
              const outcome = await on.bookingCommands.cancelForEvent(id, eventId, on.context());
              if (outcome.accepted) await on.process.drive(id, on.context());
              return outcome;
            }),
          ),
        );
      },
    ],
  ];
  return deeds;
}

type Bought = { readonly reservationIds: readonly string[] } | { readonly cartId: string };

/** All tickets, some of them, or just one. */
function cancellation(chance: Chance, { record }: Ground, mood: Mood, id: string): Parameters<Deeds["keyed"]> {
  const lines = record.bookings.get(id)?.opened?.lines ?? [];
  const all = lines.flatMap(({ reservationId, quantity }) =>
    Array.from({ length: quantity }, (_, n) => ticketId(reservationId, n)),
  );
  const some = mood.refundsAreLost ? [chance.of(all)] : all.filter(() => chance.is(0.5));
  const tickets = some.length === 0 || (!mood.refundsAreLost && chance.is(0.5)) ? null : some;
  return [
    `cancel ${tickets?.length ?? "all"} of ${id}`,
    (on, key) =>
      answerOf(async () => {
        const outcome = await on.bookingCommands.cancel(id, tickets, null, on.context(key));
        if (outcome.accepted) await on.process.drive(id, on.context());
        return outcome;
      }),
  ];
}
