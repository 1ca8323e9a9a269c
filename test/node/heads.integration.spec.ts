import { generateKeyPairSync } from "node:crypto";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import pg from "pg";
import { afterAll, beforeAll, expect, it, vi } from "vitest";
import { prepareCommands } from "../../src/commands/prepare.ts";
import { ConfigError } from "../../src/config.ts";
import { openSigningKey } from "../../src/node/heads.ts";
import { keyIdOf } from "../../src/verifier/key-files.ts";
import { type Database, freshDatabase } from "../support/postgres.ts";

let database: Database;
let pool: pg.Pool;
let dir: string;
beforeAll(async () => {
  database = await freshDatabase();
  pool = new pg.Pool({ connectionString: database.url, max: 2 });
  pool.on("error", () => {}); // a connection that is still closing when its database is dropped
  await prepareCommands(pool);
  dir = await mkdtemp(join(tmpdir(), "boxoffice-key-"));
});
afterAll(async () => {
  await pool?.end();
  await database?.drop();
  await rm(dir, { recursive: true, force: true });
});

const log = { info: vi.fn(), warn: vi.fn(), error: vi.fn() };
const open = (headSigningKey: string | null, production = false) =>
  openSigningKey({ headSigningKey, production }, pool, log);

it("the key that heads are signed with is the setting's, as a PEM or in a file", async () => {
  const { privateKey, publicKey } = generateKeyPairSync("ed25519");
  const pem = privateKey.export({ type: "pkcs8", format: "pem" }).toString();
  const path = join(dir, "key.pem");
  await writeFile(path, pem);
  for (const setting of [pem, pem.replaceAll("\n", "\\n"), path]) {
    expect((await open(setting, true)).jwk.kid).toBe(keyIdOf(publicKey));
  }
  expect(log.warn).not.toHaveBeenCalled();
});

it("without a setting it is made once and kept, which in production is warned of", async () => {
  expect((await open(null)).jwk).toEqual((await open(null)).jwk);
  expect(log.warn).not.toHaveBeenCalled();
  await open(null, true);
  expect(log.warn).toHaveBeenCalledWith({}, expect.stringContaining("HEAD_SIGNING_KEY"));
});

it("what is none is told with the name of the setting, and without what is in it", async () => {
  const rsa = generateKeyPairSync("rsa", { modulusLength: 2048 }).privateKey.export({ type: "pkcs8", format: "pem" });
  for (const setting of ["/there/is/no/such/file", String(rsa), "-----BEGIN PRIVATE KEY-----\nAAAA"]) {
    const error = await open(setting).catch((one: unknown) => one);
    expect(error).toBeInstanceOf(ConfigError);
    expect(String(error)).toMatch(/HEAD_SIGNING_KEY takes an Ed25519 private key/);
    expect(String(error)).not.toContain("AAAA");
  }
});
