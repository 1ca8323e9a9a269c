import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, expect, it } from "vitest";
import { openPostgresEventStore } from "../../src/eventstore/postgres/index.ts";
import { freshDatabase } from "../support/postgres.ts";
import { keepingContract } from "./contract-client.ts";
import { createHttpClient, type HttpClient } from "./http-client.ts";
import { startProduct } from "./product.ts";
import { proveSale } from "./proof.ts";
import { guests, type OnSale, openSale, reservationIdOf, reserve } from "./shop.ts";

const BUYERS = 32;
const BEFORE_THE_SIGNAL = 200;
const CONNECTION_ENDED = new Set(["ECONNREFUSED", "ECONNRESET", "EPIPE"]);

const cleanUp: (() => Promise<unknown> | unknown)[] = [];
afterEach(async () => {
  for (const undo of cleanUp.splice(0).toReversed()) await undo();
});

it("SIGTERM in mid-load: what is under way is answered, and every 201 that was sent is in the log", async () => {
  const database = await freshDatabase();
  cleanUp.push(() => database.drop());
  const dataDir = await mkdtemp(join(tmpdir(), "boxoffice-system-"));
  cleanUp.push(() => rm(dataDir, { recursive: true, force: true }));
  const product = await startProduct({ databaseUrl: database.url, dataDir });
  cleanUp.push(() => product.stop());
  const client = await keepingContract(createHttpClient(product.port, BUYERS));
  cleanUp.push(() => client.close());
  const sale = await openSale(client, 1_000_000);

  const crowd = new Crowd(client, sale);
  const buying = (await guests(client, BUYERS)).map((token) => crowd.buy(token));
  await crowd.has(BEFORE_THE_SIGNAL);
  product.kill("SIGTERM");
  await Promise.all(buying);

  expect(await product.ended).toBe(0);
  expect(crowd.surprises).toEqual([]);
  const store = await openPostgresEventStore({ connectionString: database.url });
  cleanUp.push(() => store.close());
  const { reservationIds } = await proveSale(store, sale);
  // Both ways: none that was answered is missing, and none that was recorded went without its answer.
  expect(reservationIds.toSorted()).toEqual(crowd.acknowledged.toSorted());
});

/** Buyers who go on until the server takes no more requests. */
class Crowd {
  readonly acknowledged: string[] = [];
  /** Anything but a 201 or a connection that the server takes no more. */
  readonly surprises: string[] = [];
  readonly #client: HttpClient;
  readonly #sale: OnSale;
  #wanted = Number.POSITIVE_INFINITY;
  readonly #reached = Promise.withResolvers<void>();

  constructor(client: HttpClient, sale: OnSale) {
    this.#client = client;
    this.#sale = sale;
  }

  /** Resolves when so many were acknowledged. */
  has(count: number): Promise<void> {
    this.#wanted = count;
    return this.#reached.promise;
  }

  async buy(token: string): Promise<void> {
    for (let number = 1; ; number += 1) {
      try {
        const reply = await reserve(this.#client, this.#sale, token, `key ${number}`);
        const id = reservationIdOf(reply);
        if (id === null) throw new Error(`${reply.status} ${JSON.stringify(reply.body)}`);
        this.acknowledged.push(id);
        if (this.acknowledged.length >= this.#wanted) this.#reached.resolve();
      } catch (error) {
        // An idle connection may be ended in the instant that the next request goes out on it: that one was not heard.
        const ended = CONNECTION_ENDED.has((error as NodeJS.ErrnoException).code ?? "");
        if (!ended) this.surprises.push(String(error));
        return;
      }
    }
  }
}
