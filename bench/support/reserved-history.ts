import { randomUUID } from "node:crypto";
import { openEventStore } from "../../src/eventstore/open.ts";
import { inventoryStream } from "../../src/eventstore/streams.ts";
import { createHttpClient } from "../../test/system/http-client.ts";
import type { Product } from "../../test/system/product.ts";
import { openSale } from "../../test/system/shop.ts";
import { rounded } from "./figures.ts";
import { LogWriter } from "./log-writer.ts";
import type { Bench } from "./part.ts";

/**
 * Reservations of one hot ticket type, and their releases, as the product would have recorded them, in the store that the
 * benchmark is of.
 * @param product opens the sale, and is stopped
 */
export async function writeReserved(
  { say, options }: Bench,
  product: Product,
  events: number,
  databaseUrl: string,
): Promise<void> {
  const client = createHttpClient(product.port, 1);
  const sale = await openSale(client, 1_000_000);
  client.close();
  await product.stop(60_000);
  const began = performance.now();
  const store = await openEventStore({ eventStoreUrl: options.eventStoreUrl, databaseUrl });
  const writer = await LogWriter.behind(store, inventoryStream(sale.eventId, sale.ticketTypeId));
  const atMs = Date.now();
  for (let written = 0; written < events; written += 2) {
    const [accountId, reservationId] = [randomUUID(), randomUUID()];
    const unitPrice = { amount: 4500, currency: "EUR" };
    const expiresAt = new Date(atMs + 3_600_000).toISOString();
    const data = { reservationId, accountId, quantity: 1, unitPrice, expiresAt };
    await writer.write({ type: "TicketsReserved", data }, { atMs, accountId, withKey: true });
    const release = { type: "ReservationReleased", data: { reservationId, quantity: 1 } } as const;
    await writer.write(release, { atMs, accountId, withKey: false });
  }
  await writer.done();
  await store.close();
  say(`${events} events written in ${rounded((performance.now() - began) / 1000)} s`);
}
