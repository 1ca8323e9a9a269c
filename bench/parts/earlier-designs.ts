import { startProduct } from "../../test/system/product.ts";
import { runDelayQueue } from "../support/earlier-designs/delay-queue.ts";
import { readAfterWrite } from "../support/earlier-designs/replica-reads.ts";
import { runSeatLocks } from "../support/earlier-designs/seat-locks.ts";
import { rounded } from "../support/figures.ts";
import type { Bench, Part } from "../support/part.ts";
import { hasRedis, startBenchRedis } from "../support/redis-server.ts";

const LOCKS = { buyers: 4_000, seats: 100_000, lockMs: 300, paymentMs: 100, silent: 0.1 };
const QUEUE = { aSecond: 10_000, seconds: 12 };
const READS = 500;

/**
 * What designs of before do in the cases that they are known for: locks with a time to live, with and without extension;
 * a delay queue in a sorted set; reads that don't know how far their copy has come. What Boxoffice does in place of each
 * is measured by parts of its own; see docs/decisions/earlier-designs.md.
 */
export const earlierDesigns: Part = {
  name: "earlier-designs",
  about: "seat locks with a time to live, a delay queue in a sorted set, reads after writes",
  async run(bench) {
    if (!hasRedis()) throw new Error("this part needs redis-server (Debian: apt-get install redis-server)");
    const { quick } = bench.options;
    const redis = await startBenchRedis(bench.workDir);
    try {
      const locks = { ...LOCKS, buyers: quick ? 500 : LOCKS.buyers };
      const plain = await runSeatLocks(redis.url, { ...locks, extendEveryMs: null });
      bench.say(`locks of ${LOCKS.lockMs} ms: ${plain.withoutTicket} of ${plain.paid} paid without a ticket`);
      const extended = await runSeatLocks(redis.url, { ...locks, extendEveryMs: LOCKS.lockMs / 3 });
      bench.say(`moved on by the page: ${extended.withoutTicket} of ${extended.paid}, ${extended.extended} extensions`);
      const queue = await delayQueue(bench, redis.url);
      bench.say(`delay queue: ${queue.lost} of ${rounded(queue.holds)} lost in ${queue.kills} kills`);
      const reads = await readsAfterWrites(bench, quick ? 50 : READS);
      return {
        table: [
          ["what", "figure"],
          ["seat locks: paid without a ticket, of paid", `${plain.withoutTicket} of ${rounded(plain.paid)}`],
          ["the same, the page moves the lock on", `${extended.withoutTicket} of ${rounded(extended.paid)}`],
          [
            `delay queue: expiries lost in ${queue.kills} kills of its worker`,
            `${queue.lost} of ${rounded(queue.holds)}`,
          ],
          ["delay queue: recorded after ms, p50 and p99", `${rounded(queue.p50Ms)}, ${rounded(queue.p99Ms)}`],
          ["reads after a write that tell what was before", `${reads.staleWithout} of ${reads.reads}`],
          ["the same with the write's position", `${reads.staleWith} of ${reads.reads}`],
          ["ms of such a read without, p50", rounded(reads.withoutP50Ms)],
          ["ms of such a read with, p50 and p99", `${rounded(reads.withP50Ms)}, ${rounded(reads.withP99Ms)}`],
        ],
        checks: [
          {
            what: "reads with the write's position that tell what was before",
            figure: rounded(reads.staleWith),
            floor: "0",
            met: reads.staleWith === 0,
          },
        ],
        measurements: { plain, extended, queue, reads },
      };
    } finally {
      await redis.stop();
    }
  },
};

async function delayQueue(bench: Bench, redisUrl: string) {
  const server = await bench.postgres();
  const databaseUrl = await server.freshDatabase();
  try {
    return await runDelayQueue(redisUrl, databaseUrl, bench.options.quick ? { aSecond: 2_000, seconds: 3 } : QUEUE);
  } finally {
    await server.drop(databaseUrl);
  }
}

async function readsAfterWrites(bench: Bench, reads: number) {
  const server = await bench.postgres();
  const databaseUrl = await server.freshDatabase();
  const product = await startProduct({ databaseUrl, dataDir: bench.workDir });
  try {
    return await readAfterWrite(product.port, reads);
  } finally {
    await product.stop();
    await server.drop(databaseUrl);
  }
}
