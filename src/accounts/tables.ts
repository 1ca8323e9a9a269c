import type pg from "pg";
import { makeMissing } from "../postgres/preparing.ts";

/**
 * Accounts and sessions are rows, not streams: they carry personal data, which has to be erasable, and need no history.
 * An erased account keeps its id, because bookings and events stay under it, and nothing else. Guests may share an
 * e-mail with each other and with an account; it is where their mails go, not what they sign in with. A password reset is there while its token can be used; the token itself is not.
 * Of an API key its hash is there.
 */
const TABLES = `
  create schema if not exists accounts;

  create table if not exists accounts.account (
    account_id    uuid primary key,
    email         text,
    password_hash text,
    name          text,
    roles         text[] not null,
    guest         boolean not null,
    suspended     boolean not null default false,
    erased_at     timestamptz,
    created_at    timestamptz not null default now(),
    check (guest or erased_at is not null or (email is not null and password_hash is not null and name is not null))
  );
  create unique index if not exists account_email on accounts.account (lower(email)) where not guest;
  create index if not exists account_made on accounts.account (created_at, account_id);
  create index if not exists account_roles on accounts.account (created_at, account_id) where cardinality(roles) > 1;
  create extension if not exists pg_trgm;
  create index if not exists account_words on accounts.account using gin (email gin_trgm_ops, name gin_trgm_ops);

  create table if not exists accounts.session (
    session_id uuid primary key,
    account_id uuid not null references accounts.account,
    expires_at timestamptz not null
  );
  create index if not exists session_account on accounts.session (account_id);
  create index if not exists session_expiry on accounts.session (expires_at);

  create table if not exists accounts.api_key (
    key_id       uuid primary key,
    account_id   uuid not null references accounts.account,
    name         text not null,
    scopes       text[] not null,
    key_hash     text not null unique,
    hint         text not null,
    created_at   timestamptz not null default now(),
    last_used_at timestamptz
  );
  create index if not exists api_key_account on accounts.api_key (account_id, key_id);

  create table if not exists accounts.password_reset (
    reset_id   uuid primary key,
    account_id uuid not null references accounts.account,
    expires_at timestamptz not null
  );
  create index if not exists password_reset_account on accounts.password_reset (account_id);
  create index if not exists password_reset_expiry on accounts.password_reset (expires_at);
`;

/** Any number, but the same everywhere: nodes that start together take turns, as `create if not exists` can clash. */
const MIGRATION_LOCK = 4_217_001;

/** Makes the tables that are missing; harmless where they are there. */
export async function createAccountTables(pool: pg.Pool): Promise<void> {
  await makeMissing(pool, MIGRATION_LOCK, TABLES);
}
