import { describe, expect, it } from "vitest";
import { cartLineId } from "../../src/commands/cart-lines.ts";
import { cartStream, inventoryStream } from "../../src/eventstore/streams.ts";
import { START_MS } from "../support/surroundings.ts";
import { ADA, type CartBench, cartBench, HOLD_TTL_MS, play, regular, vip } from "./cart-bench.ts";

/** The id of Ada's last cart. */
async function idOf(bench: CartBench): Promise<string> {
  const cart = await bench.cart();
  if (cart.status === "none") throw new Error("there has been no cart");
  return cart.cartId;
}

const accepted = { accepted: true };
const refused = (code: string, details: object = {}) => ({ accepted: false, code, details });

describe("setting a line", () => {
  it("opens a cart with the first, and puts the next ones into it, of whatever event", async () => {
    const bench = await cartBench();
    const { commands, by } = bench;
    expect(await commands.setLine(ADA, regular, 2, by())).toMatchObject(accepted);
    await bench.surroundings.advance(60_000);
    expect(await commands.setLine(ADA, play, 1, by())).toMatchObject(accepted);
    expect(bench.noted()).toEqual(["CartOpened", "CartLineTouched", "CartLineTouched"]);
    const cartId = await idOf(bench);
    expect(await bench.cart()).toMatchObject({ status: "active", expiresAtMs: START_MS + HOLD_TTL_MS });
    expect([await bench.held(regular), await bench.held(play)]).toEqual([{ [cartId]: 2 }, { [cartId]: 1 }]);
    const [reserved] = bench.store.eventsOf(inventoryStream("play", "stalls")).slice(-1);
    expect(JSON.parse(reserved?.data ?? "")).toMatchObject({
      reservationId: cartLineId(cartId, "stalls"),
      cartId,
      expiresAt: new Date(START_MS + HOLD_TTL_MS).toISOString(),
    });
  });

  it("changes a line that is there, and answers where that stands in the log", async () => {
    const bench = await cartBench();
    await bench.commands.setLine(ADA, regular, 2, bench.by());
    const more = await bench.commands.setLine(ADA, regular, 5, bench.by());
    const last = bench.store.eventsOf(inventoryStream("concert", "regular")).at(-1);
    expect(more).toEqual({ accepted: true, position: last?.position });
    expect(bench.sold(regular)).toEqual(["TicketsReserved", "ReservationQuantityChanged"]);
    expect(bench.noted()).toEqual(["CartOpened", "CartLineTouched"]);
    await bench.commands.setLine(ADA, regular, 5, bench.by());
    expect(bench.sold(regular)).toHaveLength(2);
  });

  it("keeps carts of different accounts apart", async () => {
    const bench = await cartBench({ terms: { maxPerUser: 2 } });
    await bench.commands.setLine(ADA, regular, 2, bench.by());
    const ben = { accountId: "ben", guest: true };
    expect(await bench.commands.setLine(ben, regular, 2, bench.by())).toMatchObject(accepted);
    expect(bench.noted()).toHaveLength(2);
    expect(bench.store.eventsOf(cartStream("ben"))).toHaveLength(2);
  });

  it.each([
    ["sold-out", 4, ADA, { capacity: 3 }, { available: 3 }],
    ["limit-exceeded", 3, ADA, { maxPerOrder: 2 }, { maxPerOrder: 2 }],
    ["limit-exceeded", 3, ADA, { maxPerUser: 2 }, { maxPerUser: 2, remaining: 2 }],
    ["sale-not-open", 1, ADA, { saleStartsAt: new Date(START_MS + 1).toISOString() }, {}],
    ["sale-closed", 1, ADA, { saleEndsAt: new Date(START_MS).toISOString() }, {}],
    ["event-ended", 1, ADA, { event: { endsAt: new Date(START_MS).toISOString() } }, {}],
    ["event-not-published", 1, ADA, { draft: true }, {}],
    ["guests-not-allowed", 1, { ...ADA, guest: true }, { event: { guestsAllowed: false } }, {}],
  ])("that is %s records nothing, and opens no cart", async (code, quantity, buyer, terms, details) => {
    const bench = await cartBench({ terms });
    expect(await bench.commands.setLine(buyer, regular, quantity, bench.by())).toEqual(refused(code, details));
    expect([bench.noted(), bench.sold(regular)]).toEqual([[], []]);
  });

  it("of a ticket type that is not there records nothing", async () => {
    const bench = await cartBench();
    const nothing = { eventId: "concert", ticketTypeId: "stalls" };
    expect(await bench.commands.setLine(ADA, nothing, 1, bench.by())).toEqual(refused("ticket-type-not-found"));
    expect(bench.noted()).toEqual([]);
  });

  it("in another currency is refused, until the cart is empty", async () => {
    const bench = await cartBench();
    const dollars = { eventId: "revue", ticketTypeId: "balcony" };
    const { data } = JSON.parse(`{"data":${bench.store.eventsOf(inventoryStream("play", "stalls"))[0]?.data}}`);
    const terms = { ...data.terms, price: { amount: 100, currency: "USD" } };
    const opening = { type: "OpenInventory", data: { ...data, ...dollars, terms } } as const;
    await bench.inventories.run(inventoryStream("revue", "balcony"), opening, bench.by());

    await bench.commands.setLine(ADA, regular, 2, bench.by());
    const mixed = await bench.commands.setLine(ADA, dollars, 1, bench.by());
    expect(mixed).toEqual(refused("currency-mixed", { currency: "EUR" }));
    expect(bench.sold(dollars)).toEqual([]);
    await bench.commands.removeLine(ADA, "regular", bench.by());
    expect(await bench.commands.setLine(ADA, dollars, 1, bench.by())).toMatchObject(accepted);
    expect(await bench.cart()).toMatchObject({ currency: "USD" });
  });
});

describe("a line of none", () => {
  it("is given back, and nothing where there is none", async () => {
    const bench = await cartBench();
    expect(await bench.commands.setLine(ADA, regular, 0, bench.by())).toMatchObject(accepted);
    expect(bench.noted()).toEqual([]);
    await bench.commands.setLine(ADA, regular, 2, bench.by());
    expect(await bench.commands.setLine(ADA, vip, 0, bench.by())).toMatchObject(accepted);
    const removed = await bench.commands.setLine(ADA, regular, 0, bench.by());
    const last = bench.store.eventsOf(inventoryStream("concert", "regular")).at(-1);
    expect(removed).toEqual({ accepted: true, position: last?.position });
    expect(await bench.commands.removeLine(ADA, "regular", bench.by())).toMatchObject(accepted);
    expect(bench.sold(regular)).toEqual(["TicketsReserved", "ReservationReleased"]);
    expect(bench.noted()).toEqual(["CartOpened", "CartLineTouched"]);
  });
});

describe("a cart's time", () => {
  it("goes on until its end, then a new one is opened with the next line", async () => {
    const bench = await cartBench();
    await bench.commands.setLine(ADA, regular, 2, bench.by());
    const first = await idOf(bench);
    await bench.surroundings.advance(HOLD_TTL_MS);
    expect(await bench.commands.setLine(ADA, regular, 1, bench.by())).toMatchObject(accepted);
    const second = await idOf(bench);
    expect(second).not.toBe(first);
    expect(bench.noted().slice(2)).toEqual(["CartExpired", "CartOpened", "CartLineTouched"]);
    expect(await bench.held(regular)).toEqual({ [second]: 1 });
  });

  it("may be over between noting a line and holding it: then it goes into a new cart", async () => {
    const bench = await cartBench();
    await bench.commands.setLine(ADA, regular, 2, bench.by());
    await bench.surroundings.advance(HOLD_TTL_MS - 1);
    bench.store.beforeNextAppend(async () => bench.surroundings.setClock(START_MS + HOLD_TTL_MS));
    expect(await bench.commands.setLine(ADA, vip, 3, bench.by())).toMatchObject(accepted);
    expect(bench.noted().slice(2)).toEqual(["CartLineTouched", "CartExpired", "CartOpened", "CartLineTouched"]);
    expect(await bench.held(vip)).toEqual({ [await idOf(bench)]: 3 });
    expect(await bench.cart()).toMatchObject({ expiresAtMs: START_MS + 2 * HOLD_TTL_MS });
  });

  it("begins anew with the next line when nothing is in the cart", async () => {
    const bench = await cartBench();
    await bench.commands.setLine(ADA, regular, 2, bench.by());
    await bench.commands.setLine(ADA, regular, 0, bench.by());
    await bench.surroundings.advance(60_000);
    expect(await bench.commands.setLine(ADA, vip, 1, bench.by())).toMatchObject(accepted);
    expect(bench.noted().slice(2)).toEqual(["CartCleared", "CartOpened", "CartLineTouched"]);
    expect(await bench.cart()).toMatchObject({ status: "active", expiresAtMs: START_MS + 60_000 + HOLD_TTL_MS });
  });

  it("begins anew when the only line lost its tickets to somebody faster", async () => {
    const bench = await cartBench({ terms: { capacity: 2 } });
    const { store, surroundings, commands, by } = bench;
    const ben = bench.node(store.elsewhere).commands;
    store.beforeNextAppend(async () => {
      await ben.setLine({ accountId: "ben", guest: false }, regular, 2, by());
    });
    expect(await commands.setLine(ADA, regular, 1, by())).toEqual(refused("sold-out", { available: 0 }));
    expect(bench.noted()).toEqual(["CartOpened", "CartLineTouched"]);
    await surroundings.advance(30_000);
    expect(await commands.setLine(ADA, vip, 1, by())).toMatchObject(accepted);
    expect(await bench.cart()).toMatchObject({ expiresAtMs: START_MS + 30_000 + HOLD_TTL_MS });
    expect(await bench.held(vip)).toEqual({ [await idOf(bench)]: 1 });
  });

  it("stays while anything is in the cart, also when a line was removed", async () => {
    const bench = await cartBench();
    await bench.commands.setLine(ADA, regular, 2, bench.by());
    await bench.commands.setLine(ADA, vip, 2, bench.by());
    await bench.commands.setLine(ADA, regular, 0, bench.by());
    await bench.surroundings.advance(60_000);
    await bench.commands.setLine(ADA, regular, 1, bench.by());
    expect(bench.noted()).toEqual(["CartOpened", "CartLineTouched", "CartLineTouched"]);
    expect(await bench.cart()).toMatchObject({ expiresAtMs: START_MS + HOLD_TTL_MS });
  });

  it("is recorded as over when it is asked for", async () => {
    const bench = await cartBench();
    await bench.commands.setLine(ADA, regular, 2, bench.by());
    await bench.commands.expire("ada", bench.by());
    expect(bench.noted()).toHaveLength(2);
    await bench.surroundings.advance(HOLD_TTL_MS);
    await bench.commands.expire("ada", bench.by());
    expect(bench.noted().at(-1)).toBe("CartExpired");
  });
});

describe("clearing", () => {
  it("gives everything back and ends the cart, also when asked again", async () => {
    const bench = await cartBench();
    expect(await bench.commands.clear(ADA, bench.by())).toMatchObject(accepted);
    await bench.commands.setLine(ADA, regular, 2, bench.by());
    await bench.commands.setLine(ADA, play, 1, bench.by());
    const cleared = await bench.commands.clear(ADA, bench.by());
    const positions = [regular, play].map(
      ({ eventId, ticketTypeId }) =>
        bench.store.eventsOf(inventoryStream(eventId, ticketTypeId)).at(-1)?.position ?? 0n,
    );
    expect(cleared).toEqual({ accepted: true, position: positions.reduce((a, b) => (a > b ? a : b)) });
    expect(await bench.commands.clear(ADA, bench.by())).toMatchObject(accepted);
    expect(bench.noted().at(-1)).toBe("CartCleared");
    expect([await bench.held(regular), await bench.held(play)]).toEqual([{}, {}]);
    expect(bench.sold(regular)).toEqual(["TicketsReserved", "ReservationReleased"]);
  });

  it("that stopped half way goes on when it is asked for again", async () => {
    const bench = await cartBench();
    await bench.commands.setLine(ADA, regular, 2, bench.by());
    bench.store.beforeNextAppend(async () => {}); // CartCleared
    bench.store.failNextAppend("unavailable"); // the release
    await expect(bench.commands.clear(ADA, bench.by())).rejects.toMatchObject({ name: "StoreUnavailable" });
    expect([bench.noted().at(-1), Object.values(await bench.held(regular))]).toEqual(["CartCleared", [2]]);
    expect(await bench.commands.clear(ADA, bench.by())).toMatchObject(accepted);
    expect(await bench.held(regular)).toEqual({});
  });
});
