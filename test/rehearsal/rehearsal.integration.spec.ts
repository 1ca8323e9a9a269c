import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { launchChild } from "../system/child.ts";

const BUYERS = 300;
const CAPACITY = 60;
/** Two minutes of it are those for which a ticket is kept for somebody who came and went away. */
const WITHIN_MS = 600_000;

let directory: string;
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), "boxoffice-rehearsal-spec-"));
});
afterAll(() => rm(directory, { recursive: true, force: true }));

async function rehearsed(...options: readonly string[]) {
  const report = join(directory, "report.html");
  let said = "";
  const child = launchChild({
    program: "bench/rehearse.ts",
    arguments: ["--report", report, ...options],
    env: {},
    saysReady: false,
    onOutput: (text) => {
      said += text;
    },
  });
  const code = await child.ended;
  return { code, said, report: await readFile(report, "utf8").catch(() => null) };
}

const countIn = (said: string, name: string): number =>
  Number(new RegExp(`^ +${name} +([\\d,]+)$`, "m").exec(said)?.[1]?.replaceAll(",", "") ?? 0);

it("a few hundred buyers for sixty seats: started, held and judged by the command", {
  timeout: WITHIN_MS,
}, async () => {
  const sizes = ["--buyers", `${BUYERS}`, "--capacity", `${CAPACITY}`, "--seats", "--seed", "rehearsal spec"];
  const { code, said, report } = await rehearsed(...sizes);

  expect(code, said).toBe(0);
  expect(said).toContain("All as it has to be.");
  expect(said).not.toContain("FAILED");
  expect(said).toMatch(/sold +60 of 60 tickets/);
  // A crowd that does nothing would prove nothing.
  const bought = countIn(said, "bought");
  const toldInLine = countIn(said, "told in the line that all are gone");
  expect(bought).toBeGreaterThan(15);
  expect(toldInLine).toBeGreaterThan(BUYERS / 2);
  expect(countIn(said, "left the line")).toBeGreaterThan(5);
  expect(report).toContain("All as it has to be");
  expect(report?.match(/<svg/g)).toHaveLength(7);
  expect(report).not.toMatch(/(?:src|href)=|url\(|@import/);
});

it("takes no sizes that make no sense", { timeout: WITHIN_MS }, async () => {
  const { code, said } = await rehearsed("--buyers", "0");
  expect(code).toBe(1);
  expect(said).toContain("--buyers takes a whole number from 1");
});
