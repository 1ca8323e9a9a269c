import type { TestProject } from "vitest/node";
import { temporaryPostgres } from "./temporary-postgres.ts";

/** Gives every integration spec a Postgres server. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const postgres = await temporaryPostgres();
  project.provide("postgresUrl", postgres.url);
  return () => postgres.stop();
}
