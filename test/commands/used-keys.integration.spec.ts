import type pg from "pg";
import { afterAll, beforeAll, expect, it } from "vitest";
import { KEY_WINDOW_MS } from "../../src/commands/key-window.ts";
import { KeyReused } from "../../src/commands/outcome.ts";
import { postgresUsedKeys, type UsedKeys } from "../../src/commands/used-keys.ts";
import { preparedDatabase } from "./prepared-database.ts";

let pool: pg.Pool;
let keys: UsedKeys;
let nowMs = Date.UTC(2027, 0, 1);
let close: () => Promise<void>;
beforeAll(async () => {
  ({ pool, close } = await preparedDatabase(4));
  keys = postgresUsedKeys(pool, { nowMs: () => nowMs });
});
afterAll(() => close?.());

const count = async () => (await pool.query("select count(*)::int as n from commands.used_keys")).rows[0].n;

it("a key that was used for this is known for a day, and refused for something else", async () => {
  const key = { keyHash: "k", bodyHash: "this" };
  expect(await keys.isUsed(key)).toBe(false);
  await keys.use(key);
  expect(await keys.isUsed(key)).toBe(true);
  await expect(keys.isUsed({ ...key, bodyHash: "that" })).rejects.toThrow(KeyReused);
  expect(await keys.isUsed({ ...key, keyHash: "another" })).toBe(false);

  nowMs += KEY_WINDOW_MS;
  expect(await keys.isUsed({ ...key, bodyHash: "that" })).toBe(false);
  await keys.use({ ...key, bodyHash: "that" });
  await expect(keys.isUsed(key)).rejects.toThrow(KeyReused);
});

it("of two who use a key at once, the first counts", async () => {
  await Promise.all([1, 2, 3].map((n) => keys.use({ keyHash: "race", bodyHash: String(n) })));
  const known = await Promise.allSettled([1, 2, 3].map((n) => keys.isUsed({ keyHash: "race", bodyHash: String(n) })));
  expect(known.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
});

it("no more are kept than those of a day", async () => {
  for (let n = 0; n < 20; n += 1) await keys.use({ keyHash: `old ${n}`, bodyHash: "" });
  const before = await count();
  nowMs += KEY_WINDOW_MS;
  for (let n = 0; n < before; n += 1) await keys.use({ keyHash: `new ${n}`, bodyHash: "" });
  expect(await count()).toBe(before);
});
