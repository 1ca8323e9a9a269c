// npm run audit: asks the registry for known vulnerabilities of what is installed, and fails on those that are high or
// critical and have a fix. What nobody has mended yet is listed and fails nothing: a build that is red for what its people
// can't change teaches them not to look. Where the registry can't be asked, that is said aloud and nothing fails: a machine
// without network runs the tests all the same.
//
// Plain JavaScript and no packages, as run.mjs.
import { spawn } from "node:child_process";
import { dirname } from "node:path";
import { fileURLToPath } from "node:url";

const FAILING = new Set(["high", "critical"]);
const WITHIN_MS = 60_000;

/**
 * What a report of `npm audit --json` comes to.
 * @returns `asked: false` with a reason, or the vulnerabilities, as lines, that have a fix and must be mended, and others
 */
export function judged(text) {
  let report;
  try {
    report = JSON.parse(text);
  } catch {
    return { asked: false, reason: text.trim().split("\n", 1)[0] || "no answer" };
  }
  if (typeof report?.vulnerabilities !== "object" || report.vulnerabilities === null) {
    return { asked: false, reason: report?.message ?? report?.error?.summary ?? "an answer of another kind" };
  }
  const lines = { toMend: [], known: [] };
  for (const { name, severity, fixAvailable, via, range } of Object.values(report.vulnerabilities)) {
    const titles = (via ?? []).flatMap((one) => (typeof one === "string" ? [] : [`${one.title} ${one.url}`]));
    const line = `${severity}: ${name} ${range}${titles.length > 0 ? ` (${titles.join("; ")})` : ""}`;
    const mend = FAILING.has(severity) && fixAvailable !== false && fixAvailable !== undefined;
    (mend ? lines.toMend : lines.known).push(line);
  }
  return { asked: true, ...lines };
}

async function main() {
  const outcome = judged(await report());
  if (!outcome.asked) {
    console.log(`NOT AUDITED: the registry can't be asked for advisories (${outcome.reason})`);
    return;
  }
  for (const line of outcome.known) console.log(`known, not failing: ${line}`);
  for (const line of outcome.toMend) console.log(`TO MEND, a fix is there: ${line}`);
  console.log(`audited: ${outcome.toMend.length} to mend, ${outcome.known.length} others`);
  if (outcome.toMend.length > 0) process.exitCode = 1;
}

/** What `npm audit` says on its way out; its exit code says less. Without an answer in time: empty. */
function report() {
  const npm = process.platform === "win32" ? "npm.cmd" : "npm";
  const root = dirname(dirname(fileURLToPath(import.meta.url)));
  const child = spawn(npm, ["audit", "--json", "--package-lock-only"], {
    cwd: root,
    stdio: ["ignore", "pipe", "ignore"],
  });
  const timer = setTimeout(() => child.kill("SIGKILL"), WITHIN_MS);
  return new Promise((resolve) => {
    let text = "";
    child.stdout.setEncoding("utf8").on("data", (chunk) => {
      text += chunk;
    });
    child.on("error", (error) => resolve(error.message));
    child.on("close", () => {
      clearTimeout(timer);
      resolve(text);
    });
  });
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await main();
