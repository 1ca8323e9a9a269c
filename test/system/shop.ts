import type { HttpClient, HttpReply } from "./http-client.ts";

/** A ticket type that is on sale. */
export interface OnSale {
  readonly eventId: string;
  readonly ticketTypeId: string;
}

const PASSWORD = "a long enough password";

/** Signs an organizer up, who opens an event with one ticket type. */
export async function openSale(client: HttpClient, capacity: number, maxPerOrder = 100): Promise<OnSale> {
  const [sale] = await openEvent(client, await organizer(client), [{ capacity, maxPerOrder }]);
  return sale as OnSale;
}

/** Signs an organizer up, who opens so many events with so many ticket types each. */
export async function openSales(
  client: HttpClient,
  events: number,
  ticketTypesEach: number,
  capacity = 1_000,
): Promise<OnSale[]> {
  const token = await organizer(client);
  const ticketTypes = Array.from({ length: ticketTypesEach }, () => ({ capacity, maxPerOrder: 100 }));
  const sales: OnSale[] = [];
  for (let event = 1; event <= events; event += 1) sales.push(...(await openEvent(client, token, ticketTypes)));
  return sales;
}

/** @returns the token of a new account */
export async function organizer(client: HttpClient): Promise<string> {
  const email = `organizer-${crypto.randomUUID()}@example.org`;
  await expectStatus(201, client.call("POST", "/accounts", { body: { email, password: PASSWORD, name: "Ada" } }));
  const session = await expectStatus(201, client.call("POST", "/sessions", { body: { email, password: PASSWORD } }));
  return (session.body as { token: string }).token;
}

/** Opens an event of this organizer with these ticket types. */
export async function openEvent(
  client: HttpClient,
  token: string,
  wanted: readonly { readonly capacity: number; readonly maxPerOrder: number }[],
): Promise<OnSale[]> {
  const price = { amount: 4500, currency: "EUR" };
  const wish = wanted.map((ticketType, index) => ({ ...ticketType, name: `Regular ${index + 1}`, price }));
  const event = { name: "Opening Night", holdTtlSeconds: 3_600, ticketTypes: wish };
  const made = await expectStatus(201, client.call("POST", "/events", { token, body: event }));
  const { eventId, ticketTypes } = made.body as { eventId: string; ticketTypes: { ticketTypeId: string }[] };
  return ticketTypes.map(({ ticketTypeId }) => ({ eventId, ticketTypeId }));
}

/** Tokens of so many guests, each another person. */
export async function guests(client: HttpClient, count: number): Promise<readonly string[]> {
  const tokens: string[] = [];
  while (tokens.length < count) {
    const some = Math.min(64, count - tokens.length);
    const sessions = await Promise.all(
      Array.from({ length: some }, () => expectStatus(201, client.call("POST", "/sessions/guest"))),
    );
    tokens.push(...sessions.map(({ body }) => (body as { token: string }).token));
  }
  return tokens;
}

/** Asks for a ticket, or for several. */
export const reserve = (
  client: HttpClient,
  sale: OnSale,
  token: string,
  key: string,
  quantity = 1,
): Promise<HttpReply> =>
  client.call("POST", `/events/${sale.eventId}/reservations`, {
    token,
    key,
    body: { ticketTypeId: sale.ticketTypeId, quantity },
  });

/** The reservation's id of a 201, null for another answer. */
export const reservationIdOf = ({ status, body }: HttpReply): string | null =>
  status === 201 ? (body as { reservationId: string }).reservationId : null;

/** The stable code of a problem. */
export const codeOf = ({ body }: HttpReply): string | null => (body as { code?: string } | null)?.code ?? null;

export async function expectStatus(status: number, sent: Promise<HttpReply>): Promise<HttpReply> {
  const reply = await sent;
  if (reply.status !== status) throw new Error(`${reply.status} in place of ${status}: ${JSON.stringify(reply.body)}`);
  return reply;
}
