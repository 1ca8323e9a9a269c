import { randomUUID } from "node:crypto";
import type pg from "pg";
import { type Refused, refuse } from "../domain/decision.ts";
import { inTransaction } from "../postgres/transaction.ts";
import type { AccountMails } from "./account-mails.ts";
import type { Passwords } from "./passwords.ts";
import type { Role } from "./roles.ts";
import type { Standings } from "./standing.ts";
import { TELL_ACCOUNT_CHANGED } from "./standing-changes.ts";

export interface Account {
  readonly accountId: string;
  /** null for guests who gave none. */
  readonly email: string | null;
  readonly name: string | null;
  readonly roles: readonly Role[];
  readonly guest: boolean;
  readonly suspended: boolean;
  /** RFC 3339 UTC. */
  readonly createdAt: string;
}

export interface Registration {
  readonly email: string;
  readonly password: string;
  readonly name: string;
}

export interface AccountsQuestion {
  /** Part of an e-mail or a name, whatever its case, or an account's id; null: all. */
  readonly q: string | null;
  readonly role: Role | null;
  readonly after: string | null;
  readonly limit: number;
}

export interface Accounts {
  /** Makes an account; with a guest's id it is made of the guest, so that what the guest bought stays theirs. */
  register(registration: Registration, guestId?: string): Promise<Account | Refused<"email-taken">>;
  /** The account, null when there is none or it was erased. */
  find(accountId: string): Promise<Account | null>;
  /**
   * Accounts, guests too, but nobody who was erased; newest first, those after an account.
   * @returns one more than `limit`, when there are more
   */
  list(question: AccountsQuestion): Promise<readonly Account[]>;
  rename(accountId: string, name: string): Promise<Account | null>;
  /**
   * Erases the person wherever they are kept, mails included, and ends the sessions. The id stays, as bookings and events
   * are under it. Again: no effect.
   */
  erase(accountId: string): Promise<void>;
  /** Replaces the roles; `customer` is always among them. */
  setRoles(accountId: string, roles: readonly Role[]): Promise<Account | null>;
  setSuspended(accountId: string, suspended: boolean): Promise<Account | null>;
}

interface AccountRow {
  readonly account_id: string;
  readonly email: string | null;
  readonly name: string | null;
  readonly roles: Role[];
  readonly guest: boolean;
  readonly suspended: boolean;
  readonly created_at: Date;
}

const COLUMNS = "account_id, email, name, roles, guest, suspended, created_at";
const INSERT = `
  insert into accounts.account (account_id, email, password_hash, name, roles, guest)
  values ($1, $2, $3, $4, '{customer}', false) returning ${COLUMNS}`;
const FROM_GUEST = `
  update accounts.account set email = $2, password_hash = $3, name = $4, guest = false
   where account_id = $1 and guest and erased_at is null returning ${COLUMNS}`;
const ERASE = `
  update accounts.account set email = null, password_hash = null, name = null, erased_at = now()
   where account_id = $1 and erased_at is null`;

/** Rows of accounts stay for good, so that any of them may be where a list goes on. */
const LIST = `
  select ${COLUMNS} from accounts.account
   where erased_at is null
     and ($1::text is null or email ilike $1 or name ilike $1 or account_id = $2)
     and ($3::text is null or (cardinality(roles) > 1 and $3 = any(roles)))
     and ($4::uuid is null or
          (created_at, account_id) < (select created_at, account_id from accounts.account where account_id = $4))
   order by created_at desc, account_id desc limit $5 + 1`;
const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** What is there for as long as the person is. */
const OF_PERSON = ["accounts.session", "accounts.api_key", "accounts.password_reset"] as const;

export interface AccountsDependencies {
  readonly pool: pg.Pool;
  readonly passwords: Passwords;
  readonly standings: Standings;
  readonly mails: Pick<AccountMails, "forget">;
}

export function createAccounts({ pool, passwords, standings, mails }: AccountsDependencies): Accounts {
  /** Changes one account and tells every node of it; the change is in force here when it resolves. */
  async function change(accountId: string, statement: string, values: readonly unknown[]): Promise<Account | null> {
    const row = await inTransaction(pool, async (client) => {
      const { rows } = await client.query<AccountRow>(statement, [accountId, ...values]);
      await client.query(TELL_ACCOUNT_CHANGED, [accountId]);
      return rows[0];
    });
    standings.accountChanged(accountId);
    return row === undefined ? null : accountOf(row);
  }

  const set = (column: "name" | "roles" | "suspended", accountId: string, value: unknown) =>
    change(
      accountId,
      `update accounts.account set ${column} = $2 where account_id = $1 and erased_at is null returning ${COLUMNS}`,
      [value],
    );

  return {
    async register({ email, password, name }, guestId) {
      const values = [email, await passwords.hash(password), name];
      try {
        const upgraded = guestId === undefined ? null : await change(guestId, FROM_GUEST, values);
        if (upgraded !== null) return upgraded;
        const { rows } = await pool.query<AccountRow>(INSERT, [randomUUID(), ...values]);
        return accountOf(rows[0] as AccountRow);
      } catch (error) {
        if (isUniqueViolation(error)) return refuse("email-taken");
        throw error;
      }
    },

    async find(accountId) {
      const { rows } = await pool.query<AccountRow>(
        `select ${COLUMNS} from accounts.account where account_id = $1 and erased_at is null`,
        [accountId],
      );
      return rows[0] === undefined ? null : accountOf(rows[0]);
    },

    async list({ q, role, after, limit }) {
      const like = q === null ? null : `%${q.replace(/[\\%_]/g, "\\$&")}%`;
      const accountId = q !== null && UUID.test(q) ? q : null;
      const beyondOwn = role === "customer" ? null : role; // everybody is one
      const { rows } = await pool.query<AccountRow>(LIST, [like, accountId, beyondOwn, after, limit]);
      return rows.map(accountOf);
    },

    rename: (accountId, name) => set("name", accountId, name),
    setRoles: (accountId, roles) => set("roles", accountId, [...new Set<Role>(["customer", ...roles])]),
    setSuspended: (accountId, suspended) => set("suspended", accountId, suspended),

    async erase(accountId) {
      await inTransaction(pool, async (client) => {
        await client.query(ERASE, [accountId]);
        for (const table of OF_PERSON) await client.query(`delete from ${table} where account_id = $1`, [accountId]);
        await mails.forget(client, accountId);
        await client.query(TELL_ACCOUNT_CHANGED, [accountId]);
      });
      standings.accountChanged(accountId);
    },
  };
}

const accountOf = (row: AccountRow): Account => ({
  accountId: row.account_id,
  email: row.email,
  name: row.name,
  roles: row.roles,
  guest: row.guest,
  suspended: row.suspended,
  createdAt: row.created_at.toISOString(),
});

const isUniqueViolation = (error: unknown): boolean =>
  error instanceof Error && "code" in error && error.code === "23505";
