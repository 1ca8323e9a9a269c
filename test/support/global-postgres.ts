import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestProject } from "vitest/node";
import { startEmbeddedPostgres } from "../../src/embedded/embedded-postgres.ts";

/** Gives every integration spec a Postgres server: the one named by TEST_POSTGRES_URL, else an embedded one. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const given = process.env.TEST_POSTGRES_URL;
  if (given !== undefined && given !== "") {
    project.provide("postgresUrl", given);
    return async () => {};
  }
  const dataDir = await mkdtemp(join(tmpdir(), "boxoffice-test-postgres-"));
  const postgres = await startEmbeddedPostgres({ dataDir, log: { debug() {}, info() {}, warn: console.warn } });
  project.provide("postgresUrl", postgres.connectionString);
  return async () => {
    await postgres.stop();
    await rm(dataDir, { recursive: true, force: true });
  };
}
