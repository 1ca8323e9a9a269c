import type { ClientBase, Pool } from "pg";
import type { PublicJwk } from "../../verifier/key-files.ts";
import type { SignedHead } from "../../verifier/signed-head.ts";

/** Positions are numeric, because a store's position may be wider than a bigint. */
export const CREATE_HEADS = `
  create schema if not exists audit;
  create table if not exists audit.heads (
    position numeric(39, 0) primary key,
    count bigint not null,
    hash text not null,
    signed_at timestamptz not null,
    key_id text not null,
    signature text not null
  );
  create table if not exists audit.head_keys (
    key_id text primary key,
    jwk json not null,
    since timestamptz not null
  );`;

interface HeadRow {
  readonly position: string;
  readonly count: string;
  readonly hash: string;
  readonly signed_at: Date;
  readonly key_id: string;
  readonly signature: string;
}

const COLUMNS = "position::text, count::text, hash, signed_at, key_id, signature";

const headOf = (row: HeadRow): SignedHead => ({
  position: BigInt(row.position),
  count: Number(row.count),
  hash: row.hash,
  signedAt: row.signed_at.toISOString(),
  keyId: row.key_id,
  signature: row.signature,
});

/** What is published of the log's head. */
export interface HeadQueries {
  /** The newest; null before the first. */
  latest(): Promise<SignedHead | null>;
  /** The newest first, those before a position if one is given; at most `limit`. */
  before(position: bigint | null, limit: number): Promise<readonly SignedHead[]>;
  /** All that are kept behind a position, in the order of the log, at most `limit`. */
  after(position: bigint, limit: number): Promise<readonly SignedHead[]>;
  /** Every key that ever signed one, the newest first. */
  keys(): Promise<readonly PublicJwk[]>;
}

export function headQueries(pool: Pick<Pool, "query">): HeadQueries {
  const before: HeadQueries["before"] = async (position, limit) => {
    const { rows } = await pool.query<HeadRow>({
      name: "audit_heads_before",
      text: `select ${COLUMNS} from audit.heads where $1::numeric is null or position < $1::numeric
             order by audit.heads.position desc limit $2`,
      values: [position?.toString() ?? null, limit],
    });
    return rows.map(headOf);
  };
  return {
    before,
    latest: async () => (await before(null, 1))[0] ?? null,
    async after(position, limit) {
      const { rows } = await pool.query<HeadRow>({
        name: "audit_heads_after",
        text: `select ${COLUMNS} from audit.heads where position > $1::numeric order by audit.heads.position limit $2`,
        values: [position.toString(), limit],
      });
      return rows.map(headOf);
    },
    async keys() {
      const { rows } = await pool.query<{ jwk: PublicJwk }>(
        "select jwk from audit.head_keys order by since desc, key_id",
      );
      return rows.map(({ jwk }) => jwk);
    },
  };
}

/** Puts a head on record; to be called in a transaction that holds the lease. */
export async function keepHead(client: Pick<ClientBase, "query">, head: SignedHead): Promise<void> {
  const { position, count, hash, signedAt, keyId, signature } = head;
  await client.query({
    name: "audit_keep_head",
    text: `insert into audit.heads (position, count, hash, signed_at, key_id, signature)
           values ($1::numeric, $2, $3, $4, $5, $6)`,
    values: [position.toString(), count, hash, signedAt, keyId, signature],
  });
}

/** What a key signed can be checked as long as it is known, also when another has taken its place. */
export async function keepKey(pool: Pick<Pool, "query">, jwk: PublicJwk, sinceMs: number): Promise<void> {
  await pool.query("insert into audit.head_keys (key_id, jwk, since) values ($1, $2, $3) on conflict do nothing", [
    jwk.kid,
    JSON.stringify(jwk),
    new Date(sinceMs),
  ]);
}

/** At most so many rows go in one statement. */
const THINNED_AT_ONCE = 20_000;

/**
 * Thins out what is old: each head for a day, the last one of each hour for a year, the last one of each day for ever.
 * @returns how many went
 */
export async function thinHeads(pool: Pick<Pool, "query">, nowMs: number): Promise<number> {
  const { rowCount } = await pool.query(
    `delete from audit.heads where position in (
       select position from (
         select position,
                lead(position) over (partition by date_bin(
                  case when signed_at < $1::timestamptz - interval '365 days' then interval '1 day' else interval '1 hour' end,
                  signed_at, '2000-01-01T00:00:00Z') order by position) as later
           from audit.heads where signed_at < $1::timestamptz - interval '1 day') old
        where later is not null limit ${THINNED_AT_ONCE})`,
    [new Date(nowMs)],
  );
  return rowCount ?? 0;
}
