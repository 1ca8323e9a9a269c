import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { asOf, expectProblem, placesOf, recordsNothing, until } from "./events-asking.ts";
import { type NodeUnderTest, type Reply, startNode } from "./events-node.ts";
import type { Signed } from "./harness.ts";
import { idempotent, type OnSale, openShop, type Shop } from "./reservations-shop.ts";

const NOWHERE = "7d9f5f0e-0000-4000-8000-000000000001";
let node: NodeUnderTest;
let organizer: Signed;
let buyer: Signed;
let other: Signed;
let shop: Shop;
beforeAll(async () => {
  node = await startNode();
  organizer = await node.signUp();
  shop = openShop(node, organizer);
  [buyer, other] = [await node.signUp(), await node.guest()];
});
afterAll(() => node.close());

const extend = (id: string, by: Signed, key?: string) =>
  shop.on("POST", `/${id}/extend`, by, { headers: idempotent(key) });
const release = (id: string, by: Signed) => shop.on("DELETE", `/${id}`, by);
const countsOf = async ({ eventId }: OnSale, write: Reply) => {
  const counts = await node.call("GET", `/events/${eventId}/availability`, { headers: asOf(write) });
  return counts.json().ticketTypes[0];
};

describe("extending", () => {
  it("moves expiresAt by the event's term, once", async () => {
    const at = await shop.onSale({ holdTtlSeconds: 100 });
    const { id, reply } = await shop.reserved(at, buyer, { quantity: 2 });
    const extended = await extend(id, buyer);
    expect(extended.statusCode, extended.body).toBe(200);
    const { expiresAt, ...rest } = extended.json();
    const { expiresAt: before, ...same } = reply.json();
    expect(rest).toEqual(same);
    expect(Date.parse(expiresAt) - Date.parse(before)).toBe(100_000);
    expect(extended.headers["boxoffice-position"]).toMatch(/^\d+$/);
    expect((await shop.on("GET", `/${id}`, buyer, { headers: asOf(extended) })).json()).toEqual(extended.json());
    expectProblem(await recordsNothing(node, () => extend(id, buyer)), 409, "extension-used");
  });

  it("goes by the term that the event has now", async () => {
    const at = await shop.onSale({ holdTtlSeconds: 100 });
    const { id, reply } = await shop.reserved(at, buyer);
    await node.call("PATCH", `/events/${at.eventId}`, { token: organizer.token, body: { holdTtlSeconds: 30 } });
    const { expiresAt } = (await extend(id, buyer)).json();
    expect(Date.parse(expiresAt) - Date.parse(reply.json().expiresAt)).toBe(30_000);
  });

  it("happens once of 10 requests at once", async () => {
    const { id } = await shop.reserved(await shop.onSale(), buyer);
    const answers = await Promise.all(Array.from({ length: 10 }, () => extend(id, buyer)));
    expect(answers.map(({ statusCode }) => statusCode).sort()).toEqual([200, ...Array(9).fill(409)]);
  });

  it("with a key gets its first answer again, also when the reservation has ended", async () => {
    const { id } = await shop.reserved(await shop.onSale(), buyer);
    const first = await extend(id, buyer, "longer");
    const again = async () => {
      const replayed = await recordsNothing(node, () => extend(id, buyer, "longer"));
      expect([replayed.statusCode, replayed.body]).toEqual([200, first.body]);
      expect(replayed.headers["idempotency-replayed"]).toBe("true");
      expect(replayed.headers["boxoffice-position"]).toBe(first.headers["boxoffice-position"]);
    };
    await again();
    await release(id, buyer);
    await again();
    const headers = idempotent("longer");
    const otherBody = await shop.on("POST", `/${id}/extend`, buyer, { headers, body: {} });
    expectProblem(otherBody, 422, "idempotency-key-reused");
  });

  it("is not for what was given back, nor for others", async () => {
    const { id } = await shop.reserved(await shop.onSale(), buyer);
    await recordsNothing(node, async () => {
      for (const stranger of [other, organizer]) {
        expectProblem(await extend(id, stranger), 404, "reservation-not-found");
      }
      expectProblem(await extend(NOWHERE, buyer), 404, "reservation-not-found");
      expectProblem(await extend("none", buyer), 404, "reservation-not-found");
      expectProblem(await node.call("POST", `/reservations/${id}/extend`), 401, "token-missing");
      const withBody = await shop.on("POST", `/${id}/extend`, buyer, { body: { seconds: 5 } });
      expect(placesOf(withBody)).toEqual(["body /seconds"]);
    });
    const released = await release(id, buyer);
    await shop.on("GET", `/${id}`, buyer, { headers: asOf(released) });
    expectProblem(await recordsNothing(node, () => extend(id, buyer)), 409, "reservation-not-held");
  });
});

describe("giving back", () => {
  it("frees the tickets, and again changes nothing", async () => {
    const at = await shop.onSale({ ticketTypes: [{ name: "Regular", capacity: 3 }] });
    const { id } = await shop.reserved(at, buyer, { quantity: 3 });
    const before = await node.head();
    const released = await release(id, buyer);
    expect([released.statusCode, released.body], released.body).toEqual([204, ""]);
    expect((await node.recorded(before)).map(({ type, data }) => [type, data])).toEqual([
      ["ReservationReleased", { reservationId: id, quantity: 3 }],
    ]);
    expect(await countsOf(at, released)).toMatchObject({ total: 3, available: 3, held: 0 });
    expect((await shop.on("GET", `/${id}`, buyer)).json().status).toBe("RELEASED");
    const again = await recordsNothing(node, () => release(id, buyer));
    expect([again.statusCode, again.body]).toEqual([204, ""]);
    expect(again.headers["boxoffice-position"]).toMatch(/^\d+$/);
    await shop.reserved(at, other, { quantity: 3 });
    expect((await recordsNothing(node, () => release(id, buyer))).statusCode).toBe(204);
  });

  it("is not for others", async () => {
    const { id } = await shop.reserved(await shop.onSale(), buyer);
    await recordsNothing(node, async () => {
      for (const stranger of [other, organizer]) {
        expectProblem(await release(id, stranger), 404, "reservation-not-found");
        expectProblem(await shop.on("GET", `/${id}`, stranger), 404, "reservation-not-found");
      }
      expectProblem(await release(NOWHERE, buyer), 404, "reservation-not-found");
      expectProblem(await node.call("DELETE", `/reservations/${id}`), 401, "token-missing");
    });
  });
});

describe("a reservation whose time is over", () => {
  it("is free for others from that instant, by decision alone", async () => {
    const at = await shop.onSale({ ticketTypes: [{ name: "Regular", capacity: 1 }], holdTtlSeconds: 1 });
    const { id, reply } = await shop.reserved(at, buyer, { key: "due" });
    expectProblem(await shop.reserve(at, other), 409, "sold-out");
    const before = await node.head();
    const won = await until(
      () => shop.reserve(at, other),
      ({ statusCode }) => statusCode === 201,
    );
    expect(won.statusCode).toBe(201);
    const recorded = await node.recorded(before);
    expect(recorded.map(({ type }) => type)).toEqual(["ReservationsExpired", "TicketsReserved"]);
    expect(recorded[0]?.data).toEqual({ reservations: [{ reservationId: id, quantity: 1 }] });
    const late = Date.parse(recorded[1]?.metadata.at ?? "") - Date.parse(reply.json().expiresAt);
    expect(late).toBeGreaterThanOrEqual(0);
    expect(late).toBeLessThan(2_000);

    const read = await shop.on("GET", `/${id}`, buyer, { headers: asOf(won) });
    expect(read.json()).toEqual({ ...reply.json(), status: "EXPIRED" });
    expectProblem(await recordsNothing(node, () => extend(id, buyer)), 409, "reservation-expired");
    expect((await recordsNothing(node, () => release(id, buyer))).statusCode).toBe(204);
    const replayed = await recordsNothing(node, () => shop.reserve(at, buyer, { key: "due" }));
    expect([replayed.statusCode, replayed.body]).toEqual([201, reply.body]);
  });

  it("reads as EXPIRED and can't be extended, though nobody has put that on record", async () => {
    const at = await shop.onSale({ holdTtlSeconds: 1 });
    const { id } = await shop.reserved(at, buyer);
    const before = await node.head();
    await until(
      async () => (await shop.on("GET", `/${id}`, buyer)).json().status,
      (status) => status === "EXPIRED",
    );
    expect(await node.recorded(before)).toEqual([]);
    const expired = await shop.on("GET", "?status=EXPIRED&limit=1", buyer);
    expect(expired.json().items).toMatchObject([{ reservationId: id, status: "EXPIRED" }]);
    const held = await shop.on("GET", "?status=HELD", buyer);
    expect(held.json().items.map((one: { reservationId: string }) => one.reservationId)).not.toContain(id);
    expectProblem(await extend(id, buyer), 409, "reservation-expired");
    expect((await release(id, buyer)).statusCode).toBe(204);
    expect((await shop.on("GET", `/${id}`, buyer)).json().status).toBe("EXPIRED");
  });
});

describe("the list of one's reservations", () => {
  it("is newest first, in pages, of one status or all, and nobody else's", async () => {
    const at = await shop.onSale();
    const someone = await node.guest();
    const made: string[] = [];
    for (let i = 0; i < 5; i += 1) made.push((await shop.reserved(at, someone)).id);
    await shop.reserved(at, other);
    const last = await release(made[1] as string, someone);
    const list = async (query: string) => {
      const answer = await shop.on("GET", query, someone, { headers: asOf(last) });
      expect(answer.statusCode, answer.body).toBe(200);
      const { items, next } = answer.json();
      return { ids: items.map((one: { reservationId: string }) => one.reservationId), items, next };
    };
    const newestFirst = made.toReversed();
    const all = await list("");
    expect([all.ids, all.next]).toEqual([newestFirst, null]);
    expect(all.items[0]).toEqual((await shop.on("GET", `/${made[4]}`, someone)).json());
    expect((await list("?status=RELEASED")).ids).toEqual([made[1]]);
    expect((await list("?status=CONFIRMED")).ids).toEqual([]);
    const [first, second] = [await list("?limit=2&status=HELD"), await list("?limit=2")];
    expect(first.ids).toEqual([made[4], made[3]]);
    expect((await list(`?limit=2&status=HELD&cursor=${first.next}`)).ids).toEqual([made[2], made[0]]);
    const third = await list(`?limit=3&cursor=${second.next}`);
    expect([third.ids, third.next]).toEqual([newestFirst.slice(2), null]);
    expect((await list("?limit=200")).ids).toHaveLength(5);
  });

  it("takes no other query", async () => {
    for (const [query, place] of [
      ["?limit=0", "/limit"],
      ["?limit=201", "/limit"],
      ["?limit=x", "/limit"],
      ["?status=GONE", "/status"],
      ["?status=held", "/status"],
      ["?cursor=x", "/cursor"],
      ["?cursor=", "/cursor"],
      [`?cursor=${"x".repeat(501)}`, "/cursor"],
      ["?account=me", "/account"],
    ] as const) {
      const refused = await shop.on("GET", query, buyer);
      expectProblem(refused, 400, "invalid");
      expect(new Set(placesOf(refused))).toEqual(new Set([`query ${place}`]));
    }
    expectProblem(await node.call("GET", "/reservations"), 401, "token-missing");
  });
});

describe("reading a reservation", () => {
  it("that was just made, extended or given back sees that", async () => {
    const at = await shop.onSale();
    for (let i = 0; i < 5; i += 1) {
      const { id, reply } = await shop.reserved(at, buyer);
      const got = await shop.on("GET", `/${id}`, buyer);
      expect(got.json()).toEqual(reply.json());
      const tag = got.headers.etag as string;
      const again = await shop.on("GET", `/${id}`, buyer, { headers: { "if-none-match": tag } });
      expect([again.statusCode, again.body]).toEqual([304, ""]);
      const extended = await extend(id, buyer);
      const headers = { "if-none-match": tag, ...asOf(extended) };
      expect((await shop.on("GET", `/${id}`, buyer, { headers })).json()).toEqual(extended.json());
      const released = await release(id, buyer);
      const read = await shop.on("GET", `/${id}`, buyer, { headers: asOf(released) });
      expect(read.json().status).toBe("RELEASED");
    }
  });

  it("takes no position of another form", async () => {
    const { id } = await shop.reserved(await shop.onSale(), buyer);
    for (const path of [`/${id}`, ""]) {
      const refused = await shop.on("GET", path, buyer, { headers: { "boxoffice-min-position": "newest" } });
      expect(placesOf(refused)).toEqual(["header /Boxoffice-Min-Position"]);
    }
  });
});
