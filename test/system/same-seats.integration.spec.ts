import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, expect, it } from "vitest";
import { openPostgresEventStore } from "../../src/eventstore/postgres/index.ts";
import { freshDatabase } from "../support/postgres.ts";
import { createHttpClient, type HttpClient } from "./http-client.ts";
import { startProduct } from "./product.ts";
import { proveSale } from "./proof.ts";
import { codeOf, expectStatus, guests, type OnSale, organizer } from "./shop.ts";

const BUYERS = 1_000;
const SEATS = Array.from({ length: 10 }, (_, n) => `STALLS-A-${n + 1}`);
const FREE = "STALLS-A-11";
const CONNECTIONS = 64;

const cleanUp: (() => Promise<unknown> | unknown)[] = [];
afterEach(async () => {
  for (const undo of cleanUp.splice(0).toReversed()) await undo();
});

/** One row of twelve seats, of which all want the first ten. */
async function openRow(client: HttpClient): Promise<OnSale> {
  const token = await organizer(client);
  const seatMap = { sections: [{ name: "STALLS", rows: [{ name: "A", seats: "1-12" }] }] };
  const body = { name: "Opening Night", ticketTypes: [{ name: "Seat", seatMap }] };
  const { body: made } = await expectStatus(201, client.call("POST", "/events", { token, body }));
  const { eventId, ticketTypes } = made as { eventId: string; ticketTypes: { ticketTypeId: string }[] };
  return { eventId, ticketTypeId: ticketTypes[0]?.ticketTypeId as string };
}

it.each([1, 2])(
  "1,000 buyers at once for the same 10 seats, %i process(es): 10 win, the others learn which were taken",
  async (processes) => {
    const database = await freshDatabase();
    cleanUp.push(database.drop);
    const dataDir = await mkdtemp(join(tmpdir(), "boxoffice-same-seats-"));
    cleanUp.push(() => rm(dataDir, { recursive: true, force: true }));
    const clients: HttpClient[] = [];
    for (let number = 0; number < processes; number += 1) {
      const product = await startProduct({ databaseUrl: database.url, dataDir });
      cleanUp.push(() => product.stop());
      const client = createHttpClient(product.port, CONNECTIONS);
      cleanUp.push(client.close);
      clients.push(client);
    }
    const [client] = clients as [HttpClient];
    const sale = await openRow(client);
    const tokens = await guests(client, BUYERS);

    const reserve = (buyer: number, seats: readonly string[]) =>
      (clients[buyer % processes] as HttpClient).call("POST", `/events/${sale.eventId}/reservations`, {
        token: tokens[buyer] as string,
        body: { ticketTypeId: sale.ticketTypeId, seats },
      });
    const wished = (buyer: number) => SEATS[buyer % SEATS.length] as string;
    const replies = await Promise.all(tokens.map((_, buyer) => reserve(buyer, [wished(buyer)])));

    const won = replies.flatMap(({ status, body }) => (status === 201 ? (body as { seats: string[] }).seats : []));
    expect(won.toSorted()).toEqual(SEATS.toSorted());
    for (const [buyer, reply] of replies.entries()) {
      if (reply.status === 201) continue;
      expect([reply.status, codeOf(reply)]).toEqual([409, "seat-taken"]);
      expect((reply.body as { seats: string[] }).seats).toEqual([wished(buyer)]);
    }
    // All or none: what is free stays so, and only what is taken is named.
    const mixed = await reserve(0, [FREE, wished(1), wished(2)]);
    expect([mixed.status, (mixed.body as { seats: string[] }).seats]).toEqual([409, [wished(1), wished(2)]]);
    expect((await reserve(0, [FREE])).status).toBe(201);

    const store = await openPostgresEventStore({ connectionString: database.url });
    const proof = await proveSale(store, sale).finally(() => store.close());
    expect([proof.held, proof.mostHeld, proof.reservationIds.length]).toEqual([11, 11, 11]);
  },
);
