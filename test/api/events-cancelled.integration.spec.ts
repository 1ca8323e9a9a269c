import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { processContext } from "../../src/commands/aggregate.ts";
import { type CartHands, handsOn, lineOf } from "./carts-shop.ts";
import { expectProblem } from "./events-asking.ts";
import { type NodeUnderTest, startNode } from "./events-node.ts";
import type { Signed } from "./harness.ts";
import { type OnSale, openShop, type Shop } from "./reservations-shop.ts";
import { type WaitlistHands, waitlistHands } from "./waitlist-shop.ts";

let node: NodeUnderTest;
let organizer: Signed;
let stranger: Signed;
let shop: Shop;
let cart: CartHands;
let waitlist: WaitlistHands;
beforeAll(async () => {
  node = await startNode();
  [organizer, stranger] = [await node.signUp(), await node.signUp()];
  shop = openShop(node, organizer);
  cart = handsOn(node);
  waitlist = waitlistHands(node, organizer);
});
afterAll(() => node.close());

async function calledOff(more: object = {}): Promise<OnSale> {
  const at = await shop.onSale(more);
  const outcome = await node.boxoffice.events?.cancel(at.eventId, processContext("spec", randomUUID));
  expect(outcome?.accepted).toBe(true);
  return at;
}

describe("an event that was called off", () => {
  it("sells nothing any more, and says why", async () => {
    const at = await calledOff();
    expectProblem(await shop.reserve(at, stranger), 409, "event-cancelled");
    await cart.refused(lineOf(at), stranger, 1, 409, "event-cancelled");
    expectProblem(await waitlist.join(lineOf(at), stranger), 409, "event-cancelled");
  });

  it("holds nothing any longer", async () => {
    const at = await shop.onSale();
    const { id } = await shop.reserved(at, stranger);
    await node.boxoffice.events?.cancel(at.eventId, processContext("spec", randomUUID));
    expectProblem(await shop.on("POST", `/${id}/extend`, stranger), 409, "event-cancelled");
  });

  it("completes no purchase: what was held is not charged", async () => {
    const at = await shop.onSale({
      ticketTypes: [{ name: "A", capacity: 1, price: { amount: 100, currency: "EUR" } }],
    });
    const { id } = await shop.reserved(at, stranger);
    await node.boxoffice.events?.cancel(at.eventId, processContext("spec", randomUUID));
    const body = { reservationIds: [id], payment: { method: "sandbox-ok" } };
    expectProblem(await node.call("POST", "/purchases", { token: stranger.token, body }), 409, "event-cancelled");
  });
});

describe("a draft that was called off", () => {
  it("is nobody's business but its organizer's, whatever is asked of it", async () => {
    const at = await calledOff({ draft: true });
    const { token } = stranger;
    for (const path of ["", "/availability", "/waitlist"]) {
      const read = await node.call("GET", `/events/${at.eventId}${path}`, { token });
      expectProblem(read, 404, "event-not-found");
    }
    expectProblem(await node.call("GET", `/events/${at.eventId}`), 404, "event-not-found");
    expectProblem(await shop.reserve(at, stranger), 404, "event-not-found");
    await cart.refused(lineOf(at), stranger, 1, 404, "event-not-found");
    expectProblem(await waitlist.join(lineOf(at), stranger), 404, "event-not-found");
  });

  it("tells its organizer what became of it", async () => {
    const at = await calledOff({ draft: true });
    const { token } = organizer;
    const headers = { "boxoffice-min-position": await node.head() };
    const read = await node.call("GET", `/events/${at.eventId}`, { token, headers });
    expect([read.statusCode, read.json().status]).toEqual([200, "CANCELLED"]);
    expect((await node.call("GET", `/events/${at.eventId}/availability`, { token })).statusCode).toBe(200);
    expectProblem(await shop.reserve(at, organizer), 409, "event-cancelled");
  });
});
