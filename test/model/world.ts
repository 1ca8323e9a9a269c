import type { Chance } from "./chance.ts";

/** What a run begins with: few events with few tickets and few buyers, so that they get into each other's way. */
export interface World {
  readonly events: readonly WorldEvent[];
  readonly users: readonly WorldUser[];
}

export interface WorldUser {
  readonly account: string;
  readonly guest: boolean;
}

/** Times are milliseconds after the beginning. */
export interface WorldEvent {
  readonly currency: string;
  readonly isDraft: boolean;
  readonly holdTtlSeconds: number;
  readonly saleEndsInMs: number | null;
  readonly startsInMs: number | null;
  readonly policy: readonly { readonly untilInMs: number; readonly percent: number }[] | null;
  readonly guestsAllowed: boolean;
  readonly types: readonly WorldType[];
}

export interface WorldType {
  readonly capacity: number;
  /** In minor units. */
  readonly price: number;
  readonly maxPerUser: number | null;
  readonly maxPerOrder: number;
}

export const PAYMENT_WINDOW_SECONDS = 900;
export const OFFER_TTL_SECONDS = 300;

export const POLICIES: readonly WorldEvent["policy"][] = [
  null,
  null,
  [],
  [{ untilInMs: 1_800_000, percent: 50 }],
  [
    { untilInMs: 3_600_000, percent: 33 },
    { untilInMs: 900_000, percent: 80 },
  ],
];

const USERS: readonly WorldUser[] = [
  { account: "ada", guest: false },
  { account: "bob", guest: false },
  { account: "cyd", guest: false },
  { account: "dan", guest: false },
  { account: "eve", guest: false },
  { account: "gus", guest: true },
];

export function randomWorld(chance: Chance): World {
  const events = Array.from({ length: 1 + chance.below(3) }, () => randomEvent(chance));
  return { events, users: USERS };
}

const randomEvent = (chance: Chance): WorldEvent => ({
  currency: chance.is(0.8) ? "EUR" : "CHF",
  isDraft: chance.is(0.06),
  holdTtlSeconds: chance.of([30, 120, 600, 600, 1_800]),
  saleEndsInMs: chance.is(0.15) ? chance.of([1_200_000, 3_600_000, 7_200_000]) : null,
  startsInMs: chance.is(0.2) ? chance.of([1_800_000, 3_600_000, 7_200_000]) : null,
  policy: chance.of(POLICIES),
  guestsAllowed: chance.is(0.9),
  types: Array.from({ length: 1 + chance.below(2) }, () => randomType(chance)),
});

export const randomType = (chance: Chance): WorldType => ({
  capacity: 1 + chance.below(chance.is(0.7) ? 4 : 10),
  price: chance.of([0, 1, 333, 4_500, 4_500]),
  maxPerUser: chance.is(0.45) ? chance.of([2, 3, 5]) : null,
  maxPerOrder: chance.of([2, 4, 100]),
});
