import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { asOf, DAY, inMs } from "./events-asking.ts";
import { type NodeUnderTest, type Reply, startNode } from "./events-node.ts";
import { type FuzzRequest, type FuzzWorld, requestsOf, type Target } from "./fuzz-requests.ts";
import { documentOf, operationsOf, replyChecker } from "./openapi-document.ts";
import { openShop } from "./reservations-shop.ts";
import { waitlistHands } from "./waitlist-shop.ts";

const REQUESTS = 5_000;
const AT_ONCE = 8;
/** It sells numbered seats, and no event has any. */
const NEVER_YET = "POST /bookings/{id}";
/** A quarter of a minute on an idle machine of two cores, more where other specs run beside. */
const WITHIN_MS = 180_000;

let node: NodeUnderTest;
let world: FuzzWorld;
beforeAll(async () => {
  node = await startNode();
  const [organizer, guest] = [await node.signUp(), await node.guest()];
  const shop = openShop(node, organizer);
  const hands = waitlistHands(node, organizer);
  const price = { amount: 5, currency: "EUR" };
  const ticketTypes = [{ name: "A", capacity: 10_000_000, maxPerOrder: 10_000_000, price }];
  const targets: Target[] = [];
  for (let i = 0; i < 24; i += 1) {
    const special = [{ startsAt: inMs(-DAY) }, { draft: true }, { guestsAllowed: false, saleEndsAt: inMs(DAY) }];
    const at = await shop.onSale({ ticketTypes, ...(i % 2 === 0 ? special[(i / 2) % special.length] : {}) });
    const owner = i % 3 === 0 ? guest : organizer;
    const elsewhere = await shop.onSale({ ticketTypes: [{ name: "B", capacity: 10, price }] });
    const { id: reservationId } = await shop.reserved(elsewhere, owner);
    const { id: bought } = await shop.reserved(elsewhere, owner, { quantity: 3 });
    const paid = await node.call("POST", "/purchases", {
      token: owner.token,
      body: { reservationIds: [bought], payment: { method: "sandbox-ok" } },
    });
    const { bookingId, tickets } = paid.json();
    const { id: entryId } = await hands.joined(await hands.soldOut(), owner);
    // Every fifth is sold out, for those who would rather wait.
    const { eventId, ticketTypeId } =
      i % 5 === 1 ? await hands.soldOut() : { eventId: at.eventId, ticketTypeId: at.ticketTypeIds[0] as string };
    const [{ ticketId }] = tickets;
    const { eventId: doomedEventId } = await shop.onSale();
    const held = await node.call("POST", "/holds", { body: { event_id: elsewhere.eventId, qty: 1 } });
    const { hold_id: holdId, payment_token: paymentToken } = held.json();
    const ofSale = { eventId, ticketTypeId, reservationId, entryId, bookingId, ticketId, doomedEventId };
    targets.push({ ...ofSale, holdId, paymentToken });
  }
  const tokens = { organizer: organizer.token, guest: guest.token };
  world = { document: await documentOf(node), targets, tokens, organizerId: organizer.accountId };
});
afterAll(() => node.close());

describe("whatever is sent", { timeout: WITHIN_MS }, () => {
  it(`gets a reply that is in the document, and never one that is our fault: ${REQUESTS} requests`, async () => {
    const check = replyChecker(world.document);
    // Streams end when their event does, and have specs of their own.
    const operations = operationsOf(world.document).filter(
      ([route]) =>
        /^\w+ \/(events|reservations|cart|waitlist|purchases|bookings|ticket|holds|book)\b/.test(route) &&
        !route.endsWith("/stream"),
    );
    const seen = new Map<string, number>();

    const send = async ({ method, path, url, headers, payload }: FuzzRequest): Promise<void> => {
      const sent = { method, url, headers, ...(payload === undefined ? {} : { payload }) };
      const reply = (await node.boxoffice.api?.inject(sent)) as Reply;
      expect(reply.statusCode, reply.body).toBeLessThan(500);
      expect(check(method, path, reply), reply.body.slice(0, 1_000)).toBeNull();
      const outcome = `${reply.statusCode} ${method} ${path}`;
      seen.set(outcome, (seen.get(outcome) ?? 0) + 1);
    };

    const request = fc.oneof(...operations.map(([route, operation]) => requestsOf(route, operation, world)));
    const atOnce = fc.array(request, { minLength: AT_ONCE, maxLength: AT_ONCE });
    const property = fc.asyncProperty(atOnce, async (requests) => void (await Promise.all(requests.map(send))));
    await fc.assert(property, { numRuns: REQUESTS / AT_ONCE });

    expect(node.errors).toEqual([]);
    // Nothing that was accepted stops the read models.
    const made = await node.call("POST", "/events", {
      token: world.tokens.organizer,
      body: { name: "x", totalSeats: 1 },
    });
    const read = await node.call("GET", String(made.headers.location), { headers: asOf(made) });
    expect([read.statusCode, read.json()]).toEqual([200, made.json()]);
    // It reached what it is meant to reach: every operation succeeded at times, and was refused in several ways.
    for (const [route, { responses }] of operations) {
      const success = Object.keys(responses).find((status) => status.startsWith("2"));
      const outcomes = [...seen.keys()].filter((outcome) => outcome.endsWith(` ${route}`));
      if (route !== NEVER_YET) expect(outcomes).toContain(`${success} ${route}`);
      expect(outcomes.length, `${outcomes}`).toBeGreaterThan(2);
    }
  });
});
