import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { expectProblem, placesOf, recordsNothing } from "./events-asking.ts";
import { type NodeUnderTest, type Reply, startNode } from "./events-node.ts";
import type { Signed } from "./harness.ts";
import { idempotent, openShop, type Shop } from "./reservations-shop.ts";

let node: NodeUnderTest;
let buyer: Signed;
let other: Signed;
let shop: Shop;
beforeAll(async () => {
  node = await startNode();
  shop = openShop(node, await node.signUp());
  [buyer, other] = [await node.signUp(), await node.guest()];
});
afterAll(() => node.close());

/** The second answer is the first again, byte for byte, and says so. */
function expectReplay(first: Reply, again: Reply): void {
  expect(again.statusCode, again.body).toBe(first.statusCode);
  expect(again.body).toBe(first.body);
  expect(again.headers["idempotency-replayed"]).toBe("true");
  for (const header of ["boxoffice-position", "location", "content-type"]) {
    expect(again.headers[header]).toBe(first.headers[header]);
  }
}

describe("a reservation with an Idempotency-Key", () => {
  it("is made once, and a repetition gets its answer", async () => {
    const at = await shop.onSale();
    const { reply } = await shop.reserved(at, buyer, { key: "once" });
    expectReplay(reply, await recordsNothing(node, () => shop.reserve(at, buyer, { key: "once" })));
  });

  it("is made once of 20 requests at once, and all get the one answer", async () => {
    const at = await shop.onSale();
    const before = await node.head();
    const answers = await Promise.all(Array.from({ length: 20 }, () => shop.reserve(at, buyer, { key: "twenty" })));
    expect(answers.map(({ statusCode }) => statusCode)).toEqual(Array(20).fill(201));
    expect(new Set(answers.map(({ body }) => body)).size).toBe(1);
    expect(new Set(answers.map(({ headers }) => headers["boxoffice-position"])).size).toBe(1);
    expect(answers.filter(({ headers }) => headers["idempotency-replayed"] === "true")).toHaveLength(19);
    expect((await node.recorded(before)).map(({ type }) => type)).toEqual(["TicketsReserved"]);
  });

  it("gets its first answer also after it was extended and given back", async () => {
    const at = await shop.onSale();
    const { id, reply } = await shop.reserved(at, buyer, { key: "ended" });
    await shop.on("POST", `/${id}/extend`, buyer);
    expectReplay(reply, await shop.reserve(at, buyer, { key: "ended" }));
    await shop.on("DELETE", `/${id}`, buyer);
    expectReplay(reply, await recordsNothing(node, () => shop.reserve(at, buyer, { key: "ended" })));
  });

  it("gets its first answer also when the sale has closed since", async () => {
    const organizer = await node.signUp();
    const at = await shop.onSale({}, organizer);
    const { reply } = await shop.reserved(at, buyer, { key: "closed" });
    const body = { saleStartsAt: "2020-01-01T00:00:00Z", saleEndsAt: "2021-01-01T00:00:00Z" };
    await node.call("PATCH", `/events/${at.eventId}`, { token: organizer.token, body });
    expectProblem(await shop.reserve(at, buyer, { key: "new" }), 409, "sale-closed");
    expectReplay(reply, await shop.reserve(at, buyer, { key: "closed" }));
  });

  it("is refused with another body, and not changed", async () => {
    const at = await shop.onSale();
    const { reply } = await shop.reserved(at, buyer, { key: "body" });
    await recordsNothing(node, async () => {
      const wish = { key: "body", quantity: 2 };
      expectProblem(await shop.reserve(at, buyer, wish), 422, "idempotency-key-reused");
      expectReplay(reply, await shop.reserve(at, buyer, { key: "body" }));
    });
  });

  it("is another on another ticket type, event or account", async () => {
    const ticketTypes = [
      { name: "VIP", capacity: 5 },
      { name: "Regular", capacity: 5 },
    ];
    const [at, elsewhere] = [await shop.onSale({ ticketTypes }), await shop.onSale()];
    const made = [
      await shop.reserved(at, buyer, { key: "same" }),
      await shop.reserved(at, buyer, { key: "same", ticketTypeId: at.ticketTypeIds[1] }),
      await shop.reserved(elsewhere, buyer, { key: "same" }),
      await shop.reserved(at, other, { key: "same" }),
    ];
    expect(new Set(made.map(({ id }) => id)).size).toBe(4);
    for (const { reply } of made) expect(reply.headers["idempotency-replayed"]).toBeUndefined();
  });

  it("is decided afresh after a refusal", async () => {
    const at = await shop.onSale({ ticketTypes: [{ name: "Regular", capacity: 1 }] });
    const { id } = await shop.reserved(at, other);
    const ask = () => shop.reserve(at, buyer, { key: "refused" });
    expectProblem(await recordsNothing(node, ask), 409, "sold-out");
    await shop.on("DELETE", `/${id}`, other);
    const made = await ask();
    expect([made.statusCode, made.headers["idempotency-replayed"]]).toEqual([201, undefined]);
    expectReplay(made, await ask());
  });

  it("takes a key of 1 to 255 characters", async () => {
    const at = await shop.onSale();
    for (const key of ["", "x".repeat(256)]) {
      const refused = await recordsNothing(node, () => shop.reserve(at, buyer, { key }));
      expectProblem(refused, 400, "invalid");
      expect(placesOf(refused)).toEqual(["header /Idempotency-Key"]);
    }
    expect((await shop.reserve(at, buyer, { key: "x".repeat(255) })).statusCode).toBe(201);
  });

  it("counts across a restart of the node", async () => {
    const at = await shop.onSale();
    const { id, reply } = await shop.reserved(at, buyer, { key: "restart" });
    const extended = await shop.on("POST", `/${id}/extend`, buyer, { headers: idempotent("restart") });
    await node.restart();
    await recordsNothing(node, async () => {
      expectReplay(reply, await shop.reserve(at, buyer, { key: "restart" }));
      expectReplay(extended, await shop.on("POST", `/${id}/extend`, buyer, { headers: idempotent("restart") }));
      const wish = { key: "restart", quantity: 2 };
      expectProblem(await shop.reserve(at, buyer, wish), 422, "idempotency-key-reused");
    });
  });
});
