import { randomUUID } from "node:crypto";
import { setTimeout as pause } from "node:timers/promises";
import { createHttpClient, type HttpClient, type HttpReply } from "../../test/system/http-client.ts";
import { codeOf, guests, type OnSale, openSales, reservationIdOf, reserve } from "../../test/system/shop.ts";

const EVENTS = 20;
const CAPACITY = 2_000;
/** One with so few tickets that a waitlist forms. */
const SCARCE = 5;
const BUYERS = 64;

/** What one buyer does once; answers how many requests that were. */
type Deed = (token: string) => Promise<number>;

/** A sale of every kind: reserving, buying, giving back, carts, waiting, reading and searching. */
export interface MixedLoad {
  /** What listeners can watch. */
  readonly sale: OnSale;
  /** Answers of 5xx by status and code, and requests without an answer, since the beginning. */
  readonly failures: Readonly<Record<string, number>>;
  /** @param deedsPerSecond null: as many as can be done */
  run(seconds: number, deedsPerSecond: number | null): Promise<{ deeds: number; requests: number; failed: number }>;
  close(): void;
}

export async function openMixedLoad(port: number): Promise<MixedLoad> {
  const client = createHttpClient(port, BUYERS);
  const sales = await openSales(client, EVENTS, 1, CAPACITY);
  const [scarce] = (await openSales(client, 1, 1, SCARCE)) as [OnSale];
  const tokens = await guests(client, BUYERS);
  let failed = 0;
  const failures: Record<string, number> = {};
  const deeds = deedsOf(client, sales, scarce, (how) => {
    failed += 1;
    failures[how] = (failures[how] ?? 0) + 1;
  });
  let turn = 0;
  return {
    sale: sales[0] as OnSale,
    failures,
    async run(seconds, deedsPerSecond) {
      const counted = { deeds: 0, requests: 0, failed: -failed };
      const begun = performance.now();
      const over = () => performance.now() - begun > seconds * 1_000;
      let next = 0;
      await Promise.all(
        tokens.map(async (token) => {
          while (!over()) {
            const deed = deeds[turn++ % deeds.length] as Deed;
            if (deedsPerSecond !== null) {
              const dueMs = (next++ * 1_000) / deedsPerSecond;
              if (dueMs > seconds * 1_000) return;
              await pause(Math.max(0, begun + dueMs - performance.now()));
            }
            const requests = await deed(token); // not `+= await`: that would add to what it was before
            counted.requests += requests;
            counted.deeds += 1;
          }
        }),
      );
      return { ...counted, failed: counted.failed + failed };
    },
    close: () => client.close(),
  };
}

/** By turns, so that each run is the same mixture. What is refused (sold out, waiting already) is an answer; 5xx is a failure. */
function deedsOf(
  client: HttpClient,
  sales: readonly OnSale[],
  scarce: OnSale,
  onFailed: (how: string) => void,
): readonly Deed[] {
  const asked = async (sent: Promise<HttpReply>): Promise<HttpReply | null> => {
    const reply = await sent.catch(() => null);
    if (reply === null) onFailed("no answer");
    else if (reply.status >= 500) onFailed(`${reply.status} ${codeOf(reply)}`);
    return reply;
  };
  let number = 0;
  const some = (): OnSale => sales[number++ % sales.length] as OnSale;
  const reserved = async (token: string, sale = some()) => {
    const reply = await asked(reserve(client, sale, token, randomUUID()));
    return reply === null ? null : reservationIdOf(reply);
  };
  const read: Deed = async () => {
    await asked(client.call("GET", `/events/${some().eventId}`));
    return 1;
  };
  const search: Deed = async () => {
    await asked(client.call("GET", "/events/search?keyword=opening"));
    return 1;
  };
  const release: Deed = async (token) => {
    const id = await reserved(token);
    if (id !== null) await asked(client.call("DELETE", `/reservations/${id}`, { token }));
    return 2;
  };
  const buyAndCancel: Deed = async (token) => {
    const id = await reserved(token);
    const body = { reservationIds: [id], payment: { method: "sandbox-ok" } };
    const bought = await asked(client.call("POST", "/purchases", { token, key: randomUUID(), body }));
    const { bookingId } = (bought?.body ?? {}) as { bookingId?: string };
    if (bookingId === undefined) return 2;
    await asked(client.call("GET", `/bookings/${bookingId}`, { token }));
    await asked(client.call("POST", `/bookings/${bookingId}/cancel`, { token, key: randomUUID(), body: {} }));
    return 4;
  };
  const cart: Deed = async (token) => {
    const { eventId, ticketTypeId } = some();
    const body = { eventId, quantity: 2 };
    await asked(client.call("PUT", `/cart/items/${ticketTypeId}`, { token, body }));
    await asked(client.call("GET", "/cart", { token }));
    await asked(client.call("DELETE", "/cart", { token }));
    return 3;
  };
  const wait: Deed = async (token) => {
    const id = await reserved(token, scarce);
    const body = { ticketTypeId: scarce.ticketTypeId, quantity: 1 };
    const joined = await asked(client.call("POST", `/events/${scarce.eventId}/waitlist`, { token, body }));
    const { entryId } = (joined?.body ?? {}) as { entryId?: string };
    if (entryId !== undefined) await asked(client.call("DELETE", `/waitlist/${entryId}`, { token }));
    if (id !== null) await asked(client.call("DELETE", `/reservations/${id}`, { token }));
    return 4;
  };
  const mine: Deed = async (token) => {
    await asked(client.call("GET", "/reservations?limit=20", { token }));
    return 1;
  };
  return [read, release, read, buyAndCancel, search, release, cart, read, wait, release, mine, read];
}
