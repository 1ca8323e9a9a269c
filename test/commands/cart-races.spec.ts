import { describe, expect, it } from "vitest";
import { Turns } from "../../src/commands/turns.ts";
import { cartStream, inventoryStream } from "../../src/eventstore/streams.ts";
import { START_MS } from "../support/surroundings.ts";
import { ADA, anyLatency, type CartBench, type CartNode, cartBench, HOLD_TTL_MS, regular, vip } from "./cart-bench.ts";

const accepted = { accepted: true };
const quantities = Array.from({ length: 20 }, (_, n) => n + 1);

/** What Ada holds of a ticket type in her current cart; there must be nothing else. */
async function onlyLine(bench: CartBench, line = regular): Promise<number> {
  const cart = await bench.cart();
  if (cart.status !== "active") throw new Error(`the cart is ${cart.status}`);
  const held = await bench.held(line);
  expect(Object.keys(held)).toEqual([cart.cartId]);
  return held[cart.cartId] as number;
}

/** By chance, see {@link anyLatency}. */
const inManyOrders = (run: () => Promise<void>) => async () => {
  for (let round = 0; round < 20; round += 1) await run();
};

/** Requests arrive at one node or the other, as a proxy deals them out. */
const dealt = (nodes: readonly CartNode[], n: number): CartNode => nodes[n % nodes.length] as CartNode;

describe.each([
  ["one node", 1],
  ["two nodes", 2],
])("on %s", (_, count) => {
  const start = async (): Promise<[CartBench, readonly CartNode[]]> => {
    const bench = await cartBench({ latency: anyLatency });
    return [bench, count === 1 ? [bench] : [bench, bench.node()]];
  };
  it(
    "a double click reserves once",
    inManyOrders(async () => {
      const [bench, nodes] = await start();
      const clicks = await Promise.all(
        [0, 1].map((n) => dealt(nodes, n).commands.setLine(ADA, regular, 2, bench.by())),
      );
      expect(clicks).toMatchObject([accepted, accepted]);
      expect(await onlyLine(bench)).toBe(2);
    }),
  );

  it(
    "twenty settings at once leave exactly one of them",
    inManyOrders(async () => {
      const [bench, nodes] = await start();
      const settings = quantities.map((quantity) =>
        dealt(nodes, quantity).commands.setLine(ADA, regular, quantity, bench.by()),
      );
      expect(await Promise.all(settings)).toEqual(quantities.map(() => expect.objectContaining(accepted)));
      expect(quantities).toContain(await onlyLine(bench));
    }),
  );

  it(
    "also where an empty cart is to be replaced at the same time",
    inManyOrders(async () => {
      const [bench, nodes] = await start();
      await bench.commands.setLine(ADA, regular, 1, bench.by());
      await bench.commands.setLine(ADA, regular, 0, bench.by());
      await bench.surroundings.advance(60_000);
      const settings = quantities.map((quantity) =>
        dealt(nodes, quantity).commands.setLine(ADA, quantity % 3 === 0 ? vip : regular, quantity, bench.by()),
      );
      expect(await Promise.all(settings)).toEqual(quantities.map(() => expect.objectContaining(accepted)));
      expect(quantities.filter((n) => n % 3 === 0)).toContain(await onlyLine(bench, vip));
      expect(quantities.filter((n) => n % 3 !== 0)).toContain(await onlyLine(bench, regular));
      expect(await bench.cart()).toMatchObject({ expiresAtMs: START_MS + 60_000 + HOLD_TTL_MS });
    }),
  );

  it(
    "clearing among settings leaves nothing behind in carts that are gone",
    inManyOrders(async () => {
      const [bench, nodes] = await start();
      const wishes = quantities.map((quantity) => {
        const { commands } = dealt(nodes, quantity);
        return quantity % 5 === 0
          ? commands.clear(ADA, bench.by())
          : commands.setLine(ADA, regular, quantity, bench.by());
      });
      await Promise.all(wishes);
      const cart = await bench.cart();
      const held = await bench.held(regular);
      if (cart.status === "active") expect(Object.keys(held)).toEqual([cart.cartId]);
      else expect([cart.status, held]).toEqual(["cleared", {}]);
    }),
  );
});

describe("a line that is being set on one node", () => {
  it("goes into a new cart when another node clears the cart meanwhile", async () => {
    const bench = await cartBench();
    const { store, commands, by } = bench;
    const other = bench.node(store.elsewhere).commands;
    await commands.setLine(ADA, regular, 1, by());
    const gate = store.holdNextAppend(); // the line's note
    const setting = commands.setLine(ADA, vip, 3, by());
    await gate.reached;
    expect(await other.clear(ADA, by())).toMatchObject(accepted);
    gate.release();
    expect(await setting).toMatchObject(accepted);
    expect(await onlyLine(bench, vip)).toBe(3);
    expect(await bench.held(regular)).toEqual({});
  });

  it("goes into a new cart also when it was held just before", async () => {
    const bench = await cartBench();
    const { store, commands, by } = bench;
    const other = bench.node(store.elsewhere).commands;
    await commands.setLine(ADA, regular, 1, by());
    store.beforeNextAppend(async () => {}); // the line's note
    const gate = store.holdNextAppend(); // its tickets
    const setting = commands.setLine(ADA, vip, 3, by());
    await gate.reached;
    await other.clear(ADA, by());
    gate.release();
    expect(await setting).toMatchObject(accepted);
    expect(bench.sold(vip)).toEqual(["TicketsReserved", "ReservationReleased", "TicketsReserved"]);
    expect(await onlyLine(bench, vip)).toBe(3);
  });

  it("is given back when the cart was bought meanwhile", async () => {
    const bench = await cartBench();
    const { store, commands, by } = bench;
    const other = bench.node(store.elsewhere).commands;
    await commands.setLine(ADA, regular, 1, by());
    const { cartId } = (await bench.cart()) as { cartId: string };
    store.beforeNextAppend(async () => {});
    const gate = store.holdNextAppend();
    const setting = commands.setLine(ADA, vip, 3, by());
    await gate.reached;
    await other.checkOut("ada", cartId, "booking", by());
    await other.complete("ada", cartId, "booking", by());
    gate.release();
    expect(await setting).toMatchObject({ accepted: false, code: "payment-in-progress" });
    expect(await bench.held(vip)).toEqual({});
  });

  it("moves over when the other finds the cart empty and replaces it just then", async () => {
    const bench = await cartBench();
    const { store, surroundings, commands, carts, by } = bench;
    const other = bench.node().commands;
    const touch = { type: "TouchLine", accountId: "ada", ...regular, newCartId: "first", currency: "EUR" } as const;
    await carts.run(cartStream("ada"), { ...touch, holdTtlSeconds: 600, empty: null }, by());
    const gate = store.holdNextAppend(); // the tickets of the first
    const first = commands.setLine(ADA, regular, 2, by());
    await gate.reached;
    await surroundings.advance(2_000);
    let answer: unknown = null;
    store.beforeNextAppend(async () => {
      gate.release();
      answer = await first;
    });
    expect(await other.setLine(ADA, vip, 1, by())).toMatchObject(accepted);
    expect(answer).toMatchObject(accepted); // before the cart was replaced
    expect(bench.noted()).toEqual([
      ...["CartOpened", "CartLineTouched"],
      ...["CartCleared", "CartOpened", "CartLineTouched", "CartLineTouched"],
    ]);
    expect([await onlyLine(bench, vip), await onlyLine(bench, regular)]).toEqual([1, 2]);
    expect(store.eventsOf(inventoryStream("concert", "regular"))).toHaveLength(4);
  });
});

describe("turns", () => {
  it("come one after the other under the same key, whatever becomes of those before", async () => {
    const turns = new Turns();
    const ran: string[] = [];
    const gate = Promise.withResolvers<void>();
    const first = turns.take("a", async () => {
      await gate.promise;
      ran.push("first");
      throw new Error("failed");
    });
    const second = turns.take("a", async () => ran.push("second"));
    await turns.take("b", async () => ran.push("of another key"));
    gate.resolve();
    await expect(first).rejects.toThrow("failed");
    await second;
    expect(ran).toEqual(["of another key", "first", "second"]);
  });

  it("are not given to more than can wait", async () => {
    const turns = new Turns();
    const gate = Promise.withResolvers<void>();
    const waiting = Array.from({ length: 100 }, () => turns.take("a", () => gate.promise));
    await expect(turns.take("a", async () => {})).rejects.toMatchObject({ name: "Busy" });
    gate.resolve();
    await Promise.all(waiting);
    await expect(turns.take("a", async () => "free again")).resolves.toBe("free again");
  });
});
