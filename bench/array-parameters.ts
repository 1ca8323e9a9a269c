/**
 * What it costs to hand Postgres the JSON of a commit, as arrays in the text format that `pg` makes and in the binary
 * format of the adapter; for `docs/decisions/postgres-event-order.md`:
 *
 *     DATABASE_URL=postgres://... npx node bench/array-parameters.ts
 *
 * Writes nothing. Prints time a commit of 64 events, and the client's share of processor time in it.
 */
import { randomUUID } from "node:crypto";
import pg from "pg";
import { textArray } from "../src/eventstore/postgres/array-parameters.ts";

const EVENTS = 64;
const COMMITS = 1500;
const ROUNDS = 3;

const texts = Array.from({ length: EVENTS }, () =>
  JSON.stringify(Object.fromEntries(Array.from({ length: 9 }, (_, field) => [`fieldOfAbout30${field}`, randomUUID()]))),
);
const byteLength = texts.reduce((sum, text) => sum + Buffer.byteLength(text), 0);

const connectionString = process.env.DATABASE_URL;
if (connectionString === undefined) throw new Error("DATABASE_URL names the database to measure in");
const client = new pg.Client({ connectionString });
await client.connect();
const formats = { text: () => texts, binary: () => textArray("json", texts, byteLength) };
for (let round = 0; round < ROUNDS; round++) {
  for (const [name, parameter] of Object.entries(formats)) {
    const [from, processor] = [performance.now(), process.cpuUsage()];
    for (let commit = 0; commit < COMMITS; commit++) {
      await client.query({ name: "take", text: "select cardinality($1::json[])", values: [parameter()] });
    }
    const { user, system } = process.cpuUsage(processor);
    const us = (total: number): string => `${Math.round(total / COMMITS)} us`;
    const wall = (performance.now() - from) * 1000;
    console.log(`${name.padEnd(8)} ${us(wall)} a commit of ${byteLength} bytes, client ${us(user + system)}`);
  }
}
await client.end();
