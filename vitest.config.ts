import { defineConfig } from "vitest/config";
import { LongestFirst } from "./test/support/longest-first.ts";

export default defineConfig({
  test: {
    // Two processors can feed three: integration specs wait for most of their time. With as many as there are processors
    // less one, which is what the runner does by itself, unit specs would have one of two for themselves.
    maxWorkers: 3,
    sequence: { sequencer: LongestFirst },
    projects: [
      {
        test: {
          name: "unit",
          include: ["test/**/*.spec.ts"],
          exclude: ["test/**/*.integration.spec.ts"],
          testTimeout: 30_000, // a few of them work hard, and a machine may be busy
        },
      },
      {
        test: {
          name: "integration",
          include: ["test/**/*.integration.spec.ts"],
          testTimeout: 60_000,
          hookTimeout: 120_000,
          globalSetup: ["test/support/global-postgres.ts"],
        },
      },
    ],
  },
});
