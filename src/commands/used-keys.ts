import type { Pool } from "pg";
import type { Clock } from "../ports.ts";
import { KEY_WINDOW_MS } from "./key-window.ts";
import { type CommandContext, KeyReused } from "./outcome.ts";

type Idempotency = NonNullable<CommandContext["idempotency"]>;

/**
 * What each `Idempotency-Key` was used for by commands that have one effect anyhow, whatever their key: for them it only
 * has to be found out when a key comes again with something else. All others find keys where they record.
 */
export const CREATE_USED_KEYS = `
  create table if not exists commands.used_keys (
    key_hash text primary key,
    body_hash text not null,
    used_at timestamptz not null
  );
  create index if not exists used_keys_age on commands.used_keys (used_at);`;

export interface UsedKeys {
  /**
   * Whether the key was used for this within 24 hours.
   * @throws KeyReused it was used for something else
   */
  isUsed(key: Idempotency): Promise<boolean>;
  /** Notes what the key was used for; of two who come at once, the first. */
  use(key: Idempotency): Promise<void>;
}

const FIND = "select body_hash from commands.used_keys where key_hash = $1 and used_at > $2";
const USE = `
  insert into commands.used_keys as k (key_hash, body_hash, used_at) values ($1, $2, $3)
  on conflict (key_hash) do update set body_hash = excluded.body_hash, used_at = excluded.used_at where k.used_at <= $4`;
/** Each that comes lets go of two that are over, so that there are never more than those of a day. */
const LET_GO = `
  delete from commands.used_keys where key_hash in
    (select key_hash from commands.used_keys where used_at <= $1 order by used_at limit 2 for update skip locked)`;

export function postgresUsedKeys(pool: Pool, clock: Clock): UsedKeys {
  const dayAgo = (nowMs: number) => new Date(nowMs - KEY_WINDOW_MS);
  return {
    async isUsed({ keyHash, bodyHash }) {
      const { rows } = await pool.query<{ body_hash: string }>(FIND, [keyHash, dayAgo(clock.nowMs())]);
      const [used] = rows;
      if (used !== undefined && used.body_hash !== bodyHash) throw new KeyReused("the key was used for something else");
      return used !== undefined;
    },
    async use({ keyHash, bodyHash }) {
      const nowMs = clock.nowMs();
      await pool.query(USE, [keyHash, bodyHash, new Date(nowMs), dayAgo(nowMs)]);
      await pool.query(LET_GO, [dayAgo(nowMs)]);
    },
  };
}
