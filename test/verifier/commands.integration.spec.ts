import { spawn } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { text } from "node:stream/consumers";
import pg from "pg";
import { afterAll, beforeAll, expect, it } from "vitest";
import { type NodeUnderTest, startNode } from "../api/events-node.ts";
import { openShop } from "../api/reservations-shop.ts";
import { signHeads } from "../support/signed-heads.ts";

const ROOT = dirname(dirname(import.meta.dirname));

let node: NodeUnderTest;
let dir: string;
let lines: string[];
beforeAll(async () => {
  node = await startNode();
  dir = await mkdtemp(join(tmpdir(), "boxoffice-verifier-"));
  const shop = openShop(node, await node.signUp());
  const onSale = await shop.onSale();
  for (let n = 0; n < 3; n += 1) await shop.reserved(onSale, await node.guest());
  await signHeads(node.databaseUrl);
  const { token } = await node.admin();
  lines = (await node.call("GET", "/audit/export", { token })).body.trimEnd().split("\n");
  await writeFile(join(dir, "head.json"), (await node.call("GET", "/audit/heads/latest")).body);
  await writeFile(join(dir, "keys.json"), (await node.call("GET", "/audit/heads/keys")).body);
});
afterAll(async () => {
  await node?.close();
  await rm(dir, { recursive: true, force: true });
});

async function run(program: string, args: readonly string[], env: NodeJS.ProcessEnv = {}) {
  const child = spawn(process.execPath, [program, ...args], { cwd: ROOT, env: { ...process.env, ...env } });
  const ended = new Promise<number | null>((resolve) => child.on("exit", resolve));
  const [said, complained, code] = await Promise.all([text(child.stdout), text(child.stderr), ended]);
  return { code, said: said + complained };
}

async function verifyExport(exported: readonly string[]) {
  const file = join(dir, "export.ndjson");
  await writeFile(file, `${exported.join("\n")}\n`);
  const [key, head] = [join(dir, "keys.json"), join(dir, "head.json")];
  return run("src/verify-export.ts", [file, "--key", key, "--head", head]);
}

it("npm run verify-export: an export of this very node agrees with the head and the keys that it publishes", async () => {
  const { code, said } = await verifyExport(lines);
  expect(said).toContain(`${lines.length} events`);
  expect(said).toContain("1 signed heads agree; 0 findings");
  expect(code).toBe(0);
});

it("and ends with 1 where something was changed or cut off, with 2 where it cannot be done", async () => {
  const changed = lines.map((line, n) =>
    n === lines.length - 1 ? line.replace('"quantity":1', '"quantity":2') : line,
  );
  expect(changed).not.toEqual(lines);
  expect(await verifyExport(changed)).toMatchObject({ code: 1, said: expect.stringContaining("was changed") });
  expect(await verifyExport(lines.slice(0, -1))).toMatchObject({ code: 1, said: expect.stringContaining("was cut") });
  expect((await run("src/verify-export.ts", [])).code).toBe(2);
});

it("npm run verify: finds nothing, then what was changed in the database", async () => {
  const env = { DATABASE_URL: node.databaseUrl };
  expect(await run("src/verify.ts", [], env)).toMatchObject({
    code: 0,
    said: expect.stringMatching(/nothing was found[\s\S]*they are what the log gives/),
  });
  const pool = new pg.Pool({ connectionString: node.databaseUrl, max: 1 });
  await pool.query("update eventstore.events set type = 'ListingPaused' where type = 'ListingCreated'");
  await pool.end();
  const found = await run("src/verify.ts", ["--log-only"], env);
  expect(found).toMatchObject({ code: 1, said: expect.stringContaining("head-differs: position") });
  expect((await run("src/verify.ts", [], { DATABASE_URL: undefined })).code).toBe(2);
}, 60_000);
