import type { Pool } from "pg";
import type { InventoryRef } from "../commands/reservations.ts";
import {
  accountOfCart,
  BOOKING_PREFIX,
  bookingOf,
  CART_PREFIX,
  eventOfListing,
  INVENTORY_PREFIX,
  inventoryOf,
  LISTING_PREFIX,
} from "../eventstore/streams.ts";
import { type Lease, runUnderLease } from "../leases/lease.ts";
import { machineTiming } from "../leases/machine-timing.ts";
import type { Clock, Log, Timing } from "../ports.ts";
import { type DueStream, dueStreams, type SeenTo, settleTimers } from "../projections/timers/work.ts";

export const TIMERS_LEASE = "timers";

/** What came of seeing to a stream. */
export interface Seen {
  /** When it has to be looked at again, in epoch milliseconds; null: not before something happens to it. */
  readonly againAtMs: number | null;
}

/**
 * What is done about a stream in which something is due. It is found in the stream as it is now, so that an old timer,
 * or the same one twice, does no harm.
 */
export interface TimerHandlers {
  readonly inventory: (inventory: InventoryRef) => Promise<Seen>;
  readonly listing: (eventId: string) => Promise<Seen>;
  readonly booking: (bookingId: string) => Promise<Seen>;
  readonly cart: (accountId: string) => Promise<Seen>;
}

export interface TimersOptions {
  /** With room for three connections at a time. */
  readonly pool: Pool;
  /** Timers of a kind without a handler are left for a process that has one. */
  readonly handlers: Partial<TimerHandlers>;
  readonly clock: Clock;
  /** Unique to this start of this process. */
  readonly holder: string;
  readonly log: Log;
  /** How often timers are looked at while nothing is due. */
  readonly idleMs?: number;
  /** How long a stream is left aside after it failed. */
  readonly retryMs?: number;
  /** Of the lease; see {@link LeaseTerms}. */
  readonly validMs?: number;
  readonly renewMs?: number;
  readonly timing?: Timing;
}

const IDLE_MS = 250;
/** While there is work: how long what is done gathers before it is written down and more is fetched. */
const GATHER_MS = 20;
const RETRY_MS = 5_000;
/**
 * How many streams of one kind are seen to at once. Commands of different streams share commits, so that many at once
 * cost little more than one; each kind has its own, so that a payment provider that does not answer keeps no inventory.
 */
const AT_ONCE = 64;
/** Streams of one kind that are fetched and wait for their turn. */
const MOST_QUEUED = 512;
/** Portions of one inventory before others get their turn. */
const PORTIONS = 20;

/**
 * Starts seeing to what is due, in one process at a time. A timer only wakes it, and nothing depends on when: deciders
 * treat what is due as done, this makes the record and the counts say so, and takes up what a crash left half done.
 */
export function startTimers(options: TimersOptions): { stop(): Promise<void> } {
  const stop = new AbortController();
  const terms = { ...options, name: TIMERS_LEASE };
  const stopped = runUnderLease(terms, stop.signal, (lease) => new TimerWork(options, lease).run());
  return {
    stop() {
      stop.abort();
      return stopped;
    },
  };
}

/** The handler for inventories: records what is due, a portion at a time, until nothing remains. */
export const portionByPortion =
  (
    lapse: (inventory: InventoryRef) => Promise<{ readonly remaining: boolean }>,
    clock: Clock,
  ): TimerHandlers["inventory"] =>
  async (inventory) => {
    for (let portions = 0; portions < PORTIONS; portions += 1) {
      if (!(await lapse(inventory)).remaining) return { againAtMs: null };
    }
    return { againAtMs: clock.nowMs() };
  };

/** What is under way of one kind. */
interface Kind {
  readonly prefix: string;
  readonly seeTo: (stream: string) => Promise<Seen>;
  readonly queue: DueStream[];
  running: number;
}

class TimerWork {
  readonly #options: TimersOptions;
  readonly #lease: Lease;
  readonly #kinds: readonly Kind[];
  /** Fetched and not yet written down as done, by stream. */
  readonly #fetched = new Set<string>();
  readonly #working = new Set<Promise<void>>();
  #done: SeenTo[] = [];
  #onNews: () => void = () => undefined;

  constructor(options: TimersOptions, lease: Lease) {
    this.#options = options;
    this.#lease = lease;
    this.#kinds = kindsOf(options.handlers);
  }

  async run(): Promise<void> {
    const { signal } = this.#lease;
    try {
      while (!signal.aborted) {
        await this.#settle();
        await this.#fetch();
        await this.#rest();
      }
    } finally {
      for (const { queue } of this.#kinds) queue.length = 0;
      await Promise.all(this.#working);
      await this.#settle();
    }
  }

  /** Until something is done, which may leave room for more, or new timers may have come due. */
  async #rest(): Promise<void> {
    const { pause } = this.#options.timing ?? machineTiming;
    const { signal } = this.#lease;
    const news = new AbortController();
    const onStop = () => news.abort();
    signal.addEventListener("abort", onStop);
    this.#onNews = onStop;
    await pause(this.#idleMs(), news.signal);
    signal.removeEventListener("abort", onStop);
    if (!signal.aborted) await pause(GATHER_MS); // others are done in the same moment
  }

  /** Most timers are at full seconds: none of them is waited for longer than needed. */
  #idleMs(): number {
    const { clock, idleMs = IDLE_MS } = this.#options;
    return Math.min(idleMs, 1_000 - (clock.nowMs() % 1_000));
  }

  /** Writes down what was done; until it is, a stream is not fetched again. */
  async #settle(): Promise<void> {
    const done = this.#done;
    if (done.length === 0) return;
    this.#done = [];
    await settleTimers(this.#options.pool, this.#lease, done);
    for (const { stream } of done) this.#fetched.delete(stream);
  }

  async #fetch(): Promise<void> {
    const { pool, clock } = this.#options;
    const rooms = this.#kinds
      .filter(({ queue }) => queue.length < AT_ONCE)
      .map(({ prefix, queue }) => ({ prefix, streams: MOST_QUEUED - queue.length }));
    if (rooms.length === 0) return;
    for (const due of await dueStreams(pool, clock.nowMs(), rooms, [...this.#fetched])) {
      const kind = this.#kinds.find(({ prefix }) => due.stream.startsWith(prefix));
      if (kind === undefined) continue;
      this.#fetched.add(due.stream);
      kind.queue.push(due);
    }
    for (const kind of this.#kinds) this.#start(kind);
  }

  #start(kind: Kind): void {
    while (kind.running < AT_ONCE) {
      const due = kind.queue.shift();
      if (due === undefined) return;
      kind.running += 1;
      const work = this.#seeTo(due, kind).then((seen) => {
        kind.running -= 1;
        this.#working.delete(work);
        this.#done.push(seen);
        this.#start(kind);
        this.#onNews();
      });
      this.#working.add(work);
    }
  }

  async #seeTo(due: DueStream, { seeTo }: Kind): Promise<SeenTo> {
    try {
      return { ...due, ...(await seeTo(due.stream)) };
    } catch (error) {
      const { log, clock, retryMs = RETRY_MS } = this.#options;
      log.warn({ err: error, stream: due.stream }, "what is due could not be seen to");
      return { ...due, againAtMs: nowOr(clock, due.dueAt.getTime()) + retryMs };
    }
  }
}

function kindsOf({ inventory, listing, booking, cart }: Partial<TimerHandlers>): readonly Kind[] {
  const kind = (prefix: string, seeTo: Kind["seeTo"] | undefined): Kind[] =>
    seeTo === undefined ? [] : [{ prefix, seeTo, queue: [], running: 0 }];
  return [
    ...kind(INVENTORY_PREFIX, inventory && ((stream) => inventory(inventoryOf(stream)))),
    ...kind(LISTING_PREFIX, listing && ((stream) => listing(eventOfListing(stream)))),
    ...kind(BOOKING_PREFIX, booking && ((stream) => booking(bookingOf(stream)))),
    ...kind(CART_PREFIX, cart && ((stream) => cart(accountOfCart(stream)))),
  ];
}

/** A lost clock may be the very reason for a failure. */
function nowOr(clock: Clock, otherwiseMs: number): number {
  try {
    return clock.nowMs();
  } catch {
    return otherwiseMs;
  }
}
