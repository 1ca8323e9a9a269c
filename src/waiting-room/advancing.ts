import type { Pool } from "pg";
import { advance } from "../domain/waiting-room/advance.ts";
import type { Call } from "../domain/waiting-room/calls.ts";
import { COMES_WITHIN_MS, KEPT_MS, keptFor } from "../domain/waiting-room/kept.ts";
import type { Pace } from "../domain/waiting-room/pace.ts";
import { settledSecond } from "../domain/waiting-room/rank.ts";
import { isDrawn } from "../domain/waiting-room.ts";
import { type Lease, LeaseLost, requireLease, runUnderLease } from "../leases/lease.ts";
import { machineTiming } from "../leases/machine-timing.ts";
import type { Clock, Log, Timing } from "../ports.ts";
import { inTransaction } from "../postgres/transaction.ts";
import { type LiveRoom, sharesOf, type Tickets } from "./live-room.ts";
import type { LiveRooms } from "./live-rooms.ts";
import { comersSince, findRoom } from "./shared-counts.ts";
import { tidyWaitingRooms } from "./tidying.ts";

export const WAITING_ROOMS_LEASE = "waiting-rooms";

/** What an event's inventories still have. */
export interface TicketsLeft {
  readonly available: number;
  readonly held: number;
  /** It was called off, or is over. */
  readonly isOver: boolean;
}

export interface AdvancingOptions {
  readonly pool: Pool;
  readonly rooms: LiveRooms;
  /**
   * With every reservation in it that was made before the call, else people are called for whom there is none; null: there
   * is no such event.
   */
  readonly ticketsOf: (eventId: string) => Promise<TicketsLeft | null>;
  /** The draw of a room has been made: its seed may be put on record. */
  readonly drawn: (eventId: string, round: number) => Promise<void>;
  readonly clock: Clock;
  readonly log: Log;
  /** Unique to this start of this process. */
  readonly holder: string;
  readonly everyMs?: number;
  readonly validMs?: number;
  readonly renewMs?: number;
  readonly timing?: Timing | undefined;
}

const EVERY_MS = 250;
const TIDY_EVERY_MS = 60_000;

/**
 * Calls people in, in one process at a time: how far each room is called only grows, and is on record in the transaction
 * that proves the lease. Whoever takes over goes on from there.
 */
export function startAdvancing(options: AdvancingOptions): { stop(): Promise<void> } {
  const stop = new AbortController();
  const terms = { ...options, name: WAITING_ROOMS_LEASE };
  const stopped = runUnderLease(terms, stop.signal, (lease) => callOn(options, lease));
  return {
    stop() {
      stop.abort();
      return stopped;
    },
  };
}

async function callOn(options: AdvancingOptions, lease: Lease): Promise<void> {
  const { rooms, clock, everyMs = EVERY_MS, timing = machineTiming, log } = options;
  const caller = new Caller(options, lease);
  let tidiedMs = Number.NEGATIVE_INFINITY;
  let isFailing = false;
  let isUpToDate = false;
  while (!lease.signal.aborted) {
    try {
      if (!isUpToDate) await rooms.hear(); // of whoever called before; from then on it is this process that does
      isUpToDate = true;
      for (const room of rooms.all()) {
        if (lease.signal.aborted) return;
        await caller.see(room);
      }
      if (clock.nowMs() - tidiedMs > TIDY_EVERY_MS) {
        await tidyWaitingRooms(options.pool, clock.nowMs());
        tidiedMs = clock.nowMs();
      }
      isFailing = false;
    } catch (error) {
      if (error instanceof LeaseLost) throw error;
      if (!isFailing) log.warn({ err: error }, "waiting rooms can't be advanced; trying on");
      isFailing = true;
    }
    await timing.pause(everyMs, lease.signal);
  }
}

/** Advances rooms under one tenure of the lease. */
class Caller {
  readonly #options: AdvancingOptions;
  readonly #lease: Lease;
  readonly #paces = new Map<string, Pace>();
  readonly #drawn = new Set<string>();

  constructor(options: AdvancingOptions, lease: Lease) {
    this.#options = options;
    this.#lease = lease;
  }

  async see(room: LiveRoom): Promise<void> {
    const { clock, ticketsOf } = this.#options;
    const nowMs = clock.nowMs();
    if (nowMs < room.opensAtMs) return;
    const key = `${room.eventId}/${room.round}`;
    const pace = this.#paces.get(key) ?? (await this.#paceOnRecord(room, nowMs));
    const isCalling = isDrawn(room.known, nowMs) && !room.known.terms.paused;
    await this.#tellDraw(key, room, nowMs);
    const settled = Math.max(room.settled, settledSecond(nowMs, room.opensAtMs));
    // In this order: a reservation that is made in between keeps a ticket twice for a moment, and not never.
    const kept = isCalling ? await this.#keptFor(room, nowMs) : 0;
    const left = await ticketsOf(room.eventId);
    const tickets = left === null ? room.tickets : hopeOf(left);
    const shares = sharesOf(room.known);
    const { admitPerMinute } = room.known.terms;
    const step = advance(
      room.classes.map(({ queue, calls }, index) => ({ share: shares[index] ?? 0, queue, last: calls.last })),
      pace,
      {
        nowMs,
        admitPerMinute,
        room: isCalling && left !== null && !left.isOver ? left.available - kept : 0,
        upTo: room.settled + 1,
      },
    );
    const hasNews = step.goesOn || tickets !== room.tickets || (settled > room.settled && hasUnsettled(room));
    if (hasNews) await this.#record(room, { settled, tickets, ...step });
    this.#paces.set(key, step.pace);
    if (step.goesOn) for (const [index, call] of step.calls.entries()) room.called(index, call);
  }

  /** People who were called a while ago, and for whom tickets are kept. */
  async #keptFor(room: LiveRoom, nowMs: number): Promise<number> {
    const calledSince = (atMs: number) => room.classes.reduce((sum, { calls }) => sum + calls.calledSince(atMs), 0);
    const [sinceMs, betweenMs] = [nowMs - KEPT_MS, nowMs - COMES_WITHIN_MS];
    if (calledSince(sinceMs) === 0) return 0;
    const known = await comersSince(this.#options.pool, room, sinceMs, betweenMs);
    return keptFor({ ...known, called: calledSince(betweenMs) });
  }

  async #paceOnRecord({ eventId, round }: LiveRoom, nowMs: number): Promise<Pace> {
    const row = await findRoom(this.#options.pool, eventId);
    const progress = row?.known.round === round ? row.progress : null;
    // While no second stands nobody has been called, and nothing is to be made up for.
    if (progress === null || progress.settled < 0) return { credit: 0, atMs: nowMs };
    return { credit: progress.credit, atMs: progress.advancedAtMs };
  }

  async #tellDraw(key: string, room: LiveRoom, nowMs: number): Promise<void> {
    if (this.#drawn.has(key) || !isDrawn(room.known, nowMs)) return;
    await this.#options.drawn(room.eventId, room.round);
    this.#drawn.add(key);
  }

  async #record(
    { eventId, round }: LiveRoom,
    {
      settled,
      tickets,
      pace,
      calls,
      goesOn,
    }: { settled: number; tickets: Tickets; pace: Pace; calls: readonly Call[]; goesOn: boolean },
  ): Promise<void> {
    await inTransaction(this.#options.pool, async (client) => {
      await requireLease(client, this.#lease);
      await client.query({
        name: "waiting_room_progress",
        text: `insert into processes.waiting_room_progress as p
                 (event_id, round, settled, tickets, credit, advanced_at_ms) values ($1, $2, $3, $4, $5, $6)
               on conflict (event_id, round) do update set settled = greatest(p.settled, excluded.settled),
                 tickets = excluded.tickets, credit = excluded.credit, advanced_at_ms = excluded.advanced_at_ms`,
        values: [eventId, round, settled, tickets, pace.credit, pace.atMs],
      });
      if (!goesOn) return;
      await client.query({
        name: "waiting_room_call",
        text: `insert into processes.waiting_room_calls (event_id, round, class, at_ms, serving, called)
               select $1, $2, class, $3, serving, called
               from unnest($4::smallint[], $5::float8[], $6::float8[]) as t (class, serving, called)
               on conflict do nothing`,
        values: [
          eventId,
          round,
          calls[0]?.atMs,
          calls.map((_, index) => index),
          calls.map(({ serving }) => serving),
          calls.map((call) => call.called),
        ],
      });
    });
  }
}

/** Whether somebody came in a second that does not stand yet. */
const hasUnsettled = ({ classes, settled }: LiveRoom): boolean =>
  settled < 0 || classes.some(({ queue }) => queue.lastSecond > settled);

function hopeOf({ available, held, isOver }: TicketsLeft): Tickets {
  if (isOver) return "OVER";
  if (available > 0) return "AVAILABLE";
  return held > 0 ? "HELD" : "SOLD_OUT";
}
