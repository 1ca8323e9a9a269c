import type { CommandSideBounds } from "../../src/node/command-side.ts";
import type { Chance } from "../model/chance.ts";
import { type DatabaseFaults, NO_DATABASE_FAULTS } from "./database/pool.ts";
import { CALM, type Weather } from "./network.ts";
import { NO_PROVIDER_FAULTS, type ProviderFaults } from "./provider.ts";
import { NO_STORE_FAULTS, type StoreFaults } from "./store.ts";

/** What a seed's run is like. Each is full of some things and free of others: what is always a little of all hides much. */
export interface Climate {
  readonly nodes: number;
  /** Nothing goes wrong: then nobody is turned away. */
  readonly isCalm: boolean;
  readonly weather: Weather;
  readonly store: StoreFaults;
  readonly database: DatabaseFaults;
  readonly provider: ProviderFaults;
  /** How likely a reply to a client is lost. */
  readonly lostReplies: number;
  /** How many of each there are until all heals. */
  readonly kills: number;
  readonly freezes: number;
  readonly lostClocks: number;
  /** A node's clock is off by up to so many milliseconds, either way: it is measured over the network. */
  readonly skewMs: number;
  /** Of the store, and of the database. */
  readonly outages: number;
  readonly crashes: number;
  /** All heals so long after most have left, or while they are at it. */
  readonly healsLateMs: number;
  /** A process, or the store, is away for up to so many milliseconds. */
  readonly awayMs: number;
  /** How long a lease stands without being renewed. */
  readonly leaseMs: number;
  readonly bounds: CommandSideBounds;
  readonly sale: Sale;
}

/** What is sold and who comes for it. Small, so that everybody is in everybody's way. */
export interface Sale {
  /** Of each ticket type. */
  readonly capacities: readonly number[];
  readonly holdTtlSeconds: number;
  readonly offerTtlSeconds: number;
  readonly paymentWindowSeconds: number;
  readonly maxPerUser: number | null;
  readonly priceMinor: number;
  readonly clients: number;
  /** Clients that share an account. */
  readonly clientsAnAccount: number;
  readonly asksEach: number;
  /** Up to so long a client thinks between two asks. */
  readonly thinkMs: number;
  /** How likely the same is sent twice at the same time. */
  readonly twice: number;
  /** By weight, how payments go; see {@link ScriptedProvider}. */
  readonly methods: readonly (readonly [number, string])[];
  readonly wishes: Wishes;
}

/** By weight, what clients do. */
export interface Wishes {
  readonly reserve: number;
  readonly extend: number;
  readonly release: number;
  readonly join: number;
  readonly leave: number;
  readonly look: number;
  readonly buy: number;
  readonly cart: number;
  readonly cancel: number;
  readonly capacity: number;
  /** The organizer cancels the event. */
  readonly callOff: number;
  /** The same once more with its key, later, on any node. */
  readonly repeat: number;
}

const often = (chance: Chance, probability: number, most: number): number =>
  chance.is(probability) ? most * chance.next() : 0;

export function climateOf(chance: Chance): Climate {
  const isRush = chance.is(0.03);
  const isCalm = isRush || chance.is(0.15);
  const calm = (value: number) => (isCalm ? 0 : value);
  return {
    nodes: isRush ? 1 : 1 + chance.below(3),
    weather: isCalm
      ? { ...CALM, usualMs: isRush ? 10 : CALM.usualMs }
      : {
          usualMs: chance.of([1, 3, 10]),
          stalls: often(chance, 0.4, chance.of([0.05, 0.4])),
          stallMs: chance.of([50, 500, 3_000]),
        },
    store: isCalm
      ? NO_STORE_FAULTS
      : {
          busy: often(chance, 0.4, 0.2),
          lost: often(chance, 0.4, 0.2),
          answerLost: often(chance, 0.5, 0.3),
          late: often(chance, 0.4, 0.2),
          readFails: often(chance, 0.3, 0.1),
          drops: often(chance, 0.4, 0.2),
          giveUpMs: chance.of([30, 300, 2_000]),
        },
    database: isCalm ? NO_DATABASE_FAULTS : { lost: often(chance, 0.3, 0.05), answerLost: often(chance, 0.3, 0.05) },
    provider: isCalm ? NO_PROVIDER_FAULTS : { away: often(chance, 0.4, 0.3), answerLost: often(chance, 0.4, 0.3) },
    lostReplies: calm(often(chance, 0.6, 0.3)),
    kills: calm(chance.is(0.5) ? 1 + chance.below(5) : 0),
    freezes: calm(chance.is(0.4) ? 1 + chance.below(4) : 0),
    lostClocks: calm(chance.is(0.15) ? 1 + chance.below(3) : 0),
    outages: calm(chance.is(0.25) ? 1 + chance.below(2) : 0),
    crashes: calm(chance.is(0.2) ? 1 + chance.below(2) : 0),
    awayMs: chance.of([20, 300, 3_000, 8_000]),
    healsLateMs: chance.of([0, 0, 0, 10_000, 40_000]),
    leaseMs: chance.of([1_000, 4_000, 4_000]),
    bounds: {
      limits: isRush ? { maxBatch: 4, maxWaitMs: PATIENCE_IN_A_RUSH_MS } : { maxBatch: chance.of([4, 8, 500]) },
      snapshotTerms: { events: chance.of([3, 10, 5_000]), everyMs: chance.of([1, 50]) },
      maxCachedEntries: chance.of([1, 250, 100_000]),
    },
    skewMs: calm(chance.of([0, 0, 3, 40, 400])),
    isCalm,
    sale: isRush ? rush(saleOf(chance)) : saleOf(chance),
  };
}

/** Nobody waits nearly as long when each gets his turn. */
const PATIENCE_IN_A_RUSH_MS = 400;

/** So many who give back at the same time that it takes several batches, and few who reserve. */
const rush = (sale: Sale): Sale => ({
  ...sale,
  capacities: [100],
  holdTtlSeconds: 60,
  maxPerUser: null,
  clients: 24,
  asksEach: 40,
  thinkMs: 0.1,
  twice: 0,
  wishes: { ...NO_WISHES, reserve: 1, release: 20 },
});

const NO_WISHES: Wishes = {
  reserve: 0,
  extend: 0,
  release: 0,
  join: 0,
  leave: 0,
  look: 0,
  buy: 0,
  cart: 0,
  cancel: 0,
  capacity: 0,
  callOff: 0,
  repeat: 0,
};

const saleOf = (chance: Chance): Sale => ({
  capacities: Array.from({ length: 1 + chance.below(2) }, () => 1 + chance.below(chance.is(0.8) ? 5 : 20)),
  holdTtlSeconds: chance.of([1, 2, 5, 20, 60]),
  offerTtlSeconds: chance.of([1, 5, 30]),
  paymentWindowSeconds: chance.of([2, 10, 30]),
  maxPerUser: chance.is(0.25) ? 1 + chance.below(4) : null,
  priceMinor: chance.of([0, 1, 4_500, 4_500]),
  clients: 2 + chance.below(7),
  clientsAnAccount: chance.of([1, 1, 2]),
  asksEach: 4 + chance.below(10),
  thinkMs: chance.of([1, 20, 500, 3_000]),
  twice: often(chance, 0.4, 0.5),
  methods: [
    [6, "ok"],
    [chance.of([0, 2]), "decline"],
    [chance.of([0, 2, 6]), "pending"],
    [chance.of([0, 0, 6]), "unstoppable"],
    [chance.of([0, 1]), "action"],
    [chance.of([0, 3]), "charge"],
  ],
  wishes: {
    reserve: 10,
    extend: chance.of([0, 2, 6]),
    release: chance.of([1, 4, 10]),
    join: chance.of([0, 0, 3, 8]),
    leave: chance.of([0, 1]),
    look: chance.of([0, 2]),
    buy: chance.of([0, 4, 10]),
    cart: chance.of([0, 0, 4]),
    cancel: chance.of([0, 2, 6]),
    capacity: chance.of([0, 0, 1]),
    callOff: chance.of([0, 0, 0.3]),
    repeat: chance.of([0, 2]),
  },
});
