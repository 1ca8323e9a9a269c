import { setTimeout as pause } from "node:timers/promises";
import pg from "pg";
import type { EventStore } from "../../../src/eventstore/port.ts";
import { REFUNDS } from "../../../src/projections/bookings/table.ts";
import { readStandings } from "../../../src/projections/registry.ts";
import { Asking } from "../../system/buying/asking.ts";
import { nowMs } from "../history/history.ts";
import type { Town } from "../town.ts";
import type { TortureRecord } from "./record.ts";

export interface RestOptions {
  readonly town: Town;
  readonly store: EventStore;
  readonly record: TortureRecord;
  readonly say: (line: string) => void;
  /** Until bookings come to rest by themselves, before the clock is moved. */
  readonly bookingsWithinMs?: number;
  /** Until all is at rest once it was. */
  readonly restWithinMs?: number;
}

/** How it was left. */
export interface Rest {
  /** What has not come to its end, each in words; none: all is at rest. */
  readonly stuck: readonly string[];
  /** What the log's clock is ahead of that of the clients now, and by how much it was moved for rest. */
  readonly clockAheadMs: number;
  readonly movedMs: number;
  readonly seconds: number;
}

const BOOKINGS_WITHIN_MS = 60_000;
const REST_WITHIN_MS = 120_000;
const LOOK_MS = 500;
/** All holds and claims of the workload end within it. */
const MOVED_SECONDS = 3_600;
/** A timer that is due for so long was forgotten. */
const DUE_FOR_MS = 10_000;

/**
 * Waits until nothing is left to do: bookings end by themselves, then the clock is moved on so that holds and claims run
 * out. What has not come to rest by then is stuck, and a finding.
 */
export async function comeToRest(options: RestOptions): Promise<Rest> {
  const { town, store, record, say } = options;
  const beganMs = performance.now();
  const pool = new pg.Pool({ connectionString: town.databaseUrl, max: 2 });
  pool.on("error", () => undefined);
  let clockAheadMs = 0;
  const unrest = async () => {
    await record.catchUp(store);
    return [...ofBookings(record), ...(await ofProcesses(pool, record, nowMs() + clockAheadMs))];
  };
  const until = async (withinMs: number, look: () => Promise<readonly string[]>): Promise<readonly string[]> => {
    const untilMs = performance.now() + withinMs;
    for (let looks = 0; ; looks += 1) {
      const left = await look();
      if (left.length === 0 || performance.now() > untilMs) return left;
      if (looks % 20 === 19) say(`waiting for rest: ${summary(left)}`);
      await pause(LOOK_MS);
    }
  };
  try {
    await until(options.bookingsWithinMs ?? BOOKINGS_WITHIN_MS, async () => {
      await record.catchUp(store);
      return ofBookings(record);
    });
    clockAheadMs = await moveClock(town, MOVED_SECONDS);
    const stuck = await until(options.restWithinMs ?? REST_WITHIN_MS, unrest);
    const seconds = (performance.now() - beganMs) / 1_000;
    say(stuck.length === 0 ? `at rest after ${seconds.toFixed(1)} s` : `not at rest: ${summary(stuck)}`);
    return { stuck, clockAheadMs, movedMs: MOVED_SECONDS * 1_000, seconds };
  } finally {
    await pool.end();
  }
}

const summary = (left: readonly string[]): string =>
  `${left.slice(0, 3).join("; ")}${left.length > 3 ? ` and ${left.length - 3} more` : ""}`;

function ofBookings(record: TortureRecord): string[] {
  const open = record.notAtRest().map(({ bookingId, outcome, types }) => {
    return `booking ${bookingId} is ${outcome} after ${[...types].join(" ")}`;
  });
  return [...open, ...record.cartsInCheckout().map((cartId) => `cart ${cartId} is in checkout`)];
}

/** What processes and projections still have to do, as their own tables have it. */
async function ofProcesses(pool: pg.Pool, record: TortureRecord, atMs: number): Promise<string[]> {
  const { rows: due } = await pool.query<{ stream: string; due_at: Date }>(
    "select stream, due_at from readmodels.timers where due_at < $1 order by due_at limit 100",
    [new Date(atMs - DUE_FOR_MS)],
  );
  const { rows: refunds } = await pool.query<{ refund_id: string; booking_id: string }>(
    `select refund_id, booking_id from readmodels.${REFUNDS} where succeeded_at is null limit 100`,
  );
  const { rows: cancellations } = await pool.query<{ event_id: string }>(
    "select event_id from processes.cancellations where done_at is null limit 100",
  );
  const behind = (await readStandings(pool)).filter(({ checkpoint }) => (checkpoint ?? 0n) < record.head);
  return [
    ...due.map(({ stream, due_at }) => `${stream} has been due since ${due_at.toISOString()}`),
    ...refunds.map((one) => `refund ${one.refund_id} of booking ${one.booking_id} is pending`),
    ...cancellations.map(({ event_id }) => `the cancellation of event ${event_id} goes on`),
    ...behind.map(({ name, checkpoint }) => `${name} is at ${checkpoint}, the log at ${record.head}`),
  ];
}

/** @returns what the log's clock is ahead of this process's then, in milliseconds */
async function moveClock({ apiUrls, admin }: Town, seconds: number): Promise<number> {
  const asking = new Asking(
    apiUrls.map((url) => Number(new URL(url).port)),
    4,
  );
  try {
    const session = await asking.until("POST", "/sessions", { body: admin });
    const { token } = session.body as { token: string };
    const key = crypto.randomUUID();
    const moved = await asking.until("POST", "/sandbox/clock/advance", { token, key, body: { seconds } });
    if (moved.status !== 200) throw new Error(`moving the clock: ${moved.status} ${JSON.stringify(moved.body)}`);
    return Date.parse((moved.body as { now: string }).now) - nowMs();
  } finally {
    asking.close();
  }
}
