import type { AppendFault } from "../support/memory-event-store.ts";
import type { Chance } from "./chance.ts";
import type { ProviderFault } from "./expected/office.ts";
import { POLICIES, randomType, type World, type WorldType } from "./world.ts";

/**
 * One thing that somebody does, by throws of dice: which of the reservations, bookings or entries there are by then it
 * is about is found by the numbers, so that any steps can be left out of a sequence and the rest still means something.
 */
export interface Step {
  /** Which of the nodes is asked. */
  readonly node: number;
  /** What happens to the next append, and to those that repeat it: recorded or not, nobody hears of it. */
  readonly lost: readonly AppendFault[];
  /** Calls of the payment provider that go wrong. */
  readonly faults: readonly ProviderFault[];
  readonly what: What;
}

export type Method = "ok" | "decline" | "pending" | "unstoppable" | "action" | "charge";

interface ByUser {
  readonly user: number;
}

/** `stranger`: somebody else than the owner asks. */
interface Whose {
  readonly which: number;
  readonly stranger: boolean;
}

export type What =
  | (ByUser & { readonly do: "reserve"; readonly type: number; readonly quantity: number; readonly key: number | null })
  | (Whose & { readonly do: "extend" })
  | (Whose & { readonly do: "release" })
  /** `often`: one that is in the cart already, if there is any. */
  | (ByUser & { readonly do: "put"; readonly type: number; readonly quantity: number; readonly often: boolean })
  | (ByUser & { readonly do: "clear" })
  | (ByUser & {
      readonly do: "buy";
      readonly which: readonly number[];
      readonly method: Method | null;
      readonly key: number | null;
    })
  | (ByUser & { readonly do: "buy-cart"; readonly method: Method | null; readonly key: number | null })
  /** A keyed command once more; `otherBody`: the key is used for something else. */
  | { readonly do: "again"; readonly which: number; readonly otherBody: boolean }
  | {
      readonly do: "decide";
      readonly which: number;
      readonly status: "authorized" | "captured" | "declined" | "voided";
    }
  | { readonly do: "drive"; readonly which: number }
  | {
      readonly do: "cancel";
      readonly which: number;
      /** One bit a ticket; null: all that are valid. */
      readonly tickets: number | null;
      readonly told: "nothing" | "right" | "wrong";
      readonly key: number | null;
    }
  | { readonly do: "goodwill"; readonly which: number; readonly amount: number }
  /** `soldOut`: for something that is sold out, if there is any. */
  | (ByUser & { readonly do: "join"; readonly type: number; readonly quantity: number; readonly soldOut: boolean })
  | (Whose & { readonly do: "leave" })
  | { readonly do: "capacity"; readonly type: number; readonly capacity: number }
  /** `type: null`: all of an event's. */
  | { readonly do: "pause"; readonly event: number; readonly type: number | null; readonly paused: boolean }
  | { readonly do: "change-type"; readonly type: number; readonly change: TypeChange }
  | { readonly do: "add-type"; readonly event: number; readonly type: WorldType }
  | { readonly do: "delete-type"; readonly type: number }
  | { readonly do: "change"; readonly event: number; readonly change: Change }
  | { readonly do: "publish"; readonly event: number }
  | { readonly do: "call-off"; readonly event: number }
  | { readonly do: "lapse"; readonly type: number }
  | (ByUser & { readonly do: "cart-timer" })
  /** Everything that timers and processes do. */
  | { readonly do: "see-to-all" }
  | { readonly do: "wait"; readonly ms: number }
  /** Until the next instant at which something is due, or just before it. */
  | { readonly do: "wait-for-next"; readonly offMs: number };

export type Change =
  | { readonly holdTtlSeconds: number }
  | { readonly saleEndsInMs: number | null }
  | { readonly policy: (typeof POLICIES)[number] }
  | { readonly guestsAllowed: boolean };

export type TypeChange =
  | { readonly price: number }
  | { readonly maxPerUser: number | null }
  | { readonly maxPerOrder: number };

const LOST: readonly (readonly AppendFault[])[] = [
  ["unknown-before"],
  ["unknown-after"],
  ["unknown-before", "unknown-after"],
];

export function randomSteps(chance: Chance, world: World, length: number): readonly Step[] {
  const types = world.events.reduce((sum, event) => sum + event.types.length, 0);
  const steps: Step[] = [];
  while (steps.length < length) {
    const story = chance.weighted<() => readonly What[]>([
      [30, () => [randomWhat(chance, steps.length, types, world)]],
      [1, () => insisting(chance)],
      [1, () => queueing(chance, types, world)],
    ])();
    steps.push(...story.map((what) => shaken(chance, what)));
  }
  return steps;
}

const shaken = (chance: Chance, what: What): Step => ({
  node: chance.below(2),
  lost: chance.is(0.05) ? chance.of(LOST) : [],
  faults: chance.is(0.12) ? [randomFault(chance)] : [],
  what,
});

/** Several wait for the same, some who have a part of it, which they give back; then there are more. */
function queueing(chance: Chance, types: number, { users }: World): readonly What[] {
  const type = chance.below(types);
  const quantity = () => 1 + chance.below(3);
  const join = (user: number): What => ({ do: "join", user, type, quantity: quantity(), soldOut: false });
  const order = users.map((_, user) => user).sort(() => chance.next() - 0.5);
  const reserve = (user: number): What => ({ do: "reserve", user, type, quantity: 1, key: null });
  const own = chance.is(0.5) ? order.slice(0, 3).map(reserve) : [];
  const release: What = { do: "release", which: chance.below(10_000), stranger: false };
  const more: What = { do: "capacity", type, capacity: 2 + chance.below(9) };
  const lapse: What = { do: "lapse", type };
  return [...order.map(join), ...own, release, release, more, lapse];
}

/** What seldom comes about by chance: several payments in a row for the same, of which the last may go through. */
function insisting(chance: Chance): readonly What[] {
  const which = [chance.below(10_000)];
  const times = 2 + chance.below(3);
  const buy = (method: Method): What => ({ do: "buy", user: 0, which, method, key: null });
  return [...Array.from({ length: times }, () => buy("decline")), buy("ok")];
}

const randomFault = (chance: Chance): ProviderFault => ({
  call: chance.of(["authorize", "capture", "void", "refund"]),
  fault: chance.of(["away", "answer-lost"]),
});

export const METHODS: readonly (readonly [number, Method | null])[] = [
  [6, "ok"],
  [2, "decline"],
  [3, "pending"],
  [3, "unstoppable"],
  [1, "action"],
  [1, "charge"],
  [1, null],
];

function randomWhat(chance: Chance, index: number, types: number, world: World): What {
  const user = chance.below(world.users.length);
  const type = chance.below(types);
  const event = chance.below(world.events.length);
  const which = chance.below(10_000);
  const whose = { which, stranger: chance.is(0.1) };
  const quantity = 1 + chance.below(3);
  const method = chance.weighted(METHODS);
  const key = chance.is(0.3) ? index : null;
  const kinds: readonly (readonly [number, () => What])[] = [
    [14, () => ({ do: "reserve", user, type, quantity, key })],
    [3, () => ({ do: "extend", ...whose })],
    [4, () => ({ do: "release", ...whose })],
    [10, () => ({ do: "put", user, type, quantity: chance.below(4), often: chance.is(0.6) })],
    [1, () => ({ do: "clear", user })],
    [14, () => ({ do: "buy", user, which: picks(chance), method, key })],
    [5, () => ({ do: "buy-cart", user, method, key })],
    [3, () => ({ do: "again", which, otherBody: chance.is(0.2) })],
    [
      7,
      () => ({
        do: "decide",
        which,
        status: chance.of(["authorized", "authorized", "captured", "declined", "voided"]),
      }),
    ],
    [8, () => ({ do: "drive", which })],
    [7, () => ({ do: "cancel", which, tickets: chance.is(0.4) ? null : chance.below(64), told: told(chance), key })],
    [2, () => ({ do: "goodwill", which, amount: chance.of([1, 100, 4_500, 9_000]) })],
    [10, () => ({ do: "join", user, type, quantity, soldOut: chance.is(0.8) })],
    [2, () => ({ do: "leave", ...whose })],
    [3, () => ({ do: "capacity", type, capacity: 1 + chance.below(10) })],
    [2, () => ({ do: "change", event, change: randomChange(chance) })],
    [1.5, () => ({ do: "pause", event, type: chance.is(0.5) ? null : type, paused: chance.is(0.4) })],
    [1.5, () => ({ do: "change-type", type, change: randomTypeChange(chance) })],
    [0.5, () => ({ do: "add-type", event, type: randomType(chance) })],
    [0.7, () => ({ do: "delete-type", type })],
    [1, () => ({ do: "publish", event })],
    [0.4, () => ({ do: "call-off", event })],
    [2, () => ({ do: "lapse", type })],
    [1, () => ({ do: "cart-timer", user })],
    [3, () => ({ do: "see-to-all" })],
    [6, () => ({ do: "wait", ms: chance.of([1, 1_000, 29_999, 60_000, 300_000, 600_000, 900_000]) })],
    [8, () => ({ do: "wait-for-next", offMs: chance.of([0, 0, 0, -1]) })],
  ];
  return chance.weighted(kinds)();
}

const picks = (chance: Chance): readonly number[] =>
  Array.from(
    {
      length: chance.weighted([
        [6, 1],
        [3, 2],
        [1, 3],
      ]),
    },
    () => chance.below(10_000),
  );

const told = (chance: Chance): "nothing" | "right" | "wrong" =>
  chance.weighted([
    [4, "nothing"],
    [4, "right"],
    [1, "wrong"],
  ]);

const randomTypeChange = (chance: Chance): TypeChange =>
  chance.of<() => TypeChange>([
    () => ({ price: chance.of([0, 500, 4_500]) }),
    () => ({ maxPerUser: chance.of([null, 2, 3]) }),
    () => ({ maxPerOrder: chance.of([2, 3, 100]) }),
  ])();

const randomChange = (chance: Chance): Change =>
  chance.of<() => Change>([
    () => ({ holdTtlSeconds: chance.of([30, 120, 600, 1_800]) }),
    () => ({ saleEndsInMs: chance.of([null, 600_000, 3_600_000]) }),
    () => ({ policy: chance.of(POLICIES) }),
    () => ({ guestsAllowed: chance.is(0.5) }),
  ])();
