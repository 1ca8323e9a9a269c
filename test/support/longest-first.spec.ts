import { existsSync } from "node:fs";
import { expect, it } from "vitest";
import { LONGEST } from "./longest-first.ts";

it.each(LONGEST)("%s, which begins first, is there", (path) => {
  expect(existsSync(path)).toBe(true);
});
