import { mkdtemp, readdir, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { jwtSecretIn } from "../../src/accounts/jwt-secret.ts";

let dir: string;
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), "boxoffice-secret-"));
});
afterEach(() => rm(dir, { recursive: true }));

it("is made once, also by several at once, for its owner only, and stays", async () => {
  const dataDir = join(dir, "not", "there", "yet");
  const secrets = await Promise.all(Array.from({ length: 8 }, () => jwtSecretIn(dataDir)));
  expect(new Set(secrets).size).toBe(1);
  expect(Buffer.from(secrets[0] ?? "", "base64url")).toHaveLength(32);
  expect(await jwtSecretIn(dataDir)).toBe(secrets[0]);
  expect(await readdir(dataDir)).toEqual(["jwt-secret"]);
  expect((await stat(join(dataDir, "jwt-secret"))).mode & 0o777).toBe(0o600);
});
