import pg from "pg";
import { expect } from "vitest";
import type { NodeSettings } from "../../src/boxoffice.ts";
import { stripeProvider } from "../../src/payments/stripe/provider.ts";
import type { StoredIntent } from "../support/stripe/payments.ts";
import { type StripeStandIn, startStripe } from "../support/stripe/server.ts";
import { type NodeUnderTest, type Reply, startNode } from "./events-node.ts";
import type { Signed } from "./harness.ts";
import { idempotent, type OnSale, openShop, type Shop } from "./reservations-shop.ts";

/** How long the node waits for an answer of Stripe's. */
const ANSWER_WITHIN_MS = 1_000;

/** A whole node that is paid through Stripe, with a stand-in for that and tickets on sale for 45.00 EUR. */
export interface StripeNode {
  readonly node: NodeUnderTest;
  readonly stripe: StripeStandIn;
  readonly shop: Shop;
  readonly sale: OnSale;
  readonly buyer: Signed;
  /** Reserves a ticket and asks to buy it. */
  purchase(method: string, key?: string): Promise<{ readonly reply: Reply; readonly reservationId: string }>;
  buy(reservationId: string, method: string, key?: string): Promise<Reply>;
  /** The booking as its buyer is shown it, by all that is recorded now. */
  booking(bookingId: string): Promise<ShownBooking>;
  /** Waits until the booking's buyer is shown this status. */
  becomes(bookingId: string, status: ShownBooking["status"]): Promise<ShownBooking>;
  /** PaymentIntents that were made for a booking. */
  intentsOf(bookingId: string): readonly StoredIntent[];
  /** Posts a webhook about the booking's only intent. */
  tell(type: string, bookingId: string, signed?: Parameters<StripeStandIn["webhook"]>[2]): Promise<Reply>;
  post(delivery: { readonly headers: Record<string, string>; readonly body: string }): Promise<Reply>;
  /** Types of the events in the booking's stream. */
  life(bookingId: string): Promise<readonly string[]>;
  /** Every row of every table of its database, as text. */
  everythingKept(): Promise<string>;
  close(): Promise<void>;
}

export interface ShownBooking {
  readonly status: "PENDING_PAYMENT" | "PAID" | "DECLINED" | "TIMED_OUT" | "CANCELLED";
  readonly payment: { readonly status: string; readonly clientSecret?: string };
  readonly refunds: readonly { readonly refundId: string; readonly status: string }[];
  readonly tickets: readonly { readonly status: string }[];
}

export async function startStripeNode(changes: Partial<NodeSettings> = {}): Promise<StripeNode> {
  const stripe = await startStripe();
  const { api, secretKey, webhookSecret } = stripe;
  // Without retries of the SDK, so that each fault of the stand-in is one that the node sees.
  const options = { api, secretKey, webhookSecret, retries: 0, timeoutMs: ANSWER_WITHIN_MS };
  const openProvider: NodeSettings["openProvider"] = async () => ({
    provider: stripeProvider(options),
    receiveWebhooksAt: () => {},
    clockMoved: async () => {},
    isSandbox: false,
  });
  const node = await startNode({ openProvider, ...changes }, "trace");
  const organizer = await node.signUp();
  const shop = openShop(node, organizer);
  const price = { amount: 4_500, currency: "EUR" };
  const ticketTypes = [
    { name: "Regular", capacity: 1_000, price },
    { name: "Free", capacity: 10 },
  ];
  const sale = await shop.onSale({ ticketTypes });
  const buyer = await node.guest();

  const intentsOf = (bookingId: string) =>
    [...stripe.payments.intents.values()].filter(({ metadata }) => metadata.bookingId === bookingId);
  const post: StripeNode["post"] = ({ headers, body }) =>
    node.call("POST", "/payments/webhook", { headers: { ...headers, "content-type": "application/json" }, body });
  const buy: StripeNode["buy"] = (reservationId, method, key) => {
    const body = { reservationIds: [reservationId], payment: { method } };
    return node.call("POST", "/purchases", { token: buyer.token, body, headers: idempotent(key) });
  };
  const booking: StripeNode["booking"] = async (bookingId) => {
    const headers = { "boxoffice-min-position": await node.head() };
    const reply = await node.call("GET", `/bookings/${bookingId}`, { token: buyer.token, headers });
    expect(reply.statusCode, reply.body).toBe(200);
    return reply.json();
  };

  return {
    node,
    stripe,
    shop,
    sale,
    buyer,
    async purchase(method, key) {
      const { id: reservationId } = await shop.reserved(sale, buyer);
      return { reservationId, reply: await buy(reservationId, method, key) };
    },
    buy,
    booking,
    async becomes(bookingId, status) {
      const found = async () => (await booking(bookingId)).status;
      await expect.poll(found, { timeout: 40_000, interval: 100 }).toBe(status);
      return booking(bookingId);
    },
    intentsOf,
    tell(type, bookingId, signed) {
      const [intent] = intentsOf(bookingId);
      if (intent === undefined) throw new Error(`Stripe has nothing of ${bookingId}`);
      return post(stripe.webhook(type, intent, signed));
    },
    post,
    life: async (bookingId) =>
      (await node.recorded()).filter(({ stream }) => stream === `booking-${bookingId}`).map(({ type }) => type),
    everythingKept: () => rowsOfAll(node.databaseUrl),
    async close() {
      await node.close();
      await stripe.close();
    },
  };
}

async function rowsOfAll(connectionString: string): Promise<string> {
  const client = new pg.Client({ connectionString });
  await client.connect();
  try {
    const { rows: tables } = await client.query<{ name: string }>(
      `select format('%I.%I', schemaname, tablename) as name from pg_tables
       where schemaname not in ('pg_catalog', 'information_schema')`,
    );
    let all = "";
    for (const { name } of tables) {
      const { rows } = await client.query<{ row: string }>(`select t::text as row from ${name} t`);
      all += `${name}\n${rows.map(({ row }) => row).join("\n")}\n`;
    }
    return all;
  } finally {
    await client.end();
  }
}
