import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { StoredEvent } from "../../src/eventstore/port.ts";
import { figuresOf } from "../projections/analytics/independent-figures.ts";
import { type NodeUnderTest, type Reply, startNode } from "./events-node.ts";
import type { CallOptions, Signed } from "./harness.ts";
import { patiently } from "./patiently.ts";

const ROUTES = ["sales", "funnel", "revenue", "occupancy"] as const;

let node: NodeUnderTest;
let organizer: Signed;
let other: Signed;
let analyst: Signed;
let eventId: string;
let types: readonly string[];
let othersEventId: string;

beforeAll(async () => {
  node = await startNode();
  [organizer, other, analyst] = await Promise.all([node.signUp(), node.signUp(), node.signUp()]);
  const roles = { token: (await node.admin()).token, body: { roles: ["analyst"] } };
  await node.call("PUT", `/accounts/${analyst.accountId}/roles`, roles);
  const price = (amount: number) => ({ amount, currency: "EUR" });
  const made = await node.call("POST", "/events", {
    token: organizer.token,
    body: {
      name: "Aurora Live",
      ticketTypes: [
        { name: "VIP", capacity: 3, price: price(10_000) },
        { name: "Regular", capacity: 100, price: price(4_500) },
      ],
    },
  });
  ({ eventId } = made.json());
  types = made.json().ticketTypes.map((one: { ticketTypeId: string }) => one.ticketTypeId);
  const free = { name: "Free", ticketTypes: [{ name: "All", capacity: 9 }] };
  othersEventId = (await node.call("POST", "/events", { token: other.token, body: free })).json().eventId;

  const first = await buy(types[0], 3, "sandbox-ok");
  await buy(types[1], 2, "sandbox-ok");
  await buy(types[1], 4, "sandbox-decline");
  const cancelled = await node.call("POST", `/bookings/${first.bookingId}/cancel`, {
    token: first.token,
    body: { ticketIds: [first.ticketIds[0]] },
  });
  expect(cancelled.statusCode, cancelled.body).toBe(200);
  const { token } = await node.guest();
  const held = await reserve(types[1], 5, token);
  await node.call("DELETE", `/reservations/${held}`, { token });
  await reserve(types[1], 1, token);
});
afterAll(() => node?.close());

async function reserve(ticketTypeId: string | undefined, quantity: number, token: string): Promise<string> {
  const held = await node.call("POST", `/events/${eventId}/reservations`, { token, body: { ticketTypeId, quantity } });
  expect(held.statusCode, held.body).toBe(201);
  return held.json().reservationId;
}

async function buy(ticketTypeId: string | undefined, quantity: number, method: string) {
  const { token } = await node.guest();
  const reservationIds = [await reserve(ticketTypeId, quantity, token)];
  const reply = await node.call("POST", "/purchases", { token, body: { reservationIds, payment: { method } } });
  expect(reply.statusCode, reply.body).toBe(method === "sandbox-ok" ? 201 : 402);
  const { bookingId, tickets = [] } = reply.json();
  return { token, bookingId, ticketIds: tickets.map((one: { ticketId: string }) => one.ticketId) };
}

/** From read models that have seen all that is recorded. */
async function read(url: string, { token }: Signed = organizer, headers: CallOptions["headers"] = {}): Promise<Reply> {
  const position = { "boxoffice-min-position": await node.head() };
  return patiently(() => node.call("GET", url, { token, headers: { ...position, ...headers } }));
}
async function items(url: string, by?: Signed) {
  const reply = await read(url, by);
  expect(reply.statusCode, reply.body).toBe(200);
  return reply.json().items;
}

const eur = (amount: number) => ({ amount, currency: "EUR" });

describe("figures of a sale", () => {
  it("are what the log says, added up by other code", async () => {
    const recorded = await node.recorded();
    const stored = recorded.map((one) => ({
      ...one,
      data: JSON.stringify(one.data),
      metadata: JSON.stringify(one.metadata),
    }));
    const { funnel, revenue, occupancy } = figuresOf(stored as unknown as StoredEvent[]);
    const keyOf = (item: { ticketTypeId: string }) => `${eventId}.${item.ticketTypeId}`;
    const shown = await items(`/analytics/funnel?eventId=${eventId}`);
    expect(shown).toHaveLength(2);
    for (const item of shown) {
      for (const what of ["made", "bought", "released", "expired", "withdrawn", "declined"]) {
        expect(item.reservations[what], what).toBe(funnel[keyOf(item)]?.[`reservations ${what}`] ?? 0);
        expect(item.tickets[what === "made" ? "reserved" : what], what).toBe(
          funnel[keyOf(item)]?.[`tickets ${what}`] ?? 0,
        );
      }
    }
    for (const item of await items(`/analytics/revenue?eventId=${eventId}`)) {
      const { gross = 0, refunded = 0, asked = 0, tickets = 0, cancelled = 0 } = revenue[`${keyOf(item)} EUR`] ?? {};
      expect(item).toMatchObject({
        tickets,
        cancelledTickets: cancelled,
        gross: eur(gross),
        refunds: eur(refunded),
        net: eur(gross - refunded),
        refundsPending: eur(asked - refunded),
      });
    }
    for (const item of await items(`/analytics/occupancy?eventId=${eventId}`)) {
      const { total = 0, held = 0, booked = 0 } = occupancy[keyOf(item)] ?? {};
      expect(item).toMatchObject({ total, held, booked, available: total - held - booked });
    }
  });

  it("are told by event where none is named, and sold out is when the last ticket went", async () => {
    const [all] = await items("/analytics/revenue");
    expect(all).toMatchObject({ eventId, ticketTypeId: null, tickets: 5, cancelledTickets: 1, gross: eur(39_000) });
    const [vip, regular] = await items(`/analytics/occupancy?eventId=${eventId}`);
    expect(vip).toMatchObject({ ticketTypeId: types[0], total: 3, booked: 2, share: 0.6667 });
    expect(vip.soldOutAt).not.toBeNull();
    expect(vip.secondsToSellOut).toBeGreaterThanOrEqual(0);
    expect(regular).toMatchObject({ soldOutAt: null, secondsToSellOut: null, held: 5 });
    expect((await items("/analytics/occupancy"))[0]).toMatchObject({ ticketTypeId: null, total: 103, soldOutAt: null });
  });

  it("are by hour, day and week of a time zone", async () => {
    const inUtc = await items(`/analytics/sales?eventId=${eventId}&bucket=hour`);
    expect(inUtc.reduce((sum: number, { tickets }: { tickets: number }) => sum + tickets, 0)).toBe(5);
    const [{ from: hour }] = inUtc;
    expect(hour).toMatch(/:00:00\.000Z$/);
    const kathmandu = "timeZone=Asia/Kathmandu"; // 5:45 ahead
    const [there] = await items(`/analytics/sales?eventId=${eventId}&bucket=hour&${kathmandu}`);
    expect(there.from).toMatch(/:15:00\.000Z$/);
    const [day] = await items(`/analytics/sales?eventId=${eventId}&bucket=day&${kathmandu}`);
    expect(day).toMatchObject({ gross: eur(39_000), tickets: 5 });
    expect(day.from).toMatch(/T18:15:00\.000Z$/);
    expect(Date.parse(day.to) - Date.parse(day.from)).toBe(86_400_000);
    const [week] = await items(`/analytics/sales?bucket=week`);
    expect(new Date(week.from).getUTCDay()).toBe(1);
    const before = `to=${new Date(Date.parse(hour) - 3_600_000).toISOString()}`;
    expect(await items(`/analytics/sales?eventId=${eventId}&bucket=hour&${before}`)).toEqual([]);
    expect(await items(`/analytics/revenue?eventId=${eventId}&${before}`)).toEqual([]);
    // Of a bucket that a bound is in, all is told.
    const within = `from=${new Date(Date.parse(hour) + 3_599_000).toISOString()}`;
    expect(await items(`/analytics/sales?eventId=${eventId}&bucket=hour&${within}`)).toEqual(inUtc);
  });

  it("are whole for the quarter of an hour that a bound is in", async () => {
    const reserved = (await node.recorded()).find(({ type }) => type === "TicketsReserved");
    const beganMs = Date.parse(String(reserved?.metadata.at));
    const within = new Date(beganMs - (beganMs % 900_000) + 899_999).toISOString();
    for (const route of ["funnel", "revenue"]) {
      const url = `/analytics/${route}?eventId=${eventId}`;
      expect(await items(`${url}&from=${within}`), route).toEqual(await items(url));
    }
    const later = new Date(Date.now() + 900_000).toISOString();
    expect(await items(`/analytics/revenue?eventId=${eventId}&from=${later}`)).toEqual([]);
  });

  it("are CSV for whoever asks for it, with amounts and currencies in columns", async () => {
    const csv = await read(`/analytics/sales?eventId=${eventId}&bucket=day`, organizer, { accept: "text/csv" });
    const [heading, line, end] = csv.body.split("\r\n");
    expect(heading).toBe("from,to,tickets,cancelledTickets,gross,refunds,amount,currency");
    expect(line).toMatch(/,5,1,39000,\d+,\d+,EUR$/);
    expect(end).toBe("");
    for (const route of ROUTES) {
      const reply = await read(`/analytics/${route}`, organizer, { accept: "text/csv" });
      expect(reply.headers["content-type"]).toBe("text/csv; charset=utf-8; header=present");
      expect(reply.headers["content-disposition"]).toBe(`attachment; filename="${route}.csv"`);
      expect(reply.body.split("\r\n").length, route).toBeGreaterThan(2);
    }
  });

  it("have as CSV all that they have as JSON", async () => {
    const columnsOf = (item: object, before = ""): string[] =>
      Object.entries(item).flatMap(([name, value]) =>
        value !== null && typeof value === "object" ? columnsOf(value, `${name}_`) : [`${before}${name}`],
      );
    for (const route of ["funnel", "occupancy"]) {
      const url = `/analytics/${route}?eventId=${eventId}`;
      const [item] = await items(url);
      const [heading = ""] = (await read(url, organizer, { accept: "text/csv" })).body.split("\r\n");
      expect(heading.split(",").toSorted()).toEqual(columnsOf(item).toSorted());
    }
  });
});

describe("who sees them", () => {
  it.each(ROUTES)("%s: analysts of all events, organizers of their own, nobody else", async (route) => {
    const url = `/analytics/${route}?eventId=${eventId}`;
    expect((await items(url, analyst)).length).toBeGreaterThan(0);
    expect((await read(url, other)).json().code).toBe("forbidden");
    const own = await items(`/analytics/${route}`, other);
    expect(own.filter((item: { eventId: string }) => item.eventId === eventId)).toEqual([]);
    const draft = { name: "Secret", draft: true, ticketTypes: [{ name: "All", capacity: 9 }] };
    const hidden = (await node.call("POST", "/events", { token: organizer.token, body: draft })).json().eventId;
    expect((await read(`/analytics/${route}?eventId=${hidden}`, other)).json().code).toBe("event-not-found");
    expect((await read(`/analytics/${route}?eventId=${crypto.randomUUID()}`, analyst)).json().code).toBe(
      "event-not-found",
    );
  });

  it("in pages of events", async () => {
    const shown: string[] = [];
    for (let next: string | null = ""; next !== null; ) {
      const cursor: string = next === "" ? "" : `&cursor=${next}`;
      const page: { items: { eventId: string }[]; next: string | null } = (
        await read(`/analytics/occupancy?limit=1${cursor}`, analyst)
      ).json();
      shown.push(...page.items.map((item) => item.eventId));
      next = page.next;
    }
    expect(shown).toEqual(shown.toSorted());
    expect(shown).toEqual(expect.arrayContaining([eventId, othersEventId]));
    expect(new Set(shown).size).toBe(shown.length);
  });
});

it("say what their parameters take", async () => {
  const wrong = [
    "sales?bucket=minute",
    "sales?timeZone=Nowhere/Land",
    "sales?timeZone=%2B05:30",
    "sales?from=2026-01-01T00:00:00Z&to=2025-01-01T00:00:00Z",
    "sales?bucket=hour&from=2000-01-01T00:00:00Z&to=2026-01-01T00:00:00Z",
    "funnel?cursor=!",
    "revenue?eventId=x",
    "occupancy?from=2026-01-01T00:00:00Z",
  ];
  for (const query of wrong) {
    const reply = await node.call("GET", `/analytics/${query}`, { token: analyst.token });
    expect([query, reply.statusCode, reply.json().code]).toEqual([query, 400, "invalid"]);
  }
});
