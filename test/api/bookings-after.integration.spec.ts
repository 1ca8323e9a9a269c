import pg from "pg";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { asOf, expectProblem } from "./events-asking.ts";
import { type NodeUnderTest, startNode } from "./events-node.ts";
import type { Signed } from "./harness.ts";
import { idempotent, type OnSale, openShop, type Shop } from "./reservations-shop.ts";

let node: NodeUnderTest;
let shop: Shop;
let sale: OnSale;
let buyer: Signed;
beforeAll(async () => {
  node = await startNode();
  shop = openShop(node, await node.signUp());
  sale = await shop.onSale({
    ticketTypes: [{ name: "Regular", capacity: 1_000, price: { amount: 4_500, currency: "EUR" } }],
  });
  buyer = await node.signUp();
});
afterAll(() => node.close());

async function bought(method = "sandbox-ok", by = buyer) {
  const { id } = await shop.reserved(sale, by, { quantity: 2 });
  const body = { reservationIds: [id], payment: { method } };
  const reply = await node.call("POST", "/purchases", { token: by.token, body });
  return { reply, reservationId: id, bookingId: reply.json().bookingId as string };
}

describe("GET /bookings/{bookingId}/history", () => {
  const history = (bookingId: string, { token }: Signed, headers = {}) =>
    node.call("GET", `/bookings/${bookingId}/history`, { token, headers });
  const typesOf = (items: readonly { readonly type: string }[]) => items.map(({ type }) => type);

  it("tells what happened, oldest first, and by whom", async () => {
    const { bookingId, reply } = await bought();
    const { token } = buyer;
    const cancelled = await node.call("POST", `/bookings/${bookingId}/cancel`, { token });
    expect(cancelled.statusCode, cancelled.body).toBe(200);
    const read = await history(bookingId, buyer, asOf(cancelled));
    const { items } = read.json();
    expect(typesOf(items)).toEqual(
      expect.arrayContaining(["BookingOpened", "PaymentCaptured", "TicketsCancelled", "RefundSucceeded"]),
    );
    const times = items.map(({ at }: { at: string }) => at);
    expect(times).toEqual(times.toSorted());
    expect(items[0]).toMatchObject({ bookingId, by: "customer" });
    const [{ code }] = reply.json().tickets;
    expect(read.body).not.toContain(code);
  });

  it("is private, but for administrators", async () => {
    const { bookingId, reply } = await bought();
    expectProblem(await history(bookingId, await node.signUp()), 404, "booking-not-found");
    expect((await history(bookingId, await node.admin(), asOf(reply))).statusCode).toBe(200);
    expectProblem(await history(crypto.randomUUID(), buyer), 404, "booking-not-found");
  });
});

describe("GET /accounts/me/history", () => {
  it("has what happened to one's own bookings and reservations, newest first, page by page", async () => {
    const other = await node.signUp();
    const { bookingId, reservationId, reply } = await bought("sandbox-ok", other);
    const items: { type: string; at: string; bookingId: string | null; reservationId: string | null }[] = [];
    let cursor = "";
    for (;;) {
      const url = `/accounts/me/history?limit=2${cursor}`;
      const page = (await node.call("GET", url, { token: other.token, headers: asOf(reply) })).json();
      items.push(...page.items);
      if (page.next === null) break;
      cursor = `&cursor=${page.next}`;
    }
    const types = items.map(({ type }) => type);
    expect(types).toEqual(expect.arrayContaining(["TicketsReserved", "BookingOpened", "PaymentCaptured"]));
    expect(items.some((one) => one.reservationId === reservationId)).toBe(true);
    expect(items.some((one) => one.bookingId === bookingId)).toBe(true);
    const times = items.map(({ at }) => at);
    expect(times).toEqual(times.toSorted().toReversed());
  });

  it("of somebody who has done nothing is empty", async () => {
    const { token } = await node.guest();
    expect((await node.call("GET", "/accounts/me/history", { token })).json()).toEqual({ items: [], next: null });
  });
});

describe("POST /bookings/{bookingId}/resend", () => {
  const resend = (bookingId: string, { token }: Signed, key?: string) =>
    node.call("POST", `/bookings/${bookingId}/resend`, { token, headers: idempotent(key) });

  /** Mails that are on their way for a booking. */
  async function asked(bookingId: string): Promise<number> {
    const client = new pg.Client({ connectionString: node.databaseUrl });
    await client.connect();
    const { rowCount } = await client.query(
      "select 1 from processes.notices where kind = 'tickets-resent' and about->>'bookingId' = $1",
      [bookingId],
    );
    await client.end();
    return rowCount ?? 0;
  }

  it("has the tickets mailed once more, once for a key", async () => {
    const { bookingId } = await bought();
    for (let times = 0; times < 3; times += 1) {
      const reply = await resend(bookingId, buyer, "please");
      expect([reply.statusCode, reply.json()]).toEqual([202, { bookingId }]);
      expect(reply.headers["idempotency-replayed"]).toBe(times === 0 ? undefined : "true");
    }
    expect(await asked(bookingId)).toBe(1);
  });

  it("is for paid bookings of one's own", async () => {
    const { bookingId } = await bought();
    expectProblem(await resend(bookingId, await node.signUp()), 404, "booking-not-found");
    expect((await resend(bookingId, await node.admin())).statusCode).toBe(202);
    const declined = await bought("sandbox-decline");
    expectProblem(await resend(declined.bookingId, buyer), 409, "booking-not-paid");
    expectProblem(await resend(crypto.randomUUID(), buyer), 404, "booking-not-found");
    expect(await asked(declined.bookingId)).toBe(0);
  });
});
