/**
 * A delay queue in a Redis sorted set: polls for what is due, takes it out, and records it in Postgres. What a worker has
 * taken out when it is killed is in neither place.
 *
 *   node bench/baselines/delay-queue-worker.ts     with REDIS_URL, DATABASE_URL
 */
import { setTimeout as pause } from "node:timers/promises";
import pg from "pg";
import { createClient } from "redis";

const POLL_MS = 100;
const AT_ONCE = 500;

const redis = createClient({ url: process.env.REDIS_URL ?? "redis://127.0.0.1:6379" });
await redis.connect();
const pool = new pg.Pool({ connectionString: process.env.DATABASE_URL, max: 2 });
process.send?.("ready");

for (;;) {
  const due = await redis.zRangeByScore("due", 0, Date.now(), { LIMIT: { offset: 0, count: AT_ONCE } });
  if (due.length === 0) {
    await pause(POLL_MS);
    continue;
  }
  await redis.zRem("due", due); // so that no other worker takes it too
  await pool.query("update holds set expired_at = clock_timestamp() where id = any($1)", [due]);
}
