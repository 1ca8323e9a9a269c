import { readdirSync, readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { catalogue, isProblemCode } from "../../src/api/problems/catalogue.ts";
import { refusal } from "../../src/api/problems/problem.ts";
import { refuse } from "../../src/domain/decision.ts";

const sources = (folder: string): string[] => {
  const directory = new URL(`../../src/${folder}/`, import.meta.url);
  return readdirSync(directory, { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".ts"))
    .map((name) => readFileSync(new URL(name, directory), "utf8"));
};

it("has every refusal of the domain, the commands and the accounts", () => {
  const codes = ["domain", "commands", "accounts"]
    .flatMap(sources)
    .flatMap((source) => [...source.matchAll(/refuse\(\s*"([^"]+)"/g)].map((match) => match[1] ?? ""));
  expect(codes.length).toBeGreaterThan(15);
  expect([...new Set(codes)].filter((code) => !isProblemCode(code))).toEqual([]);
});

it("has codes in kebab case, each with a status, a title and an explanation that is a sentence", () => {
  for (const [code, { status, title, explanation }] of Object.entries(catalogue)) {
    expect(code).toMatch(/^[a-z]+(-[a-z]+)*$/);
    expect(status).toBeGreaterThanOrEqual(400);
    expect(title).not.toMatch(/\.$/);
    expect(explanation).toMatch(/^[A-Z`].*\.$/);
  }
});

it("tells when to come again, where a command could not be done just now", () => {
  expect(refusal(refuse("busy")).details.retryAfterSeconds).toBe(1);
  expect(refusal(refuse("sold-out")).details.retryAfterSeconds).toBeUndefined();
});
