import type { Pool, PoolClient } from "pg";
import type { Log } from "../ports.ts";
import { hearNotifications } from "../postgres/notifications.ts";
import { inTurn } from "../postgres/transaction.ts";
import { type CommandContext, KeyReused } from "./outcome.ts";
import type { PostgresClock } from "./postgres-clock.ts";

/** Any number, the same in every process: moves take turns. */
const MOVE_LOCK = 727_003;
const MOVED_CHANNEL = "clock_moved";
const KEYS_STAND_FOR = "24 hours";
/** All moves together; times are taken up to the year 2999, with room for every term after them. */
export const MAX_OFFSET_SECONDS = 100 * 365 * 86_400;
/** How long whoever moves the clock waits for the others that have to be told; they are told anyhow. */
const TELL_WITHIN_MS = 2_000;
const TELL_AGAIN_MS = 1_000;

/**
 * How far the one clock is ahead of Postgres's, after each move that was made; the furthest counts. In sandboxes only,
 * where time has to pass faster than it does.
 */
export const CREATE_CLOCK_MOVES = `
  create table if not exists commands.clock_moves (
    offset_ms bigint primary key,
    moved_at timestamptz not null default clock_timestamp(),
    account_id uuid not null,
    key_hash text unique,
    body_hash text
  );`;

/** An SQL expression for how far the clock has been moved, in milliseconds. */
export const MOVED_MS = "coalesce((select max(offset_ms) from commands.clock_moves), 0)::float8";

/** The clock as it was when a move was done. */
export interface ClockMove {
  /** Epoch milliseconds. */
  readonly nowMs: number;
  /** All moves together, in milliseconds. */
  readonly offsetMs: number;
  /** The same key was used before: this is the first answer again. */
  readonly replayed: boolean;
}

export interface ClockMover {
  /**
   * Moves the clock on, for good and for every node: this one's has moved when it resolves, the others follow as soon
   * as they hear of it, in milliseconds. null: all moves together would be beyond {@link MAX_OFFSET_SECONDS}.
   * @param seconds 1 or more
   * @throws KeyReused
   */
  advance(seconds: number, accountId: string, idempotency: CommandContext["idempotency"]): Promise<ClockMove | null>;
  close(): Promise<void>;
}

export interface ClockMoverOptions {
  /** Takes one connection of it for good. */
  readonly pool: Pool;
  readonly clock: PostgresClock;
  readonly log: Log;
  /**
   * For what runs by a clock outside of this process: told at the start when the clock has been moved before, and of
   * each move, whoever made it; told again until it succeeds. Milliseconds of all moves together.
   */
  readonly onMoved: (offsetMs: number) => Promise<void> | void;
}

/** Lets the clock be moved, and follows what other nodes do to it. Without it a clock sees moves when it is measured. */
export function clockMover({ pool, clock, log, onMoved }: ClockMoverOptions): ClockMover {
  let toldMs = 0;

  async function tell(): Promise<void> {
    const offsetMs = clock.offsetMs();
    if (offsetMs <= toldMs) return;
    try {
      await onMoved(offsetMs);
      toldMs = Math.max(toldMs, offsetMs);
    } catch (error) {
      log.warn({ err: error }, "somebody who has to know could not be told that the clock has moved");
    }
  }

  const hearing = hearNotifications({
    pool,
    channel: MOVED_CHANNEL,
    log,
    onNotification: (offsetMs) => {
      clock.movedBy(Number(offsetMs));
      void tell();
    },
    onListening: () => clock.measure().then(tell, () => undefined), // it is measured again before long
  });
  const timer = setInterval(() => void tell(), TELL_AGAIN_MS);
  timer.unref();

  return {
    async advance(seconds, accountId, idempotency) {
      const move = await inTurn(pool, MOVE_LOCK, async (client) => {
        return (await knownMove(client, idempotency)) ?? (await record(client, seconds, accountId, idempotency));
      });
      if (move === null) return null;
      clock.movedBy(move.offsetMs);
      await within(TELL_WITHIN_MS, tell());
      return move;
    },
    async close() {
      clearInterval(timer);
      await hearing.close();
    },
  };
}

interface Row {
  readonly now_ms: number;
  readonly offset_ms: number;
  readonly body_hash: string | null;
}

const COLUMNS = `(extract(epoch from moved_at) * 1000)::float8 + offset_ms as now_ms, offset_ms::float8, body_hash`;

/** The move that this key stands for, by real time: else a move by a day would make its own key forgotten. */
async function knownMove(client: PoolClient, key: CommandContext["idempotency"]): Promise<ClockMove | null> {
  if (key === null) return null;
  await client.query(
    `update commands.clock_moves set key_hash = null
     where key_hash = $1 and moved_at < clock_timestamp() - interval '${KEYS_STAND_FOR}'`,
    [key.keyHash],
  );
  const { rows } = await client.query<Row>(`select ${COLUMNS} from commands.clock_moves where key_hash = $1`, [
    key.keyHash,
  ]);
  if (rows[0] === undefined) return null;
  if (rows[0].body_hash !== key.bodyHash) throw new KeyReused("another move was made with this key");
  return { ...moveOf(rows[0]), replayed: true };
}

async function record(
  client: PoolClient,
  seconds: number,
  accountId: string,
  key: CommandContext["idempotency"],
): Promise<ClockMove | null> {
  const { rows } = await client.query<Row>(
    `with moved as (
       insert into commands.clock_moves (offset_ms, account_id, key_hash, body_hash)
       select m.offset_ms, $2, $3, $4 from (select ${MOVED_MS} + $1::float8 as offset_ms) m where m.offset_ms <= $5
       returning *
     )
     select ${COLUMNS}, pg_notify('${MOVED_CHANNEL}', offset_ms::text) from moved`,
    [seconds * 1_000, accountId, key?.keyHash ?? null, key?.bodyHash ?? null, MAX_OFFSET_SECONDS * 1_000],
  );
  return rows[0] === undefined ? null : { ...moveOf(rows[0]), replayed: false };
}

const moveOf = ({ now_ms, offset_ms }: Row) => ({ nowMs: Math.floor(now_ms), offsetMs: offset_ms });

async function within(ms: number, work: Promise<void>): Promise<void> {
  const late = Promise.withResolvers<void>();
  const timer = setTimeout(late.resolve, ms);
  await Promise.race([work, late.promise]);
  clearTimeout(timer);
}
