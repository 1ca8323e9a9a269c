// npm test: types, formatting and lint, then every spec that can run on this machine. Ends with one line,
// `N passed, N failed, N skipped`, from the runner's own report; a failing check before it counts as one failed.
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

interface Report {
  readonly numPassedTests: number;
  readonly numFailedTests: number;
  readonly numPendingTests: number;
  readonly numTodoTests: number;
  readonly testResults: readonly {
    readonly status: string;
    readonly assertionResults: readonly { status: string }[];
  }[];
}

const CHECKS = [
  ["typescript/bin/tsc", "--noEmit"],
  ["typescript/bin/tsc", "--noEmit", "-p", "src/pages"],
  ["@biomejs/biome/bin/biome", "ci", "--reporter=summary", "."],
] as const;

let running: ChildProcess | undefined;
let ending = false;
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, () => end(signal));
process.on("disconnect", () => end("SIGTERM")); // the wrapper is gone
process.channel?.unref(); // to listen for that alone is no reason to stay

const failedChecks: string[] = [];
for (const [script, ...args] of CHECKS) {
  if ((await run(script, args)) !== 0) failedChecks.push(script);
}

const directory = await mkdtemp(join(tmpdir(), "boxoffice-report-"));
const file = join(directory, "report.json");
const reporters = ["--reporter=default", "--reporter=./scripts/skipped-reporter.ts", "--reporter=json"];
const code = await run("vitest/vitest.mjs", ["run", ...reporters, `--outputFile.json=${file}`]);
const report = await readFile(file, "utf8").then(
  (text) => JSON.parse(text) as Report,
  () => undefined,
);
await rm(directory, { recursive: true, force: true });

const passed = report?.numPassedTests ?? 0;
const skipped = (report?.numPendingTests ?? 0) + (report?.numTodoTests ?? 0);
// A file that does not even load has no failed test of its own, and neither has an error outside of any test.
const unloadable = report?.testResults.filter(
  ({ status, assertionResults }) => status === "failed" && assertionResults.every((test) => test.status !== "failed"),
);
let failed = (report?.numFailedTests ?? 0) + (unloadable?.length ?? 0);
if (code !== 0 && failed === 0) failed = 1;
if (passed === 0 && failed === 0) failed = 1; // a run without tests proves nothing
failed += failedChecks.length;

for (const check of failedChecks) console.log(`\nFailed: ${check}, see above`);
console.log(`\n${passed} passed, ${failed} failed, ${skipped} skipped`);
process.exitCode = failed === 0 ? 0 : 1;

/** Runs a tool from node_modules on this Node, and resolves with its exit code. */
async function run(script: string, args: readonly string[]): Promise<number> {
  if (ending) return 1;
  running = spawn(process.execPath, [join("node_modules", script), ...args], {
    stdio: "inherit",
    // Specs set what they need themselves; a NODE_ENV=production around must not change what they see.
    env: { ...process.env, NODE_ENV: "test" },
  });
  const [exitCode] = (await once(running, "exit")) as [number | null];
  return exitCode ?? 1;
}

/** Ends what runs now and starts nothing more; the runner gets to stop its servers. */
function end(signal: NodeJS.Signals): void {
  ending = true;
  running?.kill(signal);
}
