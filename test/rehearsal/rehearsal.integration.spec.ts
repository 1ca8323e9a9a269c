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

let runs = 0;

async function rehearsed(...options: readonly string[]) {
  runs += 1;
  const report = join(directory, `report-${runs}.html`);
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

it("one that is broken off while people wait is no success, and the rest of its verdict stands", {
  timeout: WITHIN_MS,
}, async () => {
  const { code, said, report } = await rehearsed("--buyers", "80", "--capacity", "20", "--within", "5");

  expect(code, said).toBe(1);
  expect(said).toMatch(/FAILED +buyers who were not done when it was broken off +[1-9]/);
  expect(said).toMatch(/ok +oversold +0/);
  expect(said).toMatch(/ok +told otherwise than it is on record +0/);
  expect(said).toContain("NOT as it has to be.");
  expect(report).toContain("Not as it has to be");
});

it.each([
  { option: "--buyers", value: "0", says: "--buyers takes a whole number from 1" },
  { option: "--within", value: "soon", says: "--within takes a whole number from 1" },
  { option: "--url", value: "localhost:3000", says: "--url takes the address of a node" },
  { option: "--url", value: "https://127.0.0.1", says: "--url takes the address of a node" },
  { option: "--url", value: "http://127.0.0.1:1", says: "It could not be held: connect ECONNREFUSED 127.0.0.1:1\n" },
])("$option $value ends with 1 and says why", { timeout: WITHIN_MS }, async ({ option, value, says }) => {
  const { code, said, report } = await rehearsed(option, value);
  expect(code, said).toBe(1);
  expect(said).toContain(says);
  expect(said).not.toContain("    at "); // no stack
  expect(report).toBeNull();
});
