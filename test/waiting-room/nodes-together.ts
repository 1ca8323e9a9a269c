import pg from "pg";
import type { KnownRoom } from "../../src/domain/waiting-room.ts";
import { CREATE_LEASES } from "../../src/leases/lease.ts";
import { machineTiming } from "../../src/leases/machine-timing.ts";
import type { Log, Timing } from "../../src/ports.ts";
import { startAdvancing, type TicketsLeft } from "../../src/waiting-room/advancing.ts";
import { commitmentTo } from "../../src/waiting-room/draw.ts";
import type { LiveRoom } from "../../src/waiting-room/live-room.ts";
import { LiveRooms } from "../../src/waiting-room/live-rooms.ts";
import { prepareWaitingRooms } from "../../src/waiting-room/prepare.ts";
import { freshDatabase } from "../support/postgres.ts";

export const EVENT = "0b9fbd54-6a0f-8d0f-9a9b-0d5f5b1f2f16";
/** How often nodes tell each other, and call. */
export const STEP_MS = 250;
const SECRET = Buffer.alloc(32, 7);
const log: Log = { info() {}, warn() {}, error() {} };

export const account = (n: number): string => `019f0000-0000-7000-8000-${String(n).padStart(12, "0")}`;

/** One process's waiting rooms, as a node wires them. */
export interface RoomNode {
  readonly rooms: LiveRooms;
  /** The event's room. */
  readonly room: LiveRoom;
  stop(): Promise<void>;
}

/** Nodes on one database, whose time goes on by steps. */
export interface NodesTogether {
  readonly pool: pg.Pool;
  nowMs(): number;
  /** Has the read model say how the event's room is. */
  reads(known: KnownRoom, revision: number): Promise<void>;
  start(): Promise<RoomNode>;
  /** A step of a quarter of a second, once every node and the one that calls have done what was to be done in the last. */
  step(): Promise<void>;
  tickets: TicketsLeft;
  /** What else happens, once, while they are being counted. */
  meanwhile: (() => Promise<unknown>) | null;
  close(): Promise<void>;
}

export const knownRoom = (opensAtMs: number, more: Partial<KnownRoom["terms"]> = {}): KnownRoom => ({
  status: "set-up",
  round: 1,
  commitment: commitmentTo("draw"),
  laterCommitment: commitmentTo("later"),
  revealed: [],
  terms: {
    opensAt: new Date(opensAtMs).toISOString(),
    admitPerMinute: 600,
    paused: false,
    classes: [],
    beacon: null,
    ...more,
  },
});

export async function nodesTogether(): Promise<NodesTogether> {
  const database = await freshDatabase();
  const pool = new pg.Pool({ connectionString: database.url, max: 8 });
  pool.on("error", () => {}); // a connection that is still closing when its database is dropped
  await prepareWaitingRooms(pool);
  await pool.query(CREATE_LEASES);
  await pool.query(`create schema readmodels; create table readmodels.waiting_rooms (event_id uuid primary key,
    revision integer, status text, round integer, commitment text, later_commitment text, terms jsonb)`);
  let nowMs = 1_800_000_000_000;
  const parked = new Set<() => void>();
  let looking = Promise.withResolvers<void>();
  /** What waits for the next step is let go by it; what waits for other reasons (the lease) goes by the machine's time. */
  const timing: Timing = {
    monotonicMs: machineTiming.monotonicMs,
    pause: (ms, signal) =>
      ms === STEP_MS
        ? new Promise((resolve) => {
            const goOn = () => {
              parked.delete(goOn);
              resolve();
            };
            if (signal?.aborted) return resolve();
            signal?.addEventListener("abort", goOn, { once: true });
            parked.add(goOn);
            looking.resolve();
          })
        : machineTiming.pause(ms, signal),
  };
  const running = new Set<RoomNode>();
  const together: NodesTogether = {
    pool,
    nowMs: () => nowMs,
    tickets: { available: 1_000_000, held: 0, isOver: false },
    meanwhile: null,
    async reads({ status, round, commitment, laterCommitment, terms }, revision) {
      await pool.query(
        `insert into readmodels.waiting_rooms values ($1, $2, $3, $4, $5, $6, $7)
         on conflict (event_id) do update set revision = $2, status = $3, round = $4, terms = $7`,
        [EVENT, revision, status, round, commitment, laterCommitment, JSON.stringify(terms)],
      );
    },
    async start() {
      const rooms = new LiveRooms({ pool, secret: SECRET, log, everyMs: STEP_MS, timing });
      await rooms.start();
      const advancing = startAdvancing({
        pool,
        rooms,
        async ticketsOf() {
          const { tickets, meanwhile } = together;
          together.meanwhile = null;
          await meanwhile?.();
          return tickets;
        },
        drawn: async () => {},
        clock: { nowMs: () => nowMs },
        log,
        holder: `node ${performance.now()}`,
        everyMs: STEP_MS,
        timing,
      });
      const node: RoomNode = {
        rooms,
        get room() {
          const room = rooms.get(EVENT);
          if (room === undefined) throw new Error("the node knows of no room");
          return room;
        },
        async stop() {
          running.delete(node);
          await advancing.stop();
          await rooms.close();
        },
      };
      running.add(node);
      return node;
    },
    async step() {
      while (parked.size < running.size + 1) {
        looking = Promise.withResolvers();
        await looking.promise;
      }
      nowMs += STEP_MS;
      for (const goOn of [...parked]) goOn();
    },
    async close() {
      for (const node of running) await node.stop();
      await pool.end();
      await database.drop();
    },
  };
  return together;
}
