import { defineConfig } from "vitest/config";

/** The contract of the event store port on the server of EVENTSTORE_URL, and nothing else: no Postgres is started. */
export default defineConfig({
  test: {
    name: "contract",
    include: [
      "test/eventstore/eventstoredb.integration.spec.ts",
      "test/eventstore/eventstoredb-stress.integration.spec.ts",
    ],
    testTimeout: 120_000,
    hookTimeout: 120_000,
    fileParallelism: false,
  },
});
