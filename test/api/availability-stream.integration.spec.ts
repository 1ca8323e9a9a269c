import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { type NodeUnderTest, startNode } from "./events-node.ts";
import type { Signed } from "./harness.ts";
import { type Listening, listenTo, type Told } from "./streaming.ts";

let node: NodeUnderTest;
let port: number;
let organizer: Signed;
let buyer: Signed;
beforeAll(async () => {
  node = await startNode();
  port = await portOf(node);
  [organizer, buyer] = [await node.signUp(), await node.signUp()];
});
afterAll(() => node.close());

/** Where a node listens from now on. */
async function portOf({ boxoffice }: NodeUnderTest): Promise<number> {
  const address = await boxoffice.api?.listen({ port: 0, host: "127.0.0.1" });
  return Number(new URL(String(address)).port);
}

const listenings: Listening[] = [];
afterEach(() => {
  for (const listening of listenings.splice(0)) listening.close();
});

async function listen(eventId: string, headers: Record<string, string> = {}): Promise<Listening> {
  const listening = await listenTo({ port, path: `/events/${eventId}/availability/stream`, headers });
  listenings.push(listening);
  return listening;
}

async function create(more: object = {}) {
  const body = { name: "Aurora", totalSeats: 50, ...more };
  const made = await node.call("POST", "/events", { token: organizer.token, body });
  expect(made.statusCode, made.body).toBe(201);
  return made.json() as { eventId: string; ticketTypes: { ticketTypeId: string }[] };
}

async function reserve({ eventId, ticketTypes }: Awaited<ReturnType<typeof create>>): Promise<void> {
  const body = { ticketTypeId: ticketTypes[0]?.ticketTypeId, quantity: 1 };
  const reply = await node.call("POST", `/events/${eventId}/reservations`, { token: buyer.token, body });
  expect(reply.statusCode, reply.body).toBe(201);
}

const held =
  (count: number) =>
  ({ data }: Told): boolean =>
    (data.ticketTypes as { held: number }[] | undefined)?.[0]?.held === count;

describe("a stream of availability", () => {
  it("tells how it is at first, and the newest after each change", async () => {
    const event = await create();
    const listening = await listen(event.eventId);
    expect(listening.status).toBe(200);
    expect(listening.headers["content-type"]).toBe("text/event-stream; charset=utf-8");
    const first = await listening.until(held(0));
    const { body } = await node.call("GET", `/events/${event.eventId}/availability`);
    expect(first).toEqual({ event: null, id: String(JSON.parse(body).revision), data: JSON.parse(body) });
    await reserve(event);
    const second = await listening.until(held(1));
    expect(Number(second.id)).toBeGreaterThan(Number(first.id));
    await reserve(event);
    await listening.until(held(2));
  });

  it("ends at the newest revision however fast it changes, ascending, though those between may be left out", async () => {
    const event = await create();
    const all = await Promise.all([listen(event.eventId), listen(event.eventId), listen(event.eventId)]);
    await Promise.all(Array.from({ length: 40 }, () => reserve(event)));
    for (const listening of all) {
      await listening.until(held(40));
      const ids = listening.told.map(({ id }) => Number(id));
      expect(ids).toEqual([...new Set(ids)].sort((a, b) => a - b));
      expect(listening.told.length).toBeLessThan(40);
    }
  });

  it("says nothing again that the listener says it has", async () => {
    const event = await create();
    const { id } = await (await listen(event.eventId)).until(held(0));
    const back = await listen(event.eventId, { "last-event-id": String(id) });
    await reserve(event);
    await back.until(held(1));
    expect(back.told).toHaveLength(1);
    const other = await listen(event.eventId, { "last-event-id": "none of ours" });
    await other.until(held(1));
  });

  it("sees a write that the listener names", async () => {
    const event = await create();
    const body = { ticketTypeId: event.ticketTypes[0]?.ticketTypeId, quantity: 3 };
    const made = await node.call("POST", `/events/${event.eventId}/reservations`, { token: buyer.token, body });
    const position = String(made.headers["boxoffice-position"]);
    const listening = await listen(event.eventId, { "boxoffice-min-position": position });
    await listening.until(held(3));
    expect(listening.told).toHaveLength(1);
  });

  it("of a draft is its organizer's", async () => {
    const { eventId } = await create({ draft: true });
    expect((await listen(eventId)).status).toBe(404);
    expect((await listen(eventId, { authorization: `Bearer ${buyer.token}` })).status).toBe(404);
    const own = await listen(eventId, { authorization: `Bearer ${organizer.token}` });
    expect(own.status).toBe(200);
    await own.until(held(0));
  });

  it("of an event that is not there is 404", async () => {
    expect((await listen("7d9f5f0e-0000-4000-8000-000000000001")).status).toBe(404);
  });

  it("comes to its end when the event is called off, and those who come back are told so", async () => {
    const event = await create();
    await reserve(event);
    const listening = await listen(event.eventId);
    await listening.until(held(1));
    const cancelled = await node.call("POST", `/events/${event.eventId}/cancel`, { token: organizer.token });
    const end = await listening.until((told) => told.event === "end");
    expect(end.data).toEqual({ status: "CANCELLED" });
    expect(await listening.ended).toBe(true);
    // That the event is called off may be told before what becomes of its tickets.
    const newest = listening.told.at(-2) as Told;
    const headers = { "boxoffice-min-position": String(cancelled.headers["boxoffice-position"]) };
    const { revision } = (await node.call("GET", `/events/${event.eventId}/availability`, { headers })).json();
    expect(Number(newest.id)).toBeLessThanOrEqual(revision);
    expect((await listen(event.eventId, { "last-event-id": String(revision) })).status).toBe(204);
    const late = await listen(event.eventId, { "last-event-id": "1" });
    expect((await late.until((told) => told.event === "end")).data).toEqual({ status: "CANCELLED" });
    expect(await late.ended).toBe(true);
  });

  it("ends in order when the node is stopped", async () => {
    const other = await startNode();
    try {
      const otherPort = await portOf(other);
      const { token } = await other.signUp();
      const made = await other.call("POST", "/events", { token, body: { name: "Aurora", totalSeats: 5 } });
      const path = `/events/${made.json().eventId}/availability/stream`;
      const listening = await listenTo({ port: otherPort, path });
      await listening.until(held(0));
      const startedMs = performance.now();
      await other.boxoffice.stop();
      expect(await listening.ended).toBe(true);
      expect(performance.now() - startedMs).toBeLessThan(5_000);
    } finally {
      await other.close();
    }
  });
});
