import { mkdtemp, readFile, rename, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, describe, expect, it, vi } from "vitest";
import { openPostgresEventStore } from "../../src/eventstore/postgres/index.ts";
import { launchChild } from "./child.ts";
import { createHttpClient, type HttpClient } from "./http-client.ts";
import { type Product, startProduct } from "./product.ts";
import { proveSale } from "./proof.ts";
import { expectStatus, guests, type OnSale, openSale, reservationIdOf, reserve } from "./shop.ts";

const CAPACITY = 100_000;
const BUYERS = 8;
const ENOUGH = { timeout: 60_000, interval: 20 };

const cleanUp: (() => Promise<unknown> | unknown)[] = [];
afterEach(async () => {
  for (const undo of cleanUp.splice(0).toReversed()) await undo();
});

describe("npm run backup", { timeout: 240_000 }, () => {
  it("copies a system that sells; lost and restored it has all that was sold before, and sells on", async () => {
    const folder = await mkdtemp(join(tmpdir(), "boxoffice-backup-"));
    cleanUp.push(() => rm(folder, { recursive: true, force: true }));
    const [dataDir, kept] = [join(folder, "data"), join(folder, "kept")];
    const first = await running(dataDir);
    const sale = await openSale(first.client, CAPACITY);
    const tokens = await guests(first.client, BUYERS);
    const paidBookingId = await bought(first.client, sale, tokens[0] as string);
    const selling = sell(first.client, sale, tokens);
    await vi.waitFor(() => expect(selling.acknowledged.length).toBeGreaterThan(200), ENOUGH);

    const before = [...selling.acknowledged];
    expect(await backup(dataDir, kept)).toMatchObject({ ended: 0 });
    const meanwhile = selling.acknowledged.length - before.length;
    await vi.waitFor(() => expect(selling.acknowledged.length).toBeGreaterThan(before.length + meanwhile + 50), ENOUGH);
    first.product.kill("SIGKILL");
    await first.product.ended;
    const all = await selling.broken;
    expect(meanwhile, "sales while it was copied").toBeGreaterThan(0);

    process.kill(Number.parseInt(await readFile(join(dataDir, "postgres", "postmaster.pid"), "utf8"), 10), "SIGKILL");
    // Its last processes may still write.
    await rm(dataDir, { recursive: true, force: true, maxRetries: 50, retryDelay: 100 });
    await rename(kept, dataDir);
    const second = await running(dataDir);
    const store = await openPostgresEventStore({ connectionString: await second.databaseUrl() });
    cleanUp.push(() => store.close());
    const proof = await proveSale(store, sale);
    const recorded = new Set(proof.reservationIds);
    expect(before.filter((id) => !recorded.has(id))).toEqual([]);
    expect(proof.reservationIds.length, "sold after the copy: that is lost").toBeLessThan(all.length);

    const booking = await expectStatus(
      200,
      second.client.call("GET", `/bookings/${paidBookingId}`, { token: tokens[0] as string }),
    );
    expect(booking.body, "secrets are the same: so are tokens and codes").toMatchObject({ status: "PAID" });
    await bought(second.client, sale, tokens[1] as string);
    expect((await proveSale(store, sale)).reservationIds).toHaveLength(proof.reservationIds.length + 1);
  });

  it("says why not, and leaves nothing behind", async () => {
    const folder = await mkdtemp(join(tmpdir(), "boxoffice-backup-"));
    cleanUp.push(() => rm(folder, { recursive: true, force: true }));
    expect(await backup(join(folder, "nowhere"), join(folder, "kept"))).toMatchObject({
      ended: 1,
      said: expect.stringContaining("nothing was ever started there"),
    });
    expect(await backup(folder, folder)).toMatchObject({ ended: 1, said: expect.stringContaining("is there already") });
  });
});

async function running(dataDir: string) {
  const product: Product = await startProduct({ databaseUrl: null, dataDir });
  cleanUp.push(() => product.stop(30_000));
  const client = createHttpClient(product.port, BUYERS);
  cleanUp.push(() => client.close());
  const databaseUrl = async () => (await readFile(join(dataDir, "database-url"), "utf8")).trim();
  return { product, client, databaseUrl };
}

async function backup(dataDir: string, target: string): Promise<{ ended: number | NodeJS.Signals; said: string }> {
  const env = { DATA_DIR: dataDir, DATABASE_URL: undefined, NODE_ENV: undefined };
  const child = launchChild({ program: "src/backup.ts", arguments: [target], env, saysReady: false });
  const ended = await child.ended;
  return { ended, said: child.output() };
}

async function bought(client: HttpClient, sale: OnSale, token: string): Promise<string> {
  const reply = await expectStatus(201, reserve(client, sale, token, crypto.randomUUID()));
  const body = { reservationIds: [reservationIdOf(reply)], payment: { method: "sandbox-ok" } };
  const purchase = await expectStatus(201, client.call("POST", "/purchases", { token, body }));
  return (purchase.body as { bookingId: string }).bookingId;
}

/** Buyers who reserve one ticket after another until nobody answers them any more. */
function sell(client: HttpClient, sale: OnSale, tokens: readonly string[]) {
  const acknowledged: string[] = [];
  const buyers = tokens.map(async (token) => {
    for (;;) {
      const reply = await reserve(client, sale, token, crypto.randomUUID()).catch(() => null);
      const id = reply === null ? null : reservationIdOf(reply);
      if (id === null) return;
      acknowledged.push(id);
    }
  });
  return { acknowledged: acknowledged as readonly string[], broken: Promise.all(buyers).then(() => acknowledged) };
}
