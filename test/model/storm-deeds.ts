import { type Answer, answerOf } from "./answers.ts";
import type { Chance } from "./chance.ts";
import type { Mood } from "./moods.ts";
import type { OnRecord } from "./on-record.ts";
import type { Key, Node } from "./product.ts";
import type { ReadModels } from "./read-models.ts";
import { bookingDeeds } from "./storm-bookings.ts";
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

/** What deeds are made with. */
export interface Deeds {
  readonly keyed: (words: string, run: Deed["run"]) => Deed;
  readonly plain: (words: string, run: Deed["run"], twice?: number) => Deed;
  /** One of these; null where there is none. */
  readonly about: <One>(list: readonly One[], deed: (one: One) => Deed) => Deed | null;
  readonly held: readonly HeldOne[];
}

interface HeldOne {
  readonly id: string;
  readonly account: string;
  readonly type: Ground["types"][number];
}

/** null: there is nothing that it could be about. */
export function randomDeed(chance: Chance, ground: Ground, mood: Mood): Deed | null {
  const deeds = deedsWith(chance, ground, mood);
  return chance.weighted([
    ...bookingDeeds(chance, ground, mood, deeds),
    ...reservingDeeds(chance, ground, mood, deeds),
    ...otherDeeds(chance, ground, mood, deeds),
  ])();
}

function deedsWith(chance: Chance, ground: Ground, mood: Mood): Deeds {
  const held = [...ground.record.types].flatMap(([ticketTypeId, one]) => {
    const type = ground.types.find((other) => other.ticketTypeId === ticketTypeId) as Ground["types"][number];
    return Object.entries(one.held).map(([id, { account }]) => ({ id, account, type }));
  });
  return {
    held,
    keyed(words, run) {
      ground.keys += 1;
      const twice = chance.is(mood.twice.keyed);
      const key = twice || chance.is(0.3) ? { key: `key-${ground.keys}`, body: "body" } : null;
      return { words, key, twice, run };
    },
    plain: (words, run, twice = mood.twice.other) => ({ words, key: null, twice: chance.is(twice), run }),
    about: (list, deed) => (list.length === 0 ? null : deed(chance.of(list))),
  };
}

type Weighted = readonly (readonly [number, () => Deed | null])[];

function reservingDeeds(chance: Chance, ground: Ground, mood: Mood, { keyed, plain, about, held }: Deeds): Weighted {
  const { account, guest } = chance.of(ground.users.slice(0, mood.buyers));
  const buyer = { accountId: account, guest };
  const type = chance.of(ground.types);
  const quantity = chance.of(mood.quantities);
  const lineQuantity = chance.below(4);
  return [
    [
      12,
      () =>
        keyed(`reserve ${quantity} by ${account}`, (on, key) =>
          answerOf(async () => {
            const outcome = await on.reservations.reserve(type, buyer, quantity, on.context(key));
            return outcome.accepted ? { ...outcome, id: outcome.data.reservationId } : outcome;
          }),
        ),
    ],
    [
      3 * mood.weightOf.releasing,
      () =>
        about(held, (one) =>
          plain(`release ${one.id}`, (on) =>
            answerOf(() => on.reservations.release(one.type, ownerOf(one), one.id, on.context())),
          ),
        ),
    ],
    [
      2 * mood.rest,
      () =>
        about(held, (one) =>
          plain(`extend ${one.id}`, (on) =>
            answerOf(() => on.reservations.extend(one.type, ownerOf(one), one.id, on.context())),
          ),
        ),
    ],
    [
      10 * mood.rest,
      () =>
        plain(`put ${lineQuantity} into the cart of ${account}`, (on) =>
          answerOf(() => on.carts.setLine(buyer, type, lineQuantity, on.context())),
        ),
    ],
    [
      2 * mood.rest,
      () => plain(`clear the cart of ${account}`, (on) => answerOf(() => on.carts.clear(buyer, on.context()))),
    ],
    [
      6 * mood.rest,
      () =>
        keyed(`join for ${quantity} by ${account}`, (on, key) =>
          answerOf(async () => {
            const outcome = await on.waitlist.join(type, buyer, quantity, null, on.context(key));
            if (!outcome.accepted) return outcome;
            ground.entries.set(outcome.entryId, { type, accountId: account });
            return { ...outcome, id: outcome.entryId };
          }),
        ),
    ],
    [
      mood.rest,
      () =>
        about([...ground.entries], ([entry, one]) =>
          plain(`leave by ${entry}`, (on) => answerOf(() => on.waitlist.leave(one.type, one, entry, on.context()))),
        ),
    ],
  ];
}

/** What organizers and timers do. */
function otherDeeds(chance: Chance, ground: Ground, mood: Mood, { plain }: Deeds): Weighted {
  const type = chance.of(ground.types);
  const eventId = chance.of(ground.eventIds);
  const { account } = chance.of(ground.users);
  const capacity = 1 + chance.below(10);
  const holdTtlSeconds = chance.of([30, 600]);
  const paused = chance.is(0.3);
  const maxPerUser = chance.of([null, 2, 3]);
  return [
    [
      2 * mood.rest,
      () =>
        plain(`capacity ${capacity}`, (on) =>
          answerOf(() => on.events.changeTicketType(type, { capacity }, null, on.context())),
        ),
    ],
    [
      mood.rest,
      () =>
        plain("change the term", (on) =>
          answerOf(() => on.events.change(eventId, { holdTtlSeconds }, null, on.context())),
        ),
    ],
    [
      mood.rest,
      () =>
        plain(`${paused ? "pause" : "resume"} ${eventId}`, (on) =>
          answerOf(() => on.events.setPaused({ eventId, ticketTypeId: null }, paused, null, on.context())),
        ),
    ],
    [
      mood.rest,
      () =>
        plain(`limit ${maxPerUser}`, (on) =>
          answerOf(() => on.events.changeTicketType(type, { maxPerUser }, null, on.context())),
        ),
    ],
    [
      0.5 * mood.rest,
      () =>
        plain(`delete ${type.ticketTypeId}`, (on) =>
          answerOf(() => on.events.removeTicketType(type, null, on.context())),
        ),
    ],
    [
      0.5 * mood.rest,
      () => plain(`call-off ${eventId}`, (on) => answerOf(() => on.events.cancel(eventId, on.context()))),
    ],
    [
      3 * mood.rest,
      () =>
        plain("lapse", (on) =>
          answerOf(async () => ({ accepted: true, ...(await on.reservations.lapseDue(type, on.context())) })),
        ),
    ],
    [
      3 * mood.rest,
      () =>
        plain(`cart-timer of ${account}`, (on) =>
          answerOf(async () => ({ accepted: true, ...(await on.cartTimer(account)) })),
        ),
    ],
  ];
}

const ownerOf = ({ account }: { readonly account: string }) => ({ accountId: account, guest: false });
