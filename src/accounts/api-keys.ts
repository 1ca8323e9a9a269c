import { randomUUIDv7 } from "node:crypto";
import type pg from "pg";
import { type Refused, refuse } from "../domain/decision.ts";
import { inTransaction } from "../postgres/transaction.ts";
import { hashOfKey, hintOfKey, newKeyText } from "./key-text.ts";
import type { Scope } from "./scopes.ts";
import type { Standings } from "./standing.ts";
import { TELL_KEY_CHANGED } from "./standing-changes.ts";

/** What a server acts with for an account. */
export interface ApiKey {
  readonly keyId: string;
  readonly name: string;
  readonly scopes: readonly Scope[];
  /** Its last characters. */
  readonly hint: string;
  /** RFC 3339 UTC, as below. */
  readonly createdAt: string;
  /** To within half a minute; null: never. */
  readonly lastUsedAt: string | null;
}

export interface ApiKeys {
  /** Makes a key. Its text is in this answer and nowhere else. */
  make(
    accountId: string,
    wish: Pick<ApiKey, "name" | "scopes">,
  ): Promise<(ApiKey & { readonly key: string }) | Refused<"too-many-api-keys" | "account-not-found">>;
  /**
   * An account's keys, newest first, those after a key.
   * @returns one more than `limit`, when there are more
   */
  list(accountId: string, page: { readonly after: string | null; readonly limit: number }): Promise<readonly ApiKey[]>;
  /** One of an account's keys; null: it has no such key. */
  find(accountId: string, keyId: string): Promise<ApiKey | null>;
  /** The key is of no use from now on. @returns whether the account had it */
  revoke(accountId: string, keyId: string): Promise<boolean>;
}

/** Of one account: a key for each server, not one for each request. */
export const MOST_KEYS = 50;

interface KeyRow {
  readonly key_id: string;
  readonly name: string;
  readonly scopes: Scope[];
  readonly hint: string;
  readonly created_at: Date;
  readonly last_used_at: Date | null;
}

const COLUMNS = "key_id, name, scopes, hint, created_at, last_used_at";
const LOCK_ACCOUNT = `
  select 1 from accounts.account where account_id = $1 and erased_at is null and not guest for no key update`;
const INSERT = `
  insert into accounts.api_key (key_id, account_id, name, scopes, key_hash, hint)
  select $1, $2, $3, $4, $5, $6 where (select count(*) from accounts.api_key where account_id = $2) < ${MOST_KEYS}
  returning ${COLUMNS}`;
/** Ids grow with time. */
const LIST = `
  select ${COLUMNS} from accounts.api_key
   where account_id = $1 and ($2::uuid is null or key_id < $2) order by key_id desc limit $3 + 1`;
const FIND = `select ${COLUMNS} from accounts.api_key where key_id = $1 and account_id = $2`;
const REVOKE = "delete from accounts.api_key where key_id = $1 and account_id = $2";

export interface ApiKeysDependencies {
  readonly pool: pg.Pool;
  readonly standings: Pick<Standings, "keyChanged">;
}

export function createApiKeys({ pool, standings }: ApiKeysDependencies): ApiKeys {
  return {
    make(accountId, { name, scopes }) {
      const key = newKeyText();
      const values = [randomUUIDv7(), accountId, name, [...new Set(scopes)], hashOfKey(key), hintOfKey(key)];
      return inTransaction(pool, async (client) => {
        if ((await client.query(LOCK_ACCOUNT, [accountId])).rowCount === 0) return refuse("account-not-found");
        const { rows } = await client.query<KeyRow>(INSERT, values);
        return rows[0] === undefined ? refuse("too-many-api-keys") : { ...keyOf(rows[0]), key };
      });
    },

    async list(accountId, { after, limit }) {
      const { rows } = await pool.query<KeyRow>(LIST, [accountId, after, limit]);
      return rows.map(keyOf);
    },

    async find(accountId, keyId) {
      const { rows } = await pool.query<KeyRow>(FIND, [keyId, accountId]);
      return rows[0] === undefined ? null : keyOf(rows[0]);
    },

    async revoke(accountId, keyId) {
      const revoked = await inTransaction(pool, async (client) => {
        const { rowCount } = await client.query(REVOKE, [keyId, accountId]);
        if (rowCount === 1) await client.query(TELL_KEY_CHANGED, [keyId]);
        return rowCount === 1;
      });
      if (revoked) standings.keyChanged(keyId);
      return revoked;
    },
  };
}

const keyOf = (row: KeyRow): ApiKey => ({
  keyId: row.key_id,
  name: row.name,
  scopes: row.scopes,
  hint: row.hint,
  createdAt: row.created_at.toISOString(),
  lastUsedAt: row.last_used_at?.toISOString() ?? null,
});
