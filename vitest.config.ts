import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: "unit",
          include: ["test/**/*.spec.ts"],
          exclude: ["test/**/*.integration.spec.ts"],
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
        },
      },
    ],
  },
});
