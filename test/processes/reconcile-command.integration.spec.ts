import { execFile } from "node:child_process";
import { randomUUID } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, it } from "vitest";
import { providerBy } from "../../src/node/payments.ts";
import { startSandbox } from "../../src/payments/sandbox/start-sandbox.ts";
import { type NodeUnderTest, startNode } from "../api/events-node.ts";
import { openShop } from "../api/reservations-shop.ts";
import { silent } from "../projections/given.ts";

let node: NodeUnderTest;
let dataDir: string;
beforeAll(async () => {
  dataDir = await mkdtemp(join(tmpdir(), "boxoffice-reconcile-"));
  node = await startNode({ openProvider: providerBy({ payments: { provider: "sandbox", remote: null }, dataDir }) });
});
afterAll(async () => {
  await node.close();
  await rm(dataDir, { recursive: true, force: true });
});

/** The command with the settings of the node that runs. @returns what it prints, line by line */
async function command(args: readonly string[] = [], more: Readonly<Record<string, string>> = {}) {
  const env = { PATH: process.env.PATH, DATABASE_URL: node.databaseUrl, DATA_DIR: dataDir, ...more };
  const { stdout } = await promisify(execFile)(process.execPath, ["src/reconcile.ts", ...args], { env });
  return stdout.trimEnd().split("\n");
}

it("holds charges against bookings beside a node that runs, gives back, and prints what it found", async () => {
  const organizer = await node.signUp();
  const shop = openShop(node, organizer);
  const price = { amount: 4_500, currency: "EUR" };
  const sale = await shop.onSale({ ticketTypes: [{ name: "Regular", capacity: 10, price }] });
  const { id } = await shop.reserved(sale, organizer);
  const body = { reservationIds: [id], payment: { method: "sandbox-ok" } };
  const bought = await node.call("POST", "/purchases", { token: organizer.token, body });
  expect(bought.statusCode, bought.body).toBe(201);
  expect(await command()).toEqual(["1 charges, 1 paid bookings: they agree"]);

  const sandbox = await startSandbox({ dataDir, remote: null, clockOffsetMs: () => 0, log: silent });
  const { provider } = sandbox;
  const [attemptId, bookingId] = [randomUUID(), randomUUID()];
  const deadline = new Date(Date.now() + 900_000).toISOString();
  await provider.authorize({ attemptId, bookingId, amount: price, method: "sandbox-charge", deadline });
  expect(await command(["--hours", "1"])).toEqual([
    `refunded charge-without-booking  booking ${bookingId} attempt ${attemptId}`,
    "2 charges, 1 paid bookings: 1 differences, 0 of them need somebody",
  ]);
  expect(await provider.lookUp(attemptId)).toMatchObject({ status: "captured", refundedMinor: 4_500 });
  expect(await command()).toEqual(["2 charges, 1 paid bookings: they agree"]);
  await sandbox.close();
});

it("says in one line what it can't do", async () => {
  await expect(command(["--hours", "soon"])).rejects.toMatchObject({
    stderr: "--hours takes a whole number from 1 to 8784\n",
  });
  await expect(command([], { DATABASE_URL: "" })).rejects.toMatchObject({
    stderr: "DATABASE_URL is not set: the Postgres of the read models\n",
  });
  await expect(command([], { PAYMENT_PROVIDER: "stripe" })).rejects.toMatchObject({
    stderr: expect.stringMatching(/^STRIPE_SECRET_KEY takes [^\n]*\n$/),
  });
});
