import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type StandIn, startStandIn } from "../support/eventstoredb/server.ts";
import { type NodeUnderTest, type Reply, startNode } from "./events-node.ts";
import type { Signed } from "./harness.ts";

const ANSWER_WITHIN_MS = 15_000;

let store: StandIn;
let node: NodeUnderTest;
let organizer: Signed;
let event: { eventId: string; ticketTypes: { ticketTypeId: string }[] };
let reservationId: string;
beforeAll(async () => {
  store = await startStandIn();
  node = await startNode({ eventStoreUrl: store.connectionString });
  organizer = await node.signUp();
  const body = { name: "Aurora", totalSeats: 20 };
  event = (await node.call("POST", "/events", { token: organizer.token, body })).json();
  const made = await reserve();
  reservationId = made.json().reservationId;
  const headers = { "boxoffice-min-position": String(made.headers["boxoffice-position"]) };
  expect((await node.call("GET", `/events/${event.eventId}`, { headers })).json().held).toBe(1);
});
afterAll(async () => {
  await node?.close();
  await store?.close();
});

const reserve = (): Promise<Reply> =>
  node.call("POST", `/events/${event.eventId}/reservations`, {
    token: organizer.token,
    body: { ticketTypeId: event.ticketTypes[0]?.ticketTypeId, quantity: 1 },
  });

describe("while the event store is away", () => {
  it("everything is read, and it is the newest, since nothing new can be recorded; writes are 503; then all goes on", async () => {
    await store.stop();
    const { token } = organizer;
    for (let round = 1; round <= 5; round += 1) {
      for (const url of [`/events/${event.eventId}`, `/events/${event.eventId}/availability`, "/events/search"]) {
        const reply = await node.call("GET", url);
        expect([url, reply.statusCode, reply.headers["boxoffice-stale"]]).toEqual([url, 200, undefined]);
      }
      for (const url of [`/reservations/${reservationId}`, "/reservations", "/events?organizer=me"]) {
        expect([url, (await node.call("GET", url, { token })).statusCode]).toEqual([url, 200]);
      }
    }
    const startedMs = performance.now();
    // What may just have been made can't be said not to be there.
    const refused = await Promise.all([reserve(), node.call("GET", `/events/${randomUUID()}`)]);
    expect(performance.now() - startedMs).toBeLessThan(ANSWER_WITHIN_MS);
    for (const { statusCode, headers } of refused) {
      expect(statusCode).toBe(503);
      expect(Number(headers["retry-after"])).toBeGreaterThan(0);
    }

    await store.start();
    const backSinceMs = performance.now();
    for (let made = await reserve(); made.statusCode !== 201; made = await reserve()) {
      expect(performance.now() - backSinceMs, made.body).toBeLessThan(20_000);
      await sleep(200);
    }
    expect((await node.call("GET", `/events/${randomUUID()}`)).statusCode).toBe(404);
  });
});
