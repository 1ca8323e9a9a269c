import type { StoredEvent } from "../../src/eventstore/port.ts";
import {
  accountOfCart,
  bookingOf,
  bookingStream,
  cartStream,
  eventOfListing,
  inventoryOf,
  inventoryStream,
  listingStream,
} from "../../src/eventstore/streams.ts";
import { portionByPortion, type Seen } from "../../src/processes/timers.ts";
import { FeedEvent } from "../../src/projections/feed-event.ts";
import { askForBookings } from "../../src/projections/timers/bookings.ts";
import { askForCarts } from "../../src/projections/timers/carts.ts";
import { askForInventories } from "../../src/projections/timers/inventories.ts";
import { askForListings } from "../../src/projections/timers/listings.ts";
import { Timetable } from "../../src/projections/timers/timetable.ts";
import type { MemoryEventStore } from "../support/memory-event-store.ts";
import type { Chance } from "./chance.ts";
import type { Node } from "./product.ts";
import type { Ground } from "./storm-deeds.ts";
import type { RunClock } from "./surroundings.ts";

/** More rounds than any storm needs: a timer that never rests is a fault. */
const MAX_ROUNDS = 400;

/**
 * The timers of an installation whose buyers have all gone home: what the log asks to be looked at is looked at when it
 * is due, and nothing else. The table that Postgres keeps is a map here.
 */
export class Timers {
  readonly #store: MemoryEventStore;
  readonly #clock: RunClock;
  readonly #ground: Ground;
  readonly #chance: Chance;
  readonly #read = new Map<string, number>();
  /** By stream: what is due (epoch milliseconds), with the position of the last event that asked for it. */
  readonly #rows = new Map<string, Map<number, bigint>>();
  /** Events that are called off and have bookings left to be seen to. */
  readonly #walks = new Map<string, Set<string>>();

  constructor(store: MemoryEventStore, clock: RunClock, ground: Ground, chance: Chance) {
    this.#store = store;
    this.#clock = clock;
    this.#ground = ground;
    this.#chance = chance;
  }

  /** Sees to all that falls due, until nothing does. @returns what never comes to rest */
  async run(on: Node, beforeEach: () => void): Promise<readonly string[]> {
    for (let rounds = 0; rounds < MAX_ROUNDS; rounds += 1) {
      beforeEach();
      this.#follow();
      const next = this.#nextMs();
      if (next === null && this.#walks.size === 0) return [];
      this.#clock.ms = Math.max(this.#clock.ms, next ?? this.#clock.ms + 2_000);
      for (const stream of [...this.#rows.keys()]) await this.#seeTo(stream, on);
      await this.#walk(on);
    }
    return [`timers never rest: ${[...this.#rows.keys()].join(", ")}`];
  }

  #nextMs(): number | null {
    const times = [...this.#rows.values()].flatMap((rows) => [...rows.keys()]);
    return times.length === 0 ? null : Math.min(...times);
  }

  async #seeTo(stream: string, on: Node): Promise<void> {
    const due = [...(this.#rows.get(stream) ?? [])].filter(([atMs]) => atMs <= this.#clock.ms);
    if (due.length === 0) return;
    const dueAtMs = Math.max(...due.map(([atMs]) => atMs));
    const position = due.reduce((last, [, one]) => (one > last ? one : last), 0n);
    const { againAtMs } = await this.#handle(stream, on);
    // What the handler recorded may be projected before it is noted that the stream was seen to, or after.
    const isQuick = this.#chance.is(0.5);
    if (isQuick) this.#follow();
    const rows = this.#rows.get(stream) ?? new Map<number, bigint>();
    for (const [atMs, one] of rows) if (atMs <= dueAtMs && one <= position) rows.delete(atMs);
    const again = againAtMs === null ? null : Math.max(againAtMs, dueAtMs + 1);
    if (again !== null && !rows.has(again)) rows.set(again, position);
    this.#keep(stream, rows);
    if (!isQuick) this.#follow();
  }

  async #handle(stream: string, on: Node): Promise<Seen> {
    const { clock } = { clock: { nowMs: () => this.#clock.ms } };
    if (stream.startsWith("inventory-")) {
      return portionByPortion((one) => on.reservations.lapseDue(one, on.context()), clock)(inventoryOf(stream));
    }
    if (stream.startsWith("booking-")) return on.process.seeTo(bookingOf(stream), on.context());
    if (stream.startsWith("cart-")) return on.cartTimer(accountOfCart(stream));
    const eventId = eventOfListing(stream);
    await on.events.bringInventoriesUpToDate(eventId, on.context());
    if ((await on.cancellation.cancelledAt(eventId)) !== null && !this.#walks.has(eventId)) {
      await on.cancellation.empty(eventId, on.context());
      this.#walks.set(eventId, new Set(this.#ground.readModels.bookingsOf(eventId)));
    }
    return { againAtMs: null };
  }

  /** Bookings of events that are called off; those that are being paid at the moment have to wait. */
  async #walk(on: Node): Promise<void> {
    for (const [eventId, bookings] of this.#walks) {
      for (const id of bookings) {
        const outcome = await on.bookingCommands.cancelForEvent(id, eventId, on.context());
        if (!outcome.accepted && outcome.code === "payment-in-progress") continue;
        bookings.delete(id);
        // The walk begins as many refunds as there is room for, and leaves the others to their timers.
        if (outcome.accepted && this.#chance.is(0.5)) await on.process.drive(id, on.context());
      }
      if (bookings.size === 0) this.#walks.delete(eventId);
    }
  }

  /** Takes in what was recorded since, as the projector does. */
  #follow(): void {
    for (const event of this.#recorded()) {
      const feedEvent = new FeedEvent(event);
      const timetable = new Timetable();
      askForListings(feedEvent, timetable);
      askForInventories(feedEvent, timetable);
      askForCarts(feedEvent, timetable);
      askForBookings(feedEvent, timetable);
      for (const stream of timetable.settled) this.#rows.delete(stream);
      for (const [stream, seconds] of timetable.due) {
        const rows = this.#rows.get(stream) ?? new Map<number, bigint>();
        for (const [second, position] of seconds) rows.set(second * 1_000, position);
        this.#keep(stream, rows);
      }
    }
  }

  #recorded(): readonly StoredEvent[] {
    const { types, eventIds, users, readModels } = this.#ground;
    const streams = [
      ...types.map(({ eventId, ticketTypeId }) => inventoryStream(eventId, ticketTypeId)),
      ...eventIds.map(listingStream),
      ...users.map(({ account }) => cartStream(account)),
      ...readModels.bookings().map(bookingStream),
    ];
    const events = streams.flatMap((stream) => {
      const all = this.#store.eventsOf(stream);
      const fresh = all.slice(this.#read.get(stream) ?? 0);
      this.#read.set(stream, all.length);
      return fresh;
    });
    return events.sort((a, b) => (a.position < b.position ? -1 : 1));
  }

  #keep(stream: string, rows: Map<number, bigint>): void {
    if (rows.size === 0) this.#rows.delete(stream);
    else this.#rows.set(stream, rows);
  }
}
