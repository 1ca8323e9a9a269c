import { setTimeout as pause } from "node:timers/promises";
import type { Pool } from "pg";
import type { Clock } from "../ports.ts";
import { KEY_WINDOW_MS } from "./key-window.ts";
import { Busy, type CommandContext, KeyReused } from "./outcome.ts";

type Idempotency = NonNullable<CommandContext["idempotency"]>;

/**
 * First answers of requests with an `Idempotency-Key` that leave nothing in the log, where the answers of all others are
 * found. A row without a status is a request that is being answered. No personal data belongs into them.
 */
export const CREATE_KEPT_ANSWERS = `
  create table if not exists commands.kept_answers (
    key_hash text primary key,
    body_hash text not null,
    begun_at timestamptz not null,
    status integer,
    location text,
    body text
  );
  create index if not exists kept_answers_age on commands.kept_answers (begun_at);`;

/** What goes out for a success. */
export interface KeptAnswer {
  readonly status: number;
  readonly location: string | null;
  /** JSON. */
  readonly body: string;
}

export interface KeptAnswers {
  /**
   * Answers once for each key within 24 hours, also when a process is killed in between; whoever comes with the key while
   * the first is being answered waits for that. What `answer` throws is kept nowhere: the next one is answered anew.
   * @throws KeyReused the key was used for something else
   * @throws Busy the first one takes too long
   */
  once(key: Idempotency, answer: () => Promise<KeptAnswer>): Promise<{ answer: KeptAnswer; replayed: boolean }>;
}

const LOOK_MS = 50;
const PATIENCE_MS = 10_000;
/** Whoever has said nothing for so long has died with its process; none of what is answered here takes longer. */
const DEAD_AFTER_MS = 30_000;

const BEGIN = `
  insert into commands.kept_answers as k (key_hash, body_hash, begun_at) values ($1, $2, $3)
  on conflict (key_hash) do update
    set body_hash = excluded.body_hash, begun_at = excluded.begun_at, status = null, location = null, body = null
    where k.begun_at <= $4 or (k.status is null and k.begun_at <= $5)`;
const FIND = "select body_hash, status, location, body from commands.kept_answers where key_hash = $1";
const KEEP = `
  update commands.kept_answers set status = $3, location = $4, body = $5 where key_hash = $1 and begun_at = $2`;
const GIVE_UP = "delete from commands.kept_answers where key_hash = $1 and begun_at = $2 and status is null";
/** Each that comes lets go of two that are over, so that there are never more than those of a day. */
const LET_GO = `
  delete from commands.kept_answers where key_hash in
    (select key_hash from commands.kept_answers where begun_at <= $1 order by begun_at limit 2 for update skip locked)`;

interface Row extends KeptAnswer {
  readonly body_hash: string;
}

export function postgresKeptAnswers(pool: Pool, clock: Clock, patienceMs = PATIENCE_MS): KeptAnswers {
  /** @returns since when it is being answered here; null: it is, or was, elsewhere */
  async function begin({ keyHash, bodyHash }: Idempotency): Promise<Date | null> {
    const nowMs = clock.nowMs();
    const [begunAt, dayAgo, deadBefore] = [0, KEY_WINDOW_MS, DEAD_AFTER_MS].map((ms) => new Date(nowMs - ms));
    const { rowCount } = await pool.query(BEGIN, [keyHash, bodyHash, begunAt, dayAgo, deadBefore]);
    if (rowCount === 0) return null;
    await pool.query(LET_GO, [dayAgo]);
    return begunAt as Date;
  }

  /** @returns null: it is not answered yet, or was given up */
  async function find({ keyHash, bodyHash }: Idempotency): Promise<KeptAnswer | null> {
    const { rows } = await pool.query<Row>(FIND, [keyHash]);
    const [{ body_hash: known, ...answer } = { body_hash: bodyHash, status: null }] = rows;
    if (answer.status === null) return null;
    if (known !== bodyHash) throw new KeyReused("the key was used for something else");
    return answer as KeptAnswer;
  }

  return {
    async once(key, answer) {
      for (const end = performance.now() + patienceMs; ; ) {
        const begunAt = await begin(key);
        if (begunAt !== null) {
          try {
            const first = await answer();
            await pool.query(KEEP, [key.keyHash, begunAt, first.status, first.location, first.body]);
            return { answer: first, replayed: false };
          } catch (error) {
            await pool.query(GIVE_UP, [key.keyHash, begunAt]).catch(() => undefined); // then it is dead after a while
            throw error;
          }
        }
        const kept = await find(key);
        if (kept !== null) return { answer: kept, replayed: true };
        if (performance.now() >= end) throw new Busy("a request with the same key is being answered");
        await pause(LOOK_MS);
      }
    },
  };
}
