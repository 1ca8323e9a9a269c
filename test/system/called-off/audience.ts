import { forEachOf } from "../../../src/commands/a-few-at-a-time.ts";
import type { HttpClient } from "../http-client.ts";
import { expectStatus, guests, type OnSale, organizer, reservationIdOf, reserve } from "../shop.ts";

/** An event that is going to be called off, and one that is not. */
export interface Programme {
  readonly eventId: string;
  /** The token of who put both on sale. */
  readonly organizer: string;
  readonly regular: OnSale;
  readonly balcony: OnSale;
  /** With as many tickets as `several` bookings take, so that it is sold out. */
  readonly vip: OnSale;
  readonly otherEvent: OnSale;
}

/** How many there are of each kind, beside all those who buy one ticket. */
export interface Audience {
  /** Bookings of two regular tickets and a VIP one. */
  readonly several: number;
  /** Bookings that also have two tickets of the other event. */
  readonly mixed: number;
  /** Bookings of three tickets, one of which was given back before. */
  readonly partlyReturned: number;
  /** Bookings of which the organizer gave a part of the price back before. */
  readonly goodwill: number;
  /** Purchases whose payment never comes. */
  readonly unpaid: number;
  readonly held: number;
  readonly waiting: number;
}

const AT_ONCE = 64;
const EUR = (amount: number) => ({ amount, currency: "EUR" });
/** What is held stays so until the event is called off. */
const HOLD_TTL_SECONDS = 7_200;

/** @param capacity of each ticket type but the VIP one */
export async function announce(client: HttpClient, capacity: number, vipCapacity: number): Promise<Programme> {
  const token = await organizer(client);
  const put = async (ticketTypes: readonly object[]) => {
    const body = { name: "Opening Night", holdTtlSeconds: HOLD_TTL_SECONDS, ticketTypes };
    const made = await expectStatus(201, client.call("POST", "/events", { token, body }));
    const { eventId, ticketTypes: types } = made.body as { eventId: string; ticketTypes: { ticketTypeId: string }[] };
    return types.map(({ ticketTypeId }) => ({ eventId, ticketTypeId }));
  };
  const [regular, balcony, vip] = (await put([
    { name: "Regular", capacity, price: EUR(4_500) },
    { name: "Balcony", capacity, price: EUR(3_100) },
    { name: "VIP", capacity: vipCapacity, price: EUR(14_900) },
  ])) as [OnSale, OnSale, OnSale];
  const [otherEvent] = (await put([{ name: "Regular", capacity, price: EUR(2_500) }])) as [OnSale];
  return { eventId: regular.eventId, organizer: token, regular, balcony, vip, otherEvent };
}

/** Has everybody come. @returns how many bookings are paid */
export async function admit(client: HttpClient, programme: Programme, audience: Audience): Promise<number> {
  const { regular, balcony, vip, otherEvent, organizer: organizersToken } = programme;
  const { several, mixed, partlyReturned, goodwill, unpaid, held, waiting } = audience;
  const tokens = await guests(client, Math.max(AT_ONCE, waiting));
  const each = (count: number, act: (token: string) => Promise<unknown>) =>
    forEachOf(tokensFor(count, tokens), AT_ONCE, async (token) => void (await act(token)));
  const hold = (sale: OnSale, token: string, quantity = 1) => held1(client, sale, token, quantity);

  await each(several, async (token) =>
    buy(client, await Promise.all([hold(regular, token, 2), hold(vip, token)]), token),
  );
  await each(mixed, async (token) =>
    buy(client, await Promise.all([hold(balcony, token), hold(otherEvent, token, 2)]), token),
  );
  await each(partlyReturned, async (token) => {
    const { bookingId, tickets } = await buy(client, [await hold(regular, token, 3)], token);
    const body = { ticketIds: [tickets[1]?.ticketId] };
    await expectStatus(200, client.call("POST", `/bookings/${bookingId}/cancel`, { token, body }));
  });
  await each(goodwill, async (token) => {
    const { bookingId } = await buy(client, [await hold(regular, token)], token);
    const call = { token: organizersToken, body: { amount: EUR(1_000) } };
    await expectStatus(201, client.call("POST", `/bookings/${bookingId}/refunds`, call));
  });
  await each(unpaid, async (token) => {
    const body = { reservationIds: [await hold(regular, token)], payment: { method: "sandbox-never" } };
    await expectStatus(202, client.call("POST", "/purchases", { token, body }));
  });
  await each(held, (token) => hold(balcony, token, 2));
  await each(waiting, (token) => {
    const body = { ticketTypeId: vip.ticketTypeId, quantity: 1 };
    return expectStatus(201, client.call("POST", `/events/${vip.eventId}/waitlist`, { token, body }));
  });
  return several + mixed + partlyReturned + goodwill;
}

/** So many who buy one ticket each. */
export async function buyOneEach(client: HttpClient, { regular }: Programme, count: number): Promise<void> {
  const tokens = await guests(client, AT_ONCE);
  await forEachOf(tokensFor(count, tokens), AT_ONCE, async (token) => {
    await buy(client, [await held1(client, regular, token, 1)], token);
  });
}

const tokensFor = (count: number, tokens: readonly string[]): readonly string[] =>
  Array.from({ length: count }, (_, index) => tokens[index % tokens.length] as string);

async function held1(client: HttpClient, sale: OnSale, token: string, quantity: number): Promise<string> {
  const reply = await expectStatus(201, reserve(client, sale, token, crypto.randomUUID(), quantity));
  return reservationIdOf(reply) as string;
}

interface Bought {
  readonly bookingId: string;
  readonly status: string;
  readonly tickets: readonly { readonly ticketId: string }[];
}

async function buy(client: HttpClient, reservationIds: readonly string[], token: string): Promise<Bought> {
  const body = { reservationIds, payment: { method: "sandbox-ok" } };
  const reply = await expectStatus(201, client.call("POST", "/purchases", { token, body }));
  const bought = reply.body as Bought;
  if (bought.status !== "PAID") throw new Error(`a purchase by sandbox-ok is ${bought.status}`);
  return bought;
}
