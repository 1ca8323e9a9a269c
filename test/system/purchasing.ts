import { expect } from "vitest";
import type { HttpClient, HttpReply } from "./http-client.ts";
import { expectStatus, guests, type OnSale, reservationIdOf, reserve } from "./shop.ts";

/** Who may move the clock: for the `env` of a product. */
export const ADMIN = { ADMIN_EMAIL: "root@example.org", ADMIN_PASSWORD: "correct horse battery" };

/** The parts of a booking that the specs look at. */
export interface BookingBody {
  readonly bookingId: string;
  readonly status: "PENDING_PAYMENT" | "PAID" | "DECLINED" | "TIMED_OUT" | "CANCELLED";
  readonly expiresAt: string;
  readonly total: { readonly amount: number };
  readonly payment: { readonly status: string; readonly clientSecret?: string };
  readonly tickets: readonly { readonly ticketId: string; readonly status: string }[];
}

export const bookingIn = ({ body }: HttpReply): BookingBody => body as BookingBody;

/** Asks to buy a reservation. */
export const purchase = (
  client: HttpClient,
  reservationId: string,
  method: string,
  token: string,
  key: string,
): Promise<HttpReply> =>
  client.call("POST", "/purchases", { token, key, body: { reservationIds: [reservationId], payment: { method } } });

/** A guest who has reserved tickets and asked to buy them. */
export interface Buyer {
  readonly token: string;
  readonly reservationId: string;
  readonly reply: HttpReply;
}

export async function buy(client: HttpClient, sale: OnSale, method: string, quantity = 1): Promise<Buyer> {
  const [token = ""] = await guests(client, 1);
  const reservationId = await reserved(client, sale, token, quantity);
  return { token, reservationId, reply: await purchase(client, reservationId, method, token, "buy") };
}

export async function reserved(client: HttpClient, sale: OnSale, token: string, quantity = 1): Promise<string> {
  const reply = await expectStatus(201, reserve(client, sale, token, `hold ${crypto.randomUUID()}`, quantity));
  return reservationIdOf(reply) as string;
}

/** The booking of a purchase as it is now. */
export async function bookingNow(client: HttpClient, { token, reply }: Buyer): Promise<BookingBody> {
  const path = `/bookings/${bookingIn(reply).bookingId}`;
  return bookingIn(await expectStatus(200, client.call("GET", path, { token })));
}

/**
 * Waits until the booking of a purchase has this status and its payment that one. A 503, which says to come again, is waited
 * out, too.
 * @returns it as it is then
 */
export async function becomes(client: HttpClient, buyer: Buyer, status: string, payment: string): Promise<BookingBody> {
  let seen = bookingIn(buyer.reply);
  const now = async () => {
    seen = await bookingNow(client, buyer);
    return [seen.status, seen.payment.status];
  };
  await expect.poll(now, { timeout: 30_000, interval: 100 }).toEqual([status, payment]);
  return seen;
}

/** Has the one clock go so much faster, as an administrator. @returns what it says then, and when that was here */
export async function advanceClock(client: HttpClient, seconds: number): Promise<{ nowMs: number; hereMs: number }> {
  const credentials = { email: ADMIN.ADMIN_EMAIL, password: ADMIN.ADMIN_PASSWORD };
  const session = await expectStatus(201, client.call("POST", "/sessions", { body: credentials }));
  const { token } = session.body as { token: string };
  const moved = await expectStatus(200, client.call("POST", "/sandbox/clock/advance", { token, body: { seconds } }));
  return { nowMs: Date.parse((moved.body as { now: string }).now), hereMs: Date.now() };
}

/** Counts of a sale as its page shows them. */
export async function countsOf(client: HttpClient, { eventId, ticketTypeId }: OnSale) {
  const reply = await expectStatus(200, client.call("GET", `/events/${eventId}/availability`));
  const { ticketTypes } = reply.body as { ticketTypes: ({ ticketTypeId: string } & Counts)[] };
  const { total, available, held, booked } = ticketTypes.find((one) => one.ticketTypeId === ticketTypeId) as Counts;
  return { total, available, held, booked };
}

interface Counts {
  readonly total: number;
  readonly available: number;
  readonly held: number;
  readonly booked: number;
}
