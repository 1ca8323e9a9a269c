import type pg from "pg";
import { type Clock, ClockLost, type Log } from "./ports.ts";

/** How often the offset to Postgres's clock is measured. */
const MEASURE_EVERY_MS = 5_000;
/** Without a measurement for this long nothing may be decided. */
export const MAX_MEASUREMENT_AGE_MS = 10 * 60_000;

export interface PostgresClock extends Clock {
  close(): void;
}

/**
 * Postgres's clock, which all nodes share: measured as an offset to this process's monotonic clock, so that a jump of
 * this machine's clock changes nothing. Half of the round trip is the error, a few milliseconds at most.
 */
export async function postgresClock(
  pool: pg.Pool,
  log: Log,
  monotonicMs: () => number = () => performance.now(),
): Promise<PostgresClock> {
  let offsetMs = 0;
  let measuredAtMs = Number.NEGATIVE_INFINITY;
  let lastMs = 0;

  async function measure(): Promise<void> {
    const before = monotonicMs();
    const { rows } = await pool.query<{ ms: number }>(
      "select (extract(epoch from clock_timestamp()) * 1000)::float8 as ms",
    );
    const after = monotonicMs();
    offsetMs = (rows[0] as { ms: number }).ms - (before + after) / 2;
    measuredAtMs = after;
  }

  await measure();
  const timer = setInterval(() => {
    measure().catch((error: unknown) => log.warn({ err: error }, "the clock could not be measured"));
  }, MEASURE_EVERY_MS);
  timer.unref();

  return {
    nowMs() {
      const nowMs = monotonicMs();
      if (nowMs - measuredAtMs > MAX_MEASUREMENT_AGE_MS) throw new ClockLost("no measurement of the clock");
      lastMs = Math.max(lastMs, Math.floor(nowMs + offsetMs));
      return lastMs;
    },
    close: () => clearInterval(timer),
  };
}
