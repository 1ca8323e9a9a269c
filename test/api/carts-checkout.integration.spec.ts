import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { type CartBody, type CartHands, handsOn, lineOf } from "./carts-shop.ts";
import { asOf, expectProblem, recordsNothing, until } from "./events-asking.ts";
import { type NodeUnderTest, startNode } from "./events-node.ts";
import type { Signed } from "./harness.ts";
import { openShop, type Shop } from "./reservations-shop.ts";

let node: NodeUnderTest;
let shop: Shop;
let hands: CartHands;
let buyer: Signed;
beforeAll(async () => {
  node = await startNode();
  shop = openShop(node, await node.signUp());
  hands = handsOn(node);
});
afterAll(() => node.close());
beforeEach(async () => {
  buyer = await node.guest();
});

const price = { amount: 1_500, currency: "EUR" };
const priced = () => shop.onSale({ ticketTypes: [{ name: "Regular", capacity: 10, price }] }).then((at) => lineOf(at));
const buy = (cartId: string | null, method: string | null, by = buyer) =>
  node.call("POST", "/purchases", {
    token: by.token,
    body: { cartId, ...(method === null ? {} : { payment: { method } }) },
  });

describe("a cart that is bought", () => {
  it("is COMPLETED with what was bought, and the next line is in a new one", async () => {
    const line = await priced();
    const cart = await hands.put(line, buyer, 2);
    const bought = await buy(cart.cartId, "sandbox-ok");
    expect(bought.statusCode, bought.body).toBe(201);
    expect(bought.json()).toMatchObject({ status: "PAID", total: { amount: 3_000, currency: "EUR" } });
    const after = await until(
      async () => (await hands.get(buyer, { headers: asOf(bought) })).json() as CartBody,
      ({ status }) => status !== "CHECKOUT",
    );
    expect(after).toEqual({ ...cart, status: "COMPLETED" });
    const next = await hands.put(line, buyer, 1);
    expect(next.cartId).not.toBe(cart.cartId);
    expect(next.items).toMatchObject([{ quantity: 1 }]);
    expectProblem(await buy(cart.cartId, "sandbox-ok"), 409, "cart-expired");
  });

  it("must hold something, and be one's own", async () => {
    const line = await priced();
    const { cartId } = await hands.put(line, buyer, 2);
    expectProblem(await buy(cartId, "sandbox-ok", await node.guest()), 409, "cart-expired");
    await hands.put(line, buyer, 0);
    expectProblem(await buy(cartId, "sandbox-ok"), 409, "cart-empty");
    expect(await hands.put(line, buyer, 1)).toMatchObject({ status: "ACTIVE", items: [{ quantity: 1 }] });
  });

  it("is not changed while its purchase is open", async () => {
    const [line, other] = [await priced(), await priced()];
    const { cartId } = await hands.put(line, buyer, 2);
    const open = await buy(cartId, "sandbox-never");
    expect(open.statusCode, open.body).toBe(202);
    expect((await hands.get(buyer, { headers: asOf(open) })).json()).toMatchObject({
      cartId,
      status: "CHECKOUT",
      items: [{ quantity: 2 }],
    });
    await recordsNothing(node, async () => {
      for (const [at, quantity] of [
        [line, 3],
        [line, 0],
        [other, 1],
      ] as const) {
        expectProblem(await hands.set(at, buyer, quantity), 409, "payment-in-progress");
      }
      expectProblem(await hands.remove(line.ticketTypeId, buyer), 409, "payment-in-progress");
      expectProblem(await hands.clear(buyer), 409, "payment-in-progress");
      expectProblem(await buy(cartId, "sandbox-ok"), 409, "payment-in-progress");
    });
  });

  it("is its owner's again when the payment was declined", async () => {
    const line = await priced();
    const cart = await hands.put(line, buyer, 2);
    const declined = await buy(cart.cartId, "sandbox-decline");
    expect([declined.statusCode, declined.json().code], declined.body).toEqual([402, "payment-declined"]);
    const again = await until(
      async () => (await hands.get(buyer)).json() as CartBody,
      ({ status }) => status === "ACTIVE",
    );
    expect(again).toEqual(cart);
    expect(await hands.put(line, buyer, 3)).toMatchObject({ cartId: cart.cartId, items: [{ quantity: 3 }] });
  });
});
