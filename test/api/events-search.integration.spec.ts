import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { asOf, expectProblem, placesOf } from "./events-asking.ts";
import { type NodeUnderTest, type Reply, startNode } from "./events-node.ts";
import type { Signed } from "./harness.ts";

let node: NodeUnderTest;
let organizer: Signed;
beforeAll(async () => {
  node = await startNode();
  organizer = await node.signUp();
});
afterAll(() => node.close());

const listed = (body: object): Promise<Reply> => node.call("POST", "/events", { token: organizer.token, body });

const searched = (query: Record<string, string>, options: Parameters<NodeUnderTest["call"]>[2] = {}) =>
  node.call("GET", `/events/search?${new URLSearchParams(query)}`, options);

const names = (reply: Reply): string[] => reply.json().items.map(({ name }: { name: string }) => name);

describe("GET /events/search", () => {
  it("finds what was just put on sale, in the shapes of GET /events/{eventId}", async () => {
    const made = await listed({
      name: "Aurora Live",
      venue: { name: "Riverside Arena", city: "Köln" },
      startsAt: "2030-06-01T18:00:00Z",
      ticketTypes: [
        { name: "VIP", capacity: 10, price: { amount: 9_900, currency: "EUR" } },
        { name: "Regular", capacity: 90, price: { amount: 4_500, currency: "EUR" } },
      ],
    });
    const reply = await searched({ keyword: "aurroa", city: "koln" }, { headers: asOf(made) });
    const event = made.json();
    expect([reply.statusCode, reply.json()]).toEqual([
      200,
      {
        items: [
          {
            ...Object.fromEntries(
              [
                "eventId",
                "name",
                "status",
                "venue",
                "startsAt",
                "endsAt",
                "timeZone",
                "currency",
                "total",
                "available",
              ].map((field) => [field, event[field]]),
            ),
            minPrice: { amount: 4_500, currency: "EUR" },
            maxPrice: { amount: 9_900, currency: "EUR" },
          },
        ],
        total: 1,
        exact: true,
        page: 1,
        pageSize: 20,
        facets: { cities: [{ value: "Köln", count: 1 }], months: [{ value: "2030-06", count: 1 }] },
      },
    ]);
  });

  it("follows what happens to events and their tickets", async () => {
    const made = await listed({ name: "Chameleon", draft: true, totalSeats: 5 });
    const { eventId, ticketTypes } = made.json();
    const { token } = organizer;
    const drafts = { keyword: "chameleon", status: "DRAFT" };
    expect(names(await searched(drafts, { headers: asOf(made) }))).toEqual([]);
    expect(names(await searched(drafts, { token, headers: asOf(made) }))).toEqual(["Chameleon"]);

    const published = await node.call("POST", `/events/${eventId}/publish`, { token });
    expect(names(await searched({ keyword: "chameleon" }, { headers: asOf(published) }))).toEqual(["Chameleon"]);
    expect(names(await searched(drafts, { token, headers: asOf(published) }))).toEqual([]);

    const changes = { name: "Gecko", venue: { name: "Zoo", city: "Ulm" } };
    const changed = await node.call("PATCH", `/events/${eventId}`, { token, body: changes });
    expect(names(await searched({ keyword: "chameleon" }, { headers: asOf(changed) }))).toEqual([]);
    expect(names(await searched({ keyword: "gecko", city: "ulm" }))).toEqual(["Gecko"]);

    const body = { ticketTypeId: ticketTypes[0].ticketTypeId, quantity: 2 };
    const held = await node.call("POST", `/events/${eventId}/reservations`, { token, body });
    const [item] = (await searched({ keyword: "gecko" }, { headers: asOf(held) })).json().items;
    expect(item).toMatchObject({ total: 5, available: 3, minPrice: { amount: 0, currency: "EUR" } });

    const cancelled = await node.call("POST", `/events/${eventId}/cancel`, { token });
    expect(names(await searched({ keyword: "gecko" }, { headers: asOf(cancelled) }))).toEqual([]);
    const [gone] = (await searched({ keyword: "gecko", status: "CANCELLED" })).json().items;
    expect(gone).toMatchObject({ eventId, status: "CANCELLED" });
  });

  it("takes empty words and places for none", async () => {
    const made = await listed({ name: "Anything", totalSeats: 1 });
    const all = await searched({ pageSize: "100" }, { headers: asOf(made) });
    expect((await searched({ keyword: " ", city: "", pageSize: "100" })).json()).toEqual(all.json());
    expect(all.json().total).toBeGreaterThan(0);
  });

  it.each([
    [{ keyword: "x".repeat(201) }, ["query /keyword"]],
    [{ keyword: "nul \0" }, ["query /keyword"]],
    [{ city: "x".repeat(201) }, ["query /city"]],
    [{ start: "tomorrow" }, ["query /start"]],
    [{ end: "2027-02-30" }, ["query /end"]],
    [{ start: "2028-01-01T00:00:00Z", end: "2027-01-01T00:00:00Z" }, ["query /end"]],
    [{ status: "active" }, ["query /status"]],
    [{ minPrice: "-1" }, ["query /minPrice"]],
    [{ minPrice: "" }, ["query /minPrice"]],
    [{ minPrice: "0x10" }, ["query /minPrice"]],
    [{ maxPrice: "1.5" }, ["query /maxPrice"]],
    [{ maxPrice: "1000000000001" }, ["query /maxPrice"]],
    [{ minPrice: "2", maxPrice: "1" }, ["query /maxPrice"]],
    [{ sort: "name" }, ["query /sort"]],
    [{ page: "0" }, ["query /page"]],
    [{ page: "many" }, ["query /page"]],
    [{ pageSize: "101" }, ["query /pageSize"]],
    [{ page: "101", pageSize: "100" }, ["query /page"]],
    [{ q: "aurora" }, ["query /q"]],
    [{ status: "x", sort: "y", pageSize: "0" }, ["query /pageSize", "query /sort", "query /status"]],
  ])("refuses %j", async (query, places) => {
    const reply = await searched(query as Record<string, string>);
    expectProblem(reply, 400, "invalid");
    expect(placesOf(reply)).toEqual(places);
  });

  it("goes as far as the 10,000th item", async () => {
    expect((await searched({ page: "100", pageSize: "100" })).statusCode).toBe(200);
    expect((await node.call("GET", "/events/search?keyword=a&keyword=b")).statusCode).toBe(400);
  });
});
