import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { type CartHands, handsOn, lineOf, type TicketType } from "./carts-shop.ts";
import { asOf } from "./events-asking.ts";
import { type NodeUnderTest, type Reply, startNode } from "./events-node.ts";
import type { Signed } from "./harness.ts";
import { openShop, type Shop } from "./reservations-shop.ts";

let one: NodeUnderTest;
let other: NodeUnderTest;
let shop: Shop;
let buyer: Signed;
beforeAll(async () => {
  one = await startNode();
  other = await startNode({ databaseUrl: one.databaseUrl, databaseReadUrl: one.databaseUrl });
  shop = openShop(one, await one.signUp());
});
afterAll(async () => {
  await other.close();
  await one.close();
});
beforeEach(async () => {
  buyer = await one.guest();
});

const onSale = (): Promise<TicketType> =>
  shop.onSale({ ticketTypes: [{ name: "Regular", capacity: 500 }] }).then((at) => lineOf(at));

/** What anybody holds of it, as of these replies. */
async function heldOf({ eventId }: TicketType, replies: readonly Reply[]): Promise<number> {
  const positions = replies.map(({ headers }) => String(headers["boxoffice-position"]));
  const newest = positions.reduce((a, b) => (BigInt(a) > BigInt(b) ? a : b));
  const headers = { "boxoffice-min-position": newest };
  return (await one.call("GET", `/events/${eventId}/availability`, { headers })).json().ticketTypes[0].held;
}

describe.each([
  ["one node", () => [handsOn(one)]],
  ["two nodes", () => [handsOn(one), handsOn(other)]],
] as const)("on %s", (_, handsOf) => {
  const dealt = (n: number): CartHands => {
    const hands = handsOf();
    return hands[n % hands.length] as CartHands;
  };

  it("a double click reserves once", async () => {
    for (let round = 0; round < 5; round += 1) {
      const [line, clicker] = [await onSale(), await one.guest()];
      const replies = await Promise.all([0, 1].map((n) => dealt(n).set(line, clicker, 2)));
      expect(replies.map(({ statusCode }) => statusCode)).toEqual([200, 200]);
      expect(await heldOf(line, replies)).toBe(2);
    }
  });

  it("twenty settings at once leave exactly one of them, and nothing else", async () => {
    const line = await onSale();
    const quantities = Array.from({ length: 20 }, (_, n) => n + 1);
    const replies = await Promise.all(quantities.map((quantity) => dealt(quantity).set(line, buyer, quantity)));
    expect(replies.map(({ statusCode }) => statusCode)).toEqual(quantities.map(() => 200));
    const held = await heldOf(line, replies);
    expect(quantities).toContain(held);
    const cart = (await dealt(0).get(buyer, { headers: asOf(replies[0] as Reply) })).json();
    expect(cart.items).toMatchObject([{ quantity: held }]);
  });

  it("lines of several events set at once are all in one cart", async () => {
    const lines = await Promise.all(Array.from({ length: 6 }, onSale));
    const replies = await Promise.all(lines.map((line, n) => dealt(n).set(line, buyer, n + 1)));
    expect(replies.map(({ statusCode }) => statusCode)).toEqual(lines.map(() => 200));
    for (const [n, line] of lines.entries()) expect(await heldOf(line, replies)).toBe(n + 1);
    const cart = (await dealt(0).get(buyer)).json();
    expect(cart.items.map(({ quantity }: { quantity: number }) => quantity).sort()).toEqual([1, 2, 3, 4, 5, 6]);
  });
});
