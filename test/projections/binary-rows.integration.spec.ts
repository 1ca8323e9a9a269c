import type pg from "pg";
import { from as copyFrom } from "pg-copy-streams";
import { afterAll, beforeAll, expect, it } from "vitest";
import { BinaryRows } from "../../src/projections/binary-rows.ts";
import { readModelDatabase } from "./given.ts";

let database: Awaited<ReturnType<typeof readModelDatabase>>;
let client: pg.PoolClient;
beforeAll(async () => {
  database = await readModelDatabase([]);
  client = await database.pool.connect();
});
afterAll(async () => {
  client?.release();
  await database?.[Symbol.asyncDispose]();
});

it.each([0n, 1n, 9_999n, 10_000n, 10_001_000_000n, 2n ** 64n, 2n ** 128n - 1n])(
  "a numeric is what it was: %s",
  async (value) => expect(await copied("numeric(39, 0)", (rows) => rows.numeric(value))).toBe(value.toString()),
);

it.each([{}, { a: [1, '\u{1f39f} \\ "', null] }, "text"])("JSON is what it was: %j", async (value) =>
  expect(await copied("jsonb", (rows) => rows.jsonb(JSON.stringify(value)))).toEqual(value),
);

/** One value, copied into a column of this type and read again. */
async function copied(type: string, write: (rows: BinaryRows) => BinaryRows): Promise<unknown> {
  await client.query(`drop table if exists copied; create table copied (value ${type})`);
  const rows = write(new BinaryRows(1).row(1)).finish();
  const stream = client.query(copyFrom("copy copied from stdin with (format binary)"));
  await new Promise((resolve, reject) => stream.on("finish", resolve).on("error", reject).end(rows));
  return (await client.query<{ value: unknown }>("select value from copied")).rows[0]?.value;
}
