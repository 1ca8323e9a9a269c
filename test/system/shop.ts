import type { HttpClient, HttpReply } from "./http-client.ts";

/** A ticket type that is on sale. */
export interface OnSale {
  readonly eventId: string;
  readonly ticketTypeId: string;
}

const PASSWORD = "a long enough password";

/** Signs an organizer up, who opens an event with one ticket type. */
export async function openSale(client: HttpClient, capacity: number, maxPerOrder = 100): Promise<OnSale> {
  const email = `organizer-${crypto.randomUUID()}@example.org`;
  await expectStatus(201, client.call("POST", "/accounts", { body: { email, password: PASSWORD, name: "Ada" } }));
  const session = await expectStatus(201, client.call("POST", "/sessions", { body: { email, password: PASSWORD } }));
  const { token } = session.body as { token: string };
  const ticketType = { name: "Regular", capacity, maxPerOrder, price: { amount: 4500, currency: "EUR" } };
  const event = { name: "Opening Night", holdTtlSeconds: 3_600, ticketTypes: [ticketType] };
  const made = await expectStatus(201, client.call("POST", "/events", { token, body: event }));
  const { eventId, ticketTypes } = made.body as { eventId: string; ticketTypes: { ticketTypeId: string }[] };
  return { eventId, ticketTypeId: ticketTypes[0]?.ticketTypeId ?? "" };
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
