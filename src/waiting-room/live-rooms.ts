import { randomBytes } from "node:crypto";
import type { Pool } from "pg";
import { secondOf } from "../domain/waiting-room/rank.ts";
import type { KnownRoom } from "../domain/waiting-room.ts";
import { machineTiming } from "../leases/machine-timing.ts";
import type { Log, Timing } from "../ports.ts";
import { seedOf } from "./draw.ts";
import { LiveRoom, type RoomSeeds } from "./live-room.ts";
import { SeenAccounts } from "./seen.ts";
import {
  addArrivals,
  addComers,
  arrivalsSince,
  beginCounting,
  callsSince,
  findRoom,
  openRooms,
  type RoomRow,
  type Since,
} from "./shared-counts.ts";

export interface LiveRoomsOptions {
  readonly pool: Pool;
  /** This installation's, from which seeds are made. */
  readonly secret: Buffer;
  readonly log: Log;
  readonly everyMs?: number;
  readonly timing?: Timing;
}

/** How often a node tells of its arrivals, and hears of those of others and of calls. */
const EVERY_MS = 250;

/** The waiting rooms that are set up, in this node's memory: requests ask nobody else. */
export class LiveRooms {
  readonly #options: LiveRoomsOptions;
  readonly #rooms = new Map<string, LiveRoom>();
  /** Closed here a moment ago, by the revision at which they were; what is read may be older. */
  readonly #closed = new Map<string, number>();
  readonly #key = randomBytes(32);
  readonly #stop = new AbortController();
  #failing = false;
  #running: Promise<void> | null = null;

  constructor(options: LiveRoomsOptions) {
    this.#options = options;
  }

  /** Reads all rooms once, and keeps up from then on. */
  async start(): Promise<void> {
    await this.#round();
    this.#running = this.#keepUp();
  }

  /** The event's room that is set up; undefined: there is none, and everybody may buy. */
  get(eventId: string): LiveRoom | undefined {
    return this.#rooms.get(eventId);
  }

  all(): IterableIterator<LiveRoom> {
    return this.#rooms.values();
  }

  seedsOf(eventId: string, round: number): RoomSeeds {
    const { secret } = this.#options;
    return { draw: seedOf(secret, eventId, round, "draw"), later: seedOf(secret, eventId, round, "later") };
  }

  /** Takes in what was just recorded, before it is read back. */
  put(eventId: string, known: KnownRoom, revision: number): void {
    if (known.status === "closed") {
      this.#rooms.delete(eventId);
      this.#closed.set(eventId, revision);
      return;
    }
    const room = this.#rooms.get(eventId);
    if (room !== undefined && room.revision >= revision) return;
    if (room?.round === known.round) {
      room.known = known;
      room.revision = revision;
    } else {
      const newSeen = () => new SeenAccounts(this.#key);
      this.#rooms.set(eventId, new LiveRoom(eventId, known, revision, this.seedsOf(eventId, known.round), newSeen));
    }
  }

  /** Tells of the last arrivals. */
  async close(): Promise<void> {
    this.#stop.abort();
    await this.#running;
    await this.#tell().catch(() => undefined); // the database is away, and a restart has no place for it either
  }

  async #keepUp(): Promise<void> {
    const { signal } = this.#stop;
    const { pause } = this.#options.timing ?? machineTiming;
    while (!signal.aborted) {
      await pause(this.#options.everyMs ?? EVERY_MS, signal);
      if (signal.aborted) return;
      try {
        await this.#round();
        this.#failing = false;
      } catch (error) {
        if (!this.#failing) this.#options.log.warn({ err: error }, "waiting rooms can't be kept up with; going on");
        this.#failing = true;
      }
    }
  }

  async #round(): Promise<void> {
    await this.#tell();
    await this.hear();
  }

  async #tell(): Promise<void> {
    for (const room of this.#rooms.values()) {
      await this.#tellArrivals(room);
      await this.#tellComers(room);
    }
  }

  async #tellArrivals(room: LiveRoom): Promise<void> {
    const arrivals = room.takePending();
    if (arrivals.length === 0) return;
    try {
      if (!room.isBegun) await beginCounting(this.#options.pool, room);
      room.isBegun = true;
      await addArrivals(this.#options.pool, room, arrivals);
    } catch (error) {
      room.putBack(arrivals);
      throw error;
    }
  }

  async #tellComers(room: LiveRoom): Promise<void> {
    const comers = room.takeComers();
    if (comers.length === 0) return;
    try {
      await addComers(this.#options.pool, room, comers);
    } catch (error) {
      room.putBackComers(comers);
      throw error;
    }
  }

  /** Reads what others told. */
  async hear(): Promise<void> {
    const { pool } = this.#options;
    const rows = await openRooms(pool);
    this.#takeIn(rows);
    await this.#lookForUnread();
    if (this.#rooms.size === 0) return;
    const since = [...this.#rooms.values()].map(sinceOf);
    for (const { eventId, classIndex, ...call } of await callsSince(pool, since)) {
      this.#rooms.get(eventId)?.called(classIndex, call);
    }
    const arrivals = await arrivalsSince(pool, [...this.#rooms.values()].map(sinceOf));
    for (const { eventId, classIndex, second, people } of arrivals) {
      this.#rooms.get(eventId)?.classes[classIndex]?.queue.set(second, people);
    }
    // Only now: a second stands when its counts are here.
    for (const { eventId, known, progress } of rows) {
      const room = this.#rooms.get(eventId);
      if (room === undefined || room.round !== known.round || progress === null) continue;
      room.settled = Math.max(room.settled, progress.settled);
      room.tickets = progress.tickets;
    }
  }

  /** Rooms that were set up here, and closed elsewhere before they were read. */
  async #lookForUnread(): Promise<void> {
    for (const { eventId, revision, isRead } of this.#rooms.values()) {
      if (isRead) continue;
      const row = await findRoom(this.#options.pool, eventId);
      if (row?.known.status === "closed" && row.revision > revision) this.#rooms.delete(eventId);
    }
  }

  #takeIn(rows: readonly RoomRow[]): void {
    const open = new Map(rows.map((row) => [row.eventId, row]));
    for (const [eventId, revision] of this.#closed) {
      const row = open.get(eventId);
      if (row === undefined || row.revision > revision) this.#closed.delete(eventId);
    }
    for (const [eventId, { known, revision }] of open) {
      if (!this.#closed.has(eventId)) this.put(eventId, known, revision);
    }
    for (const [eventId, room] of this.#rooms) {
      const row = open.get(eventId);
      if (row?.known.round === room.round) room.isRead = true;
      // Not while what is read is of an earlier round, or of before it was set up.
      else if (row === undefined && room.isRead) this.#rooms.delete(eventId);
    }
  }
}

/** Counts of seconds that stand don't change any more. */
const sinceOf = (room: LiveRoom): Since => ({
  eventId: room.eventId,
  round: room.round,
  fromSecond: Math.max(room.settled + 1, Math.min(...room.classes.map(({ calls }) => secondOf(calls.last.serving)))),
  afterMs: Math.min(...room.classes.map(({ calls }) => calls.last.atMs)),
});
