import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { setTimeout as pause } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { createClient } from "redis";
import { quantile } from "../figures.ts";
import { query } from "../postgres-server.ts";

const WORKER = fileURLToPath(new URL("../../baselines/delay-queue-worker.ts", import.meta.url));
/** A queue that has not moved for so long has nothing any more. */
const QUIET_MS = 2_000;

export interface DelayQueueRun {
  readonly holds: number;
  readonly kills: number;
  /** Neither in the queue nor recorded as expired: held for ever. */
  readonly lost: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
}

/** Holds that come due over some seconds, expired by a worker over a sorted set that is killed every second. */
export async function runDelayQueue(
  redisUrl: string,
  databaseUrl: string,
  { aSecond, seconds }: { readonly aSecond: number; readonly seconds: number },
): Promise<DelayQueueRun> {
  const holds = aSecond * seconds;
  await query(databaseUrl, "create table holds (id text primary key, due_at timestamptz, expired_at timestamptz)");
  const beginMs = Date.now() + 3_000;
  await query(
    databaseUrl,
    `insert into holds (id, due_at) select n, to_timestamp($1::float8 / 1000 + n::float8 / $2)
     from generate_series(0, $3 - 1) n`,
    [beginMs, aSecond, holds],
  );
  const redis = createClient({ url: redisUrl });
  await redis.connect();
  let worker = await startWorker(redisUrl, databaseUrl);
  let kills = 0;
  try {
    for (let from = 0; from < holds; from += 10_000) {
      const members = Array.from({ length: Math.min(10_000, holds - from) }, (_, index) => ({
        value: String(from + index),
        score: beginMs + ((from + index) * 1_000) / aSecond,
      }));
      await redis.zAdd("due", members);
    }
    while (Date.now() < beginMs + seconds * 1_000) {
      await pause(800 + Math.random() * 400);
      worker.kill("SIGKILL");
      await once(worker, "exit");
      worker = await startWorker(redisUrl, databaseUrl);
      kills += 1;
    }
    while ((await redis.zCard("due")) > 0) await pause(100);
    await pause(QUIET_MS);
    const delays = await query<{ ms: number }>(
      databaseUrl,
      "select extract(epoch from expired_at - due_at)::float8 * 1000 as ms from holds where expired_at is not null order by 1",
    );
    const sorted = delays.map(({ ms }) => ms);
    const lost = holds - sorted.length;
    return { holds, kills, lost, p50Ms: quantile(sorted, 0.5), p99Ms: quantile(sorted, 0.99) };
  } finally {
    worker.kill("SIGKILL");
    await redis.close();
  }
}

async function startWorker(redisUrl: string, databaseUrl: string): Promise<ChildProcess> {
  const env = { ...process.env, REDIS_URL: redisUrl, DATABASE_URL: databaseUrl };
  const worker = fork(WORKER, { env, execPath: process.execPath });
  await once(worker, "message");
  return worker;
}
