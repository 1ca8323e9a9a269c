import { randomUUID } from "node:crypto";
import pg from "pg";
import { createTokens } from "../../src/accounts/tokens.ts";
import { JWT_SECRET } from "../../test/system/product.ts";

/** A guest who has just signed in. */
export interface Newcomer {
  readonly accountId: string;
  readonly token: string;
}

const A_DAY_MS = 24 * 3_600_000;
const AT_ONCE = 50_000;

/**
 * So many guests who have just signed in at a system of `startProduct`, put into its tables: over HTTP each would take a
 * commit of its own.
 */
export async function newcomers(databaseUrl: string, count: number): Promise<readonly Newcomer[]> {
  const tokens = createTokens([JWT_SECRET]);
  const expiresAtMs = Date.now() + A_DAY_MS;
  const people = Array.from({ length: count }, () => ({ sessionId: randomUUID(), accountId: randomUUID() }));
  const client = new pg.Client({ connectionString: databaseUrl });
  await client.connect();
  try {
    for (let from = 0; from < count; from += AT_ONCE) {
      const some = people.slice(from, from + AT_ONCE);
      await client.query(
        `with guests as (
           insert into accounts.account (account_id, roles, guest)
           select id, '{customer}', true from unnest($2::uuid[]) id
         )
         insert into accounts.session (session_id, account_id, expires_at)
         select session_id, account_id, to_timestamp($3 / 1000.0)
         from unnest($1::uuid[], $2::uuid[]) t (session_id, account_id)`,
        [some.map(({ sessionId }) => sessionId), some.map(({ accountId }) => accountId), expiresAtMs],
      );
    }
  } finally {
    await client.end();
  }
  return people.map((one) => ({ accountId: one.accountId, token: tokens.issue({ ...one, expiresAtMs }) }));
}
