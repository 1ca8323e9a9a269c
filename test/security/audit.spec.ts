import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { expect, it } from "vitest";
import { ROOT } from "../system/child.ts";

interface Judged {
  readonly asked: boolean;
  readonly reason?: string;
  readonly toMend?: readonly string[];
  readonly known?: readonly string[];
}
const script = join(ROOT, "scripts", "audit.mjs");
const { judged } = (await import(pathToFileURL(script).href)) as { judged: (text: string) => Judged };

/** As npm 11 writes it. */
const found = (name: string, severity: string, fixAvailable: unknown) => ({
  [name]: {
    name,
    severity,
    fixAvailable,
    range: "<2.0.0",
    via: [{ title: "it breaks", url: "https://example.org/1" }],
  },
});

it("fails on what is high or critical and has a fix, and on nothing else", () => {
  const vulnerabilities = {
    ...found("mended", "high", true),
    ...found("by-a-major", "critical", { name: "x", version: "3.0.0", isSemVerMajor: true }),
    ...found("unmended", "critical", false),
    ...found("small", "moderate", true),
  };
  const { asked, toMend, known } = judged(JSON.stringify({ vulnerabilities }));
  expect(asked).toBe(true);
  expect(toMend?.map((line) => line.split(" ")[1])).toEqual(["mended", "by-a-major"]);
  expect(known?.map((line) => line.split(" ")[1])).toEqual(["unmended", "small"]);
  expect(judged(JSON.stringify({ vulnerabilities: {} }))).toEqual({ asked: true, toMend: [], known: [] });
});

it.each([
  [
    "a registry that takes no such question",
    JSON.stringify({ message: "405 Method Not Allowed", statusCode: 405 }),
    "405 Method Not Allowed",
  ],
  ["no network", JSON.stringify({ error: { code: "ENOTFOUND", summary: "request failed" } }), "request failed"],
  ["no answer", "", "no answer"],
  ["something else", "<html>", "<html>"],
])("%s fails nothing and is told", (_, text, reason) => {
  expect(judged(text)).toEqual({ asked: false, reason });
});

it("says so and ends well where nobody answers", () => {
  const env = {
    ...process.env,
    npm_config_registry: "http://127.0.0.1:9/",
    npm_config_fetch_retries: "0",
    npm_config_fetch_timeout: "2000",
  };
  const { status, stdout } = spawnSync(process.execPath, [script], { env, encoding: "utf8" });
  expect([status, stdout]).toEqual([0, expect.stringMatching(/^NOT AUDITED: /)]);
});

it("is told by CI before the tests, whose last line stays what the tests came to", () => {
  const run = readFileSync(join(ROOT, ".ci", "run"), "utf8");
  expect(run.indexOf("npm run --silent audit")).toBeGreaterThan(0);
  expect(run.indexOf("npm run --silent audit")).toBeLessThan(run.indexOf("\nnpm test"));
});
