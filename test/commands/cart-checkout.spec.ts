import { describe, expect, it } from "vitest";
import { CartLines, cartLineId } from "../../src/commands/cart-lines.ts";
import { inventoryStream } from "../../src/eventstore/streams.ts";
import { START_MS } from "../support/surroundings.ts";
import { ADA, type CartBench, cartBench, HOLD_TTL_MS, regular, vip } from "./cart-bench.ts";

const accepted = { accepted: true };
const refused = (code: string) => ({ accepted: false, code, details: {} });

/** Ada's cart with two regular tickets and a VIP's. */
async function filled(): Promise<CartBench & { readonly cartId: string }> {
  const bench = await cartBench();
  await bench.commands.setLine(ADA, regular, 2, bench.by());
  await bench.commands.setLine(ADA, vip, 1, bench.by());
  const cart = await bench.cart();
  if (cart.status === "none") throw new Error("there is no cart");
  return { ...bench, cartId: cart.cartId };
}

describe("a cart that is checked out", () => {
  it("tells what it holds, as the inventories have it", async () => {
    const { commands, cartId, by } = await filled();
    await commands.setLine(ADA, vip, 0, by());
    expect(await commands.checkOut("ada", cartId, "booking", by())).toMatchObject(accepted);
    const reservationId = cartLineId(cartId, "regular");
    expect(await commands.lines("ada", cartId)).toEqual([{ ...regular, reservationId, quantity: 2 }]);
    expect(await commands.lines("ada", "another")).toEqual([]);
    expect(await commands.lines("ben", cartId)).toEqual([]);
  });

  it("is not changed, until its booking has come to nothing", async () => {
    const bench = await filled();
    const { commands, cartId, by } = bench;
    await commands.checkOut("ada", cartId, "booking", by());
    const inProgress = refused("payment-in-progress");
    expect(await commands.setLine(ADA, regular, 3, by())).toEqual(inProgress);
    expect(await commands.setLine(ADA, regular, 0, by())).toEqual(inProgress);
    expect(await commands.removeLine(ADA, "vip", by())).toEqual(inProgress);
    expect(await commands.clear(ADA, by())).toEqual(inProgress);
    expect(await commands.checkOut("ada", cartId, "another", by())).toEqual(inProgress);
    expect(await commands.checkOut("ada", cartId, "booking", by())).toMatchObject(accepted);
    expect([await bench.held(regular), await bench.held(vip)]).toEqual([{ [cartId]: 2 }, { [cartId]: 1 }]);
    await commands.reopen("ada", cartId, "booking", by());
    expect(await commands.setLine(ADA, regular, 3, by())).toMatchObject(accepted);
    expect(bench.noted().slice(3)).toEqual(["CartCheckedOut", "CartReopened"]);
  });

  it("can't be one whose time is over, or another's", async () => {
    const { commands, surroundings, cartId, by } = await filled();
    expect(await commands.checkOut("ben", cartId, "booking", by())).toEqual(refused("cart-expired"));
    await surroundings.advance(HOLD_TTL_MS);
    expect(await commands.checkOut("ada", cartId, "booking", by())).toEqual(refused("cart-expired"));
    expect(await commands.lines("ada", cartId)).toEqual([]);
  });

  it("keeps claimed lines longer than its own time", async () => {
    const { commands, inventories, surroundings, cartId, by } = await filled();
    await surroundings.advance(HOLD_TTL_MS - 1);
    await commands.checkOut("ada", cartId, "booking", by());
    const reservationId = cartLineId(cartId, "regular");
    const deadlineMs = START_MS + 2 * HOLD_TTL_MS;
    const claim = { type: "Claim", reservationId, bookingId: "booking", accountId: "ada", deadlineMs } as const;
    await inventories.run(inventoryStream("concert", "regular"), claim, by());
    await surroundings.advance(1_000);
    expect(await commands.lines("ada", cartId)).toEqual([{ ...regular, reservationId, quantity: 2 }]);
  });

  it("gives back what came too late to be bought, and leaves what was bought", async () => {
    const bench = await filled();
    const { commands, inventories, cartId, by } = bench;
    await commands.checkOut("ada", cartId, "booking", by());
    const late = { cartId, expiresAtMs: START_MS + HOLD_TTL_MS };
    await new CartLines(inventories).set(late, vip, ADA, { quantity: 7 }, by());
    const bought = { reservationId: cartLineId(cartId, "regular"), bookingId: "booking" };
    const deadlineMs = START_MS + HOLD_TTL_MS;
    const stream = inventoryStream("concert", "regular");
    await inventories.run(stream, { type: "Claim", ...bought, accountId: "ada", deadlineMs }, by());
    await inventories.run(stream, { type: "Confirm", ...bought }, by());
    expect(await commands.complete("ada", cartId, "booking", by())).toMatchObject(accepted);
    expect(await commands.complete("ada", cartId, "booking", by())).toMatchObject(accepted);
    expect(bench.noted().slice(3)).toEqual(["CartCheckedOut", "CartCompleted"]);
    expect(bench.sold(vip).at(-1)).toBe("ReservationReleased");
    expect(bench.sold(regular).at(-1)).toBe("ReservationConfirmed");
    expect(await commands.setLine(ADA, vip, 1, by())).toMatchObject(accepted);
    expect(await bench.held(vip)).not.toHaveProperty(cartId);
  });
});
