import { table } from "../../../bench/support/figures.ts";
import type { TortureResult } from "../run.ts";
import { type Figures, figuresOf, type Spread } from "./figures.ts";

/** Violations that are told of each kind; all are in the JSON file. */
const SHOWN = 5;

/** What a run came to, for people. @param command by which it is had again @param kept where logs and histories are; null: nowhere */
export function reportOf(result: TortureResult, command: string, kept: string | null): string {
  const figures = figuresOf(result);
  const { findings, counted, leftOut, refusedStarts, loggedErrors, seconds } = result;
  const parts = [
    `# Torture, seed ${result.seed}`,
    `\`${command}\``,
    table(summary(figures, seconds, refusedStarts)),
    "## Faults, and how long until everything worked again after those bouts",
    table([["fault", "times", "bouts", "p50", "p99", "most"], ...faultRows(figures)]),
    "## Commands",
    table([["command", "answered", "granted"], ...figures.commands.map((row) => row.map(String))]),
    "## Looked at",
    table([["what", "how many"], ...Object.entries(counted).map(([what, count]) => [what, String(count)])]),
  ];
  if (loggedErrors.size > 0) {
    parts.push("## Logged as errors", table([["line", "times"], ...[...loggedErrors].map(([l, n]) => [l, String(n)])]));
  }
  if (leftOut.length > 0) parts.push("## Left out", leftOut.map((line) => `- ${line}`).join("\n"));
  parts.push(`## Findings: ${figures.violations}`);
  for (const { what, violations } of findings) {
    const shown = violations.slice(0, SHOWN).map((one) => `- ${one.replaceAll("\n", "\n  ")}`);
    parts.push(`### ${what}: ${violations.length}`, shown.join("\n"));
  }
  if (kept !== null) parts.push(`Logs of the processes, histories and schedule: ${kept}`);
  return `${parts.join("\n\n")}\n`;
}

function summary(figures: Figures, seconds: TortureResult["seconds"], refusedStarts: number): string[][] {
  const { recovery } = figures;
  return [
    ["what", "how many"],
    ["kill -9", String(figures.kills)],
    ["other faults", String(figures.others)],
    ["attempts of clients", String(figures.asked)],
    ["of them without an answer that says something", String(figures.unknown)],
    ["bouts", String(recovery.count)],
    [
      "until everything worked again, p50 / p99 / most",
      `${of(recovery, "p50Ms")} / ${of(recovery, "p99Ms")} / ${of(recovery, "maxMs")}`,
    ],
    ["starts that were refused for want of something, and tried again", String(refusedStarts)],
    ["seconds under load, seconds of checking", `${seconds.load.toFixed(0)}, ${seconds.check.toFixed(0)}`],
  ];
}

const faultRows = ({ faults, recoveryByFault }: Figures): string[][] =>
  recoveryByFault.map(([name, times]) => [
    name,
    String(faults.find(([one]) => one === name)?.[1] ?? 0),
    String(times.count),
    of(times, "p50Ms"),
    of(times, "p99Ms"),
    of(times, "maxMs"),
  ]);

const of = (times: Spread, which: "p50Ms" | "p99Ms" | "maxMs"): string => {
  const ms = times[which];
  return ms === null ? "-" : `${(ms / 1_000).toFixed(1)} s`;
};
