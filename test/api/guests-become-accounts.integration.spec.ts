import { afterAll, beforeAll, expect, it } from "vitest";
import { asOf } from "./events-asking.ts";
import { type NodeUnderTest, startNode } from "./events-node.ts";
import { openShop } from "./reservations-shop.ts";

let node: NodeUnderTest;
beforeAll(async () => {
  node = await startNode();
});
afterAll(() => node.close());

it("a guest who becomes an account keeps what was bought, held and waited for, and goes on with it", async () => {
  const organizer = await node.signUp();
  const shop = openShop(node, organizer);
  const price = { amount: 4500, currency: "EUR" };
  const at = await shop.onSale({ ticketTypes: [{ name: "Regular", capacity: 10, price }] });
  const guest = await node.guest();
  const buy = async (token: string, reservationId: string) => {
    const body = { reservationIds: [reservationId], payment: { method: "sandbox-ok" } };
    const bought = await node.call("POST", "/purchases", { token, body });
    expect(bought.statusCode, bought.body).toBe(201);
    return bought;
  };
  const bought = await buy(guest.token, (await shop.reserved(at, guest, { quantity: 2 })).id);
  const held = await shop.reserved(at, guest);

  const credentials = { email: "no-longer-a-guest@example.org", password: "a good password" };
  const body = { ...credentials, name: "Grace" };
  const made = await node.call("POST", "/accounts", { token: guest.token, body });
  expect(made.json()).toMatchObject({ accountId: guest.accountId, guest: false });

  const session = (await node.call("POST", "/sessions", { body: credentials })).json();
  for (const token of [guest.token, session.token]) {
    const { items } = (await node.call("GET", "/bookings", { token, headers: asOf(bought) })).json();
    expect(
      items.map(({ bookingId, tickets }: { bookingId: string; tickets: object[] }) => [bookingId, tickets]),
    ).toEqual([[bought.json().bookingId, bought.json().tickets]]);
  }
  const again = await buy(session.token, held.id);
  const cancelled = await node.call("POST", `/bookings/${again.json().bookingId}/cancel`, { token: session.token });
  expect(cancelled.json()).toMatchObject({ accountId: guest.accountId, status: "CANCELLED" });
});

it("a person who is erased leaves their bookings under the id, for the organizer and the log", async () => {
  const organizer = await node.signUp();
  const shop = openShop(node, organizer);
  const at = await shop.onSale();
  const buyer = await node.signUp();
  const { id } = await shop.reserved(at, buyer);
  const bought = await node.call("POST", "/purchases", { token: buyer.token, body: { reservationIds: [id] } });
  expect(bought.json().status).toBe("PAID");
  await node.call("POST", "/api-keys", { token: buyer.token, body: { name: "Mine alone", scopes: ["read"] } });
  expect((await node.call("DELETE", "/accounts/me", { token: buyer.token })).statusCode).toBe(204);
  for (const personal of [buyer.email, "Mine alone"]) expect(await node.tablesWith(personal)).toEqual([]);
  const admin = await node.admin();
  const seen = await node.call("GET", `/bookings/${bought.json().bookingId}`, { token: admin.token });
  expect(seen.json()).toMatchObject({ accountId: buyer.accountId, status: "PAID" });
});
