import { randomBytes } from "node:crypto";
import pg from "pg";
import { inject } from "vitest";

declare module "vitest" {
  interface ProvidedContext {
    /** A Postgres server of the test run's own, with the right to create databases. */
    postgresUrl: string;
  }
}

/** A database of its own; `drop` closes what is still connected to it. */
export interface Database {
  readonly url: string;
  drop(): Promise<void>;
}

/** An empty database on the run's Postgres. */
export const freshDatabase = (): Promise<Database> => databaseOn(inject("postgresUrl"));

/** An empty database on a server; for what runs outside of the specs' runner. */
export async function databaseOn(server: string): Promise<Database> {
  const name = `test_${randomBytes(6).toString("hex")}`;
  await administer(server, `create database ${name}`);
  const url = new URL(server);
  url.pathname = `/${name}`;
  return { url: url.href, drop: () => administer(server, `drop database if exists ${name} with (force)`) };
}

async function administer(server: string, statement: string): Promise<void> {
  const client = new pg.Client({ connectionString: server });
  await client.connect();
  try {
    await client.query(statement);
  } finally {
    await client.end();
  }
}
