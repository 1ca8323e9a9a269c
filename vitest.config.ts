import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: "unit",
          include: ["test/**/*.spec.ts"],
          exclude: ["test/**/*.integration.spec.ts"],
          testTimeout: 30_000, // a few of them work hard, and a machine may be busy
          sequence: { groupOrder: 0 }, // one project after the other: they take different numbers of workers
        },
      },
      {
        test: {
          name: "integration",
          include: ["test/**/*.integration.spec.ts"],
          testTimeout: 60_000,
          hookTimeout: 120_000,
          globalSetup: ["test/support/global-postgres.ts"],
          maxWorkers: 2,
          sequence: { groupOrder: 1 },
        },
      },
    ],
  },
});
