import { parseArgs } from "node:util";
import pg from "pg";
import { createLogger } from "./api/server/logger.ts";
import { openEventStore } from "./eventstore/open.ts";
import type { EventStore } from "./eventstore/port.ts";
import { DATABASE_ROLES, grantRoles, roleName } from "./node/database-roles.ts";
import { prepared } from "./node/foundation.ts";
import { READ_MODELS } from "./projections/read-models.ts";
import { rebuildOutdated } from "./projections/rebuild.ts";

/**
 * `npm run migrate [-- --roles PREFIX]`: as the owner of `DATABASE_URL`, makes all tables that are missing and builds read
 * models of older versions anew, which any node does that runs as the owner; with `--roles` also the roles that nodes can
 * run as instead (docs/operations.md).
 */
async function main(): Promise<void> {
  const { values } = parseArgs({ options: { roles: { type: "string" } } });
  const databaseUrl = process.env.DATABASE_URL;
  if (!databaseUrl) throw new Error("DATABASE_URL is not set: the Postgres to prepare, with its owner as the user");
  const log = createLogger("warn");
  const pool = new pg.Pool({ connectionString: databaseUrl, max: 3 });
  pool.on("error", () => undefined); // an idle connection that breaks is replaced when one is needed
  const stop = new AbortController();
  process.once("SIGINT", () => stop.abort(new Error("stopped; the read models that served go on serving")));
  const eventStoreUrl = process.env.EVENTSTORE_URL || null;
  let opened: EventStore | undefined;
  try {
    const store = await prepared(databaseUrl, log, async () => {
      opened = await openEventStore({ eventStoreUrl, databaseUrl }, log);
      return opened;
    });
    await rebuildOutdated({ pool, store, projections: READ_MODELS, log, signal: stop.signal });
    console.log("all tables are there");
    if (values.roles !== undefined) await giveRights(pool, values.roles);
  } finally {
    await opened?.close();
    await pool.end();
  }
}

async function giveRights(pool: pg.Pool, prefix: string): Promise<void> {
  const client = await pool.connect();
  try {
    await grantRoles(client, prefix);
  } finally {
    client.release();
  }
  const names = DATABASE_ROLES.map((role) => roleName(prefix, role));
  console.log(`roles with their rights: ${names.join(", ")}`);
  console.log(`make users of them, e.g.: create role ${prefix}_web login password '...' in role ${names[0]}`);
}

await main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
});
