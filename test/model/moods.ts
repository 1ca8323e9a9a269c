import { METHODS } from "./steps.ts";
import type { World, WorldEvent } from "./world.ts";

/** What a storm is full of. */
export interface Mood {
  readonly name: string;
  readonly worldOf: (world: World) => World;
  /** How many of the users take part. */
  readonly buyers: number;
  /** Tickets that are asked for at once. */
  readonly quantities: readonly number[];
  /** Things that begin at about the same time. */
  readonly mostDeeds: number;
  /** How likely something is sent to all nodes; with a key where it takes one. */
  readonly twice: { readonly keyed: number; readonly seenTo: number; readonly other: number };
  /** How likely a call stalls. */
  readonly stalls: number;
  /** How far the clock goes on while things are under way, or after. */
  readonly passesMs: readonly number[];
  readonly methods: typeof METHODS;
  /** How likely the provider leaves a payment undecided. */
  readonly undecided: number;
  /** As long as it lasts, the provider gives nothing back. */
  readonly refundsAreLost: boolean;
  /** How much of it is about bookings, and about giving reservations back; 1: as much as usual. */
  readonly weightOf: { readonly seeingTo: number; readonly releasing: number; readonly cancelling: number };
  /** What of the rest is left. */
  readonly rest: number;
}

const anything: Mood = {
  name: "anything",
  worldOf: (world) => world,
  buyers: 6,
  quantities: [1, 2, 3],
  mostDeeds: 8,
  twice: { keyed: 0.4, seenTo: 0.6, other: 0.2 },
  stalls: 0.04,
  passesMs: [0, 1, 1_000, 60_000, 600_000, 900_000],
  methods: METHODS,
  undecided: 0.6,
  refundsAreLost: false,
  weightOf: { seeingTo: 1, releasing: 1, cancelling: 1 },
  rest: 1,
};

/** Everything is sent to all nodes. */
const twice: Mood = { ...anything, name: "twice", twice: { keyed: 0.9, seenTo: 0.9, other: 0.9 } };

/** Payments that come too late, for tickets of which there are too few, while several nodes see to the bookings. */
const late: Mood = {
  ...anything,
  name: "late payments",
  worldOf: (world) => oneEvent(world, [1, 2]),
  buyers: 2,
  quantities: [1],
  mostDeeds: 14,
  twice: { ...anything.twice, seenTo: 0.9 },
  stalls: 0.12,
  passesMs: [0, 1_000, 60_000, 960_000],
  methods: [
    [8, "unstoppable"],
    [1, "ok"],
    [1, "decline"],
  ],
  undecided: 0.3,
  weightOf: { seeingTo: 4, releasing: 4, cancelling: 1 },
  rest: 0.1,
};

/** Many tickets are cancelled one by one, while nothing is given back. */
const refunds: Mood = {
  ...anything,
  name: "refunds",
  worldOf: (world) => oneEvent(world, [60]),
  buyers: 1,
  quantities: [30, 40],
  mostDeeds: 14,
  passesMs: [0, 1_000],
  methods: [[1, "ok"]],
  refundsAreLost: true,
  weightOf: { seeingTo: 0.1, releasing: 0.1, cancelling: 12 },
  rest: 0.2,
};

export const MOODS: readonly Mood[] = [anything, twice, late, refunds];

/** One event that is on sale for ever, with so many tickets of its types. */
function oneEvent({ events, users }: World, capacities: readonly number[]): World {
  const event = { ...(events[0] as WorldEvent), isDraft: false, saleEndsInMs: null, startsInMs: null };
  const types = capacities.map((capacity) => ({ capacity, price: 4_500, maxPerUser: null, maxPerOrder: 100 }));
  return { events: [{ ...event, holdTtlSeconds: 600, types }], users };
}
