import { defineConfig } from "vitest/config";
import { LongestFirst } from "./test/support/longest-first.ts";

export default defineConfig({
  test: {
    // As many as the smallest machine has processors: the runner takes one less by itself. With three, what starts many
    // processes came beside a whole on-sale, which was then late.
    maxWorkers: 2,
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
