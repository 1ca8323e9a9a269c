import { createServer, type Server, type Socket } from "node:net";
import { afterEach, beforeEach, expect, it } from "vitest";
import { openPool } from "../../src/postgres/pool.ts";

/** The messages of Postgres's protocol that a server sends to somebody whom it lets in and puts out at once. */
const LET_IN = Buffer.from([0x52, 0, 0, 0, 8, 0, 0, 0, 0]); // AuthenticationOk
const READY = Buffer.from([0x5a, 0, 0, 0, 5, 0x49]); // ReadyForQuery, idle
const fields = Buffer.from("SFATAL\0C57P01\0Mterminating connection due to administrator command\0\0");
const PUT_OUT = Buffer.concat([Buffer.from([0x45, 0, 0, 0, fields.length + 4]), fields]);

let server: Server;
let connectionString: string;

beforeEach(async () => {
  server = createServer((socket: Socket) => {
    socket.on("error", () => undefined);
    socket.once("data", () => socket.end(Buffer.concat([LET_IN, READY, PUT_OUT])));
  });
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
  const { port } = server.address() as { port: number };
  connectionString = `postgres://somebody@127.0.0.1:${port}/nothing`;
});
afterEach(() => new Promise((closed) => server.close(closed)));

it("a server that is shut down in the moment in which it lets somebody in fails the query, not the process", async () => {
  const unheard: unknown[] = [];
  const hear = (error: unknown) => unheard.push(error);
  process.on("uncaughtException", hear);
  const pool = openPool({ connectionString, name: "spec", max: 1 }, { warn: () => undefined });
  try {
    const client = await pool.connect();
    await expect(client.query("select 1")).rejects.toThrow();
    client.release(true);
    await new Promise(setImmediate);
    expect(unheard).toEqual([]);
  } finally {
    process.off("uncaughtException", hear);
    await pool.end();
  }
});
