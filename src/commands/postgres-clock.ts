import type pg from "pg";
import { type Clock, ClockLost, type Log } from "../ports.ts";
import { MOVED_MS } from "./clock-moves.ts";

/** How often the offset to Postgres's clock is measured. */
const MEASURE_EVERY_MS = 5_000;
/** Without a measurement for this long nothing may be decided. */
export const MAX_MEASUREMENT_AGE_MS = 10 * 60_000;
/** A measurement without an answer for this long keeps the next from being made no more. */
const GIVE_UP_MS = 30_000;

export interface PostgresClock extends Clock {
  /** For what is shown only: goes on by the last measurement, however old, where {@link Clock.nowMs} would be lost. */
  readonly guessing: Clock;
  /** How far it is ahead of Postgres's clock, in milliseconds: 0 but in sandboxes, see `clock-moves.ts`. */
  offsetMs(): number;
  /** Tells it of a move ahead of the next measurement, in milliseconds of all moves together; it never goes back. */
  movedBy(offsetMs: number): void;
  /** Measures it now, as it does by itself every few seconds. */
  measure(): Promise<void>;
  close(): void;
}

interface Measured {
  readonly ms: number;
  readonly moved: number;
}
const MEASURE = `select (extract(epoch from clock_timestamp()) * 1000)::float8 as ms, ${MOVED_MS} as moved`;

/**
 * Postgres's clock, which all nodes share: measured as an offset to this process's monotonic clock, so that a jump of
 * this machine's clock changes nothing. How far it has been moved is read along with it.
 *
 * A measurement tells between what the offset lies: Postgres looked at its clock at some moment between question and
 * answer. The offset is moved only as far as that demands, so that a slow answer (a busy pool, a long pause of this
 * process) does not spoil what a quick one has told; quick ones are a few milliseconds wide.
 */
export async function postgresClock(
  pool: pg.Pool,
  log: Log,
  monotonicMs: () => number = () => performance.now(),
  measureEveryMs = MEASURE_EVERY_MS,
): Promise<PostgresClock> {
  let offsetMs: number | null = null;
  let movedMs = 0;
  let measuredAtMs = Number.NEGATIVE_INFINITY;
  let askedAtMs = Number.NEGATIVE_INFINITY;
  let lastMs = 0;

  async function measure(): Promise<void> {
    const before = monotonicMs();
    askedAtMs = before;
    try {
      const { rows } = await pool.query<Measured>(MEASURE);
      const after = monotonicMs();
      const { ms, moved } = rows[0] as Measured;
      movedMs = Math.max(movedMs, moved); // a slow answer may not know of a move that this process has heard of
      offsetMs = Math.min(Math.max(offsetMs ?? ms - (before + after) / 2, ms - after), ms - before);
      measuredAtMs = after;
    } finally {
      if (askedAtMs === before) askedAtMs = Number.NEGATIVE_INFINITY;
    }
  }

  await measure();
  await measure(); // the first one may have had to wait for a connection
  const timer = setInterval(() => {
    if (monotonicMs() - askedAtMs < GIVE_UP_MS) return;
    measure().catch((error: unknown) => log.warn({ err: error }, "the clock could not be measured"));
  }, measureEveryMs);
  timer.unref();

  function at(nowMs: number): number {
    if (offsetMs === null) throw new ClockLost("no measurement of the clock");
    lastMs = Math.max(lastMs, Math.floor(nowMs + offsetMs + movedMs));
    return lastMs;
  }

  return {
    nowMs() {
      const nowMs = monotonicMs();
      if (nowMs - measuredAtMs > MAX_MEASUREMENT_AGE_MS) throw new ClockLost("no measurement of the clock");
      return at(nowMs);
    },
    guessing: { nowMs: () => at(monotonicMs()) },
    offsetMs: () => movedMs,
    movedBy(ms) {
      movedMs = Math.max(movedMs, ms);
    },
    measure,
    close: () => clearInterval(timer),
  };
}
