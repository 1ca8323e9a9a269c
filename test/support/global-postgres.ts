import type { TestProject } from "vitest/node";
import { temporaryPostgres } from "./temporary-postgres.ts";

/**
 * The disk is not waited for: hundreds of databases are made and dropped in a run, and a disk that is busy with that made
 * commits last for seconds. A killed server keeps what it committed all the same; only a machine that loses its power does
 * not. Specs about durability start servers of their own.
 */
const FAST = { fsync: "off", full_page_writes: "off", max_wal_size: "4GB" };

/** Three specs beside each other may have four nodes each, with thirty connections and more. */
const MANY = { max_connections: "400" };

/** Gives every integration spec a Postgres server. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const postgres = await temporaryPostgres({ ...FAST, ...MANY });
  project.provide("postgresUrl", postgres.url);
  return () => postgres.stop();
}
