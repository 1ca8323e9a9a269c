import { setTimeout as pause } from "node:timers/promises";
import { createClient } from "redis";

export interface SeatLockRun {
  /** Payments that were made. */
  readonly paid: number;
  /** Of them, those whose lock had gone to somebody else or to nobody by then: money to give back. */
  readonly withoutTicket: number;
  /** Locks that were moved on while their buyer paid. */
  readonly extended: number;
}

export interface SeatLockWish {
  readonly buyers: number;
  readonly seats: number;
  /** How long a lock stands. */
  readonly lockMs: number;
  /** Of payments, in the mean; they take as long as by an exponential distribution. */
  readonly paymentMs: number;
  /** How often a buyer's page moves the lock on while he pays, ms; null: never. */
  readonly extendEveryMs: number | null;
  /** The share of buyers whose page goes silent (a phone in a tunnel) while the payment goes on. */
  readonly silent: number;
}

/** KEYS: the lock. ARGV: who, for how long. Only its owner moves it on. */
const EXTEND = "return redis.call('GET', KEYS[1]) == ARGV[1] and redis.call('PEXPIRE', KEYS[1], ARGV[2]) or 0";
/** KEYS: the lock, the seat. ARGV: who. Sold only to whom the lock belongs, so that no seat is sold twice. */
const SELL =
  "if redis.call('GET', KEYS[1]) == ARGV[1] and redis.call('SETNX', KEYS[2], ARGV[1]) == 1 then return 1 end return 0";

/** Buyers who lock a seat by `SET NX PX`, pay, and are sold it if the lock is still theirs. */
export async function runSeatLocks(redisUrl: string, wish: SeatLockWish): Promise<SeatLockRun> {
  const { buyers, seats, lockMs, paymentMs, extendEveryMs, silent } = wish;
  const redis = createClient({ url: redisUrl });
  await redis.connect();
  await redis.flushAll();
  const run = { paid: 0, withoutTicket: 0, extended: 0 };
  const buy = async (buyer: string): Promise<void> => {
    const seat = Math.floor(Math.random() * seats);
    const [lock, sold] = [`lock:${seat}`, `sold:${seat}`];
    if ((await redis.get(sold)) !== null) return;
    if ((await redis.set(lock, buyer, { condition: "NX", expiration: { type: "PX", value: lockMs } })) === null) return;
    const untilMs = performance.now() - Math.log(1 - Math.random()) * paymentMs;
    const isSilent = Math.random() < silent;
    for (let restMs = paymentMs; restMs > 0; restMs = untilMs - performance.now()) {
      await pause(Math.max(0, Math.min(untilMs - performance.now(), extendEveryMs ?? Number.MAX_SAFE_INTEGER / 1e7)));
      if (extendEveryMs === null || isSilent || performance.now() >= untilMs) continue;
      const moved = await redis.eval(EXTEND, { keys: [lock], arguments: [buyer, String(lockMs)] });
      if (moved === 1) run.extended += 1;
    }
    run.paid += 1;
    if ((await redis.eval(SELL, { keys: [lock, sold], arguments: [buyer] })) === 0) run.withoutTicket += 1;
  };
  try {
    const atOnce = 64;
    let next = 0;
    const visitor = async () => {
      while (next < buyers) await buy(`buyer-${next++}`);
    };
    await Promise.all(Array.from({ length: atOnce }, visitor));
    return run;
  } finally {
    await redis.close();
  }
}
