import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { asOf, expectProblem, placesOf } from "./events-asking.ts";
import { type NodeUnderTest, type Reply, startNode } from "./events-node.ts";
import type { Signed } from "./harness.ts";
import { openShop } from "./reservations-shop.ts";
import { waitlistHands } from "./waitlist-shop.ts";

const LISTS = ["/reservations", "/bookings", "/waitlist", "/accounts/me/history"] as const;

let node: NodeUnderTest;
let buyer: Signed;
let last: Reply;
const bookings: string[] = [];
beforeAll(async () => {
  node = await startNode();
  const organizer = await node.signUp();
  const shop = openShop(node, organizer);
  const hands = waitlistHands(node, organizer);
  buyer = await node.signUp();
  const { token } = buyer;
  const sale = await shop.onSale({
    ticketTypes: [{ name: "Regular", capacity: 100, price: { amount: 4_500, currency: "EUR" } }],
  });
  for (const method of ["sandbox-ok", "sandbox-decline", "sandbox-ok"]) {
    const { id } = await shop.reserved(sale, buyer);
    const body = { reservationIds: [id], payment: { method } };
    const bought = await node.call("POST", "/purchases", { token, body });
    bookings.unshift(bought.json().bookingId);
  }
  for (let n = 0; n < 3; n += 1) last = (await hands.joined(await hands.soldOut(), buyer)).reply;
});
afterAll(() => node.close());

const listed = (path: string, query: string, by = buyer) =>
  node.call("GET", `${path}${query}`, { token: by.token, headers: asOf(last) });

describe.each(LISTS)("GET %s", (path) => {
  it("has one's own, page by page as at once, from what includes the position", async () => {
    const all = (await listed(path, "?limit=200")).json();
    expect(all.items.length).toBeGreaterThanOrEqual(3);
    expect(all.next).toBeNull();
    const seen: object[] = [];
    for (let cursor = ""; ; ) {
      const page = await listed(path, `?limit=1${cursor}`);
      expect(page.statusCode, page.body).toBe(200);
      const { items, next } = page.json();
      expect(items).toHaveLength(1);
      seen.push(...items);
      if (next === null) break;
      cursor = `&cursor=${next}`;
    }
    expect(seen).toEqual(all.items);
  });

  it("has nothing of others', and takes no other cursor than its own", async () => {
    const stranger = await node.signUp();
    expect((await listed(path, "", stranger)).json()).toEqual({ items: [], next: null });
    expect(placesOf(await listed(path, "?cursor=x"))).toEqual(["query /cursor"]);
    expect(placesOf(await listed(path, "?limit=0"))).toEqual(["query /limit"]);
    expectProblem(await node.call("GET", path), 401, "token-missing");
  });
});

describe("GET /bookings?status", () => {
  it("has those of one status, the newest first", async () => {
    const ids = async (query: string) => {
      const reply = await listed("/bookings", query);
      return reply.json().items.map(({ bookingId }: { bookingId: string }) => bookingId);
    };
    const [newest, declined, oldest] = bookings;
    expect(await ids("")).toEqual(bookings);
    expect(await ids("?status=PAID")).toEqual([newest, oldest]);
    expect(await ids("?status=DECLINED")).toEqual([declined]);
    expect(await ids("?status=CANCELLED")).toEqual([]);
    expect(placesOf(await listed("/bookings", "?status=paid"))).toEqual(["query /status"]);
  });
});
