// Which mistakes in the domain would the specs miss? `npm run mutate`; docs/reliability.md says what came of it.
/** @type {import("@stryker-mutator/api/core").PartialStrykerOptions} */
export default {
  mutate: ["src/domain/**/*.ts"],
  testRunner: "vitest",
  vitest: { configFile: "test/mutation/vitest.config.ts" },
  tsconfigFile: "none", // it is read through an API that TypeScript 7 no longer has, only to mend paths that ours does not have
  coverageAnalysis: "perTest",
  concurrency: 1,
  incremental: true, // what neither a file nor its specs changed is not run again
  incrementalFile: ".stryker/incremental.json",
  tempDirName: ".stryker/sandbox",
  reporters: ["progress", "clear-text", "json", "html"],
  jsonReporter: { fileName: ".stryker/mutation.json" },
  htmlReporter: { fileName: ".stryker/mutation.html" },
  clearTextReporter: { allowColor: false, reportTests: false, logTests: false },
  allowEmpty: false,
  thresholds: { high: 95, low: 90, break: 90 },
};
