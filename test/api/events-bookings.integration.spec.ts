import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ticketId } from "../../src/commands/tickets.ts";
import { asOf, expectProblem, placesOf, until } from "./events-asking.ts";
import { type NodeUnderTest, type Reply, startNode } from "./events-node.ts";
import type { Signed } from "./harness.ts";
import { type OnSale, openShop, type Shop } from "./reservations-shop.ts";

let node: NodeUnderTest;
let organizer: Signed;
let other: Signed;
let shop: Shop;
let sale: OnSale;
let theirs: OnSale;
let buyer: Signed;
beforeAll(async () => {
  node = await startNode();
  [organizer, other, buyer] = [await node.signUp(), await node.signUp(), await node.signUp()];
  shop = openShop(node, organizer);
  const ticketTypes = [{ name: 'Stalls, "left"', capacity: 1_000, price: { amount: 4_500, currency: "EUR" } }];
  sale = await shop.onSale({ ticketTypes });
  theirs = await shop.onSale({ ticketTypes }, other);
});
afterAll(() => node.close());

interface Bought {
  readonly reply: Reply;
  readonly bookingId: string;
  readonly reservationIds: readonly string[];
}

async function bought(by: Signed, of: readonly OnSale[], quantity = 2, method = "sandbox-ok"): Promise<Bought> {
  const reservationIds = [];
  for (const event of of) reservationIds.push((await shop.reserved(event, by, { quantity })).id);
  const body = { reservationIds, payment: { method } };
  const reply = await node.call("POST", "/purchases", { token: by.token, body });
  return { reply, reservationIds, bookingId: reply.json().bookingId };
}

async function named(name: string): Promise<Signed> {
  const signed = await node.signUp();
  await node.call("PATCH", "/accounts/me", { token: signed.token, body: { name } });
  return signed;
}

const bookings = (query = "", { token }: Signed = organizer, headers = {}, { eventId }: OnSale = sale) =>
  node.call("GET", `/events/${eventId}/bookings${query}`, { token, headers });
const idsOf = (reply: Reply): string[] => {
  expect(reply.statusCode, reply.body).toBe(200);
  return reply.json().items.map((one: { bookingId: string }) => one.bookingId);
};
const find = async (q: string, after: Reply) =>
  idsOf(await bookings(`?${new URLSearchParams({ q })}`, organizer, asOf(after)));

describe("GET /events/{eventId}/bookings", () => {
  it("shows a booking as its buyer sees it, and who bought", async () => {
    const ada = await named("Ada Lovelace");
    const { reply, bookingId } = await bought(ada, [sale]);
    const mine = (await node.call("GET", `/bookings/${bookingId}`, { token: ada.token, headers: asOf(reply) })).json();
    const [item] = (await bookings("?limit=1", organizer, asOf(reply))).json().items;
    expect(item).toEqual({
      ...mine,
      buyer: { accountId: ada.accountId, name: "Ada Lovelace", email: ada.email },
    });
    expect(item.tickets).toHaveLength(2);
    const asAdmin = await bookings("?limit=1", await node.admin(), asOf(reply));
    expect(asAdmin.json().items).toEqual([item]);
  });

  it("shows of a booking over several organizers' events each one his own, and no sum of another's", async () => {
    const { reply, bookingId, reservationIds } = await bought(buyer, [sale, theirs]);
    const { token } = buyer;
    const [, ofTheirs] = reply.json().tickets;
    const back = await node.call("POST", `/bookings/${bookingId}/cancel`, {
      token,
      body: { ticketIds: [ofTheirs.ticketId] },
    });
    expect(back.statusCode, back.body).toBe(200);
    for (const [event, by, n] of [
      [sale, organizer, 0],
      [theirs, other, 1],
    ] as const) {
      const reply = await bookings("?limit=1", by, asOf(back), event);
      expect(reply.json().items).toMatchObject([
        {
          bookingId,
          eventIds: [event.eventId],
          lines: [{ reservationId: reservationIds[n] }],
          total: { amount: 9_000 },
          payment: { status: "SUCCEEDED" },
          refunds: null,
        },
      ]);
      expect(reply.json().items[0].tickets).toHaveLength(2);
      const [strange] = [sale, theirs].filter((one) => one !== event);
      expect(reply.body).not.toContain(strange?.eventId);
      expect(reply.body).not.toContain(reservationIds[1 - n]);
      expect(reply.body).not.toContain("18000");
    }
  });

  it("goes on by cursor, and lists by status", async () => {
    const { reply } = await bought(buyer, [sale], 1, "sandbox-decline");
    const declined = await until(
      () => bookings("?status=DECLINED"),
      (found) => found.json().items.length > 0,
    );
    expect(idsOf(declined)).toEqual([reply.json().bookingId]);
    const all = idsOf(await bookings("?limit=200"));
    const seen: string[] = [];
    for (let next: string | null = ""; next !== null; ) {
      const page: Reply = await bookings(`?limit=1${next === "" ? "" : `&cursor=${next}`}`);
      seen.push(...idsOf(page));
      next = page.json().next;
    }
    expect(seen).toEqual(all);
    expect(new Set(seen).size).toBeGreaterThan(2);
  });

  it("finds by booking, reservation, ticket, code, account, name and e-mail", async () => {
    const grace = await named("Grace Hopper");
    const { reply, bookingId, reservationIds } = await bought(grace, [sale], 3);
    const [reservation = ""] = reservationIds;
    const { ticketId: id, code } = reply.json().tickets[2];
    expect(id).toBe(ticketId(reservation, 2));
    const spelled = code.toLowerCase().replaceAll("0", "o").replaceAll("1", "l").match(/.{5}/g).join(" - ");
    const asked = [bookingId, bookingId.toUpperCase(), reservation, id, code, spelled, grace.accountId];
    for (const q of [...asked, "hopper", "GRACE H", grace.email, grace.email.slice(2, -3)]) {
      expect(await find(q, reply), q).toEqual([bookingId]);
    }
    for (const q of [crypto.randomUUID(), "0123456789ABCDEFGHJK", "nobody%", "x".repeat(200)]) {
      expect(await find(q, reply), q).toEqual([]);
    }
    // Of another event nothing is found here.
    const elsewhere = await bought(grace, [theirs]);
    const ticket = elsewhere.reply.json().tickets[0];
    for (const q of [elsewhere.bookingId, ...elsewhere.reservationIds, ticket.ticketId, ticket.code]) {
      expect(await find(q, elsewhere.reply), q).toEqual([]);
    }
  });

  it("has nulls for a buyer who was erased, and does not find them by name", async () => {
    const gone = await named("Gone Soon");
    const { reply, bookingId } = await bought(gone, [sale]);
    expect(await find("gone soon", reply)).toEqual([bookingId]);
    await node.call("DELETE", "/accounts/me", { token: gone.token });
    expect(await find("gone soon", reply)).toEqual([]);
    const [item] = (await bookings(`?q=${bookingId}`)).json().items;
    expect(item.buyer).toEqual({ accountId: gone.accountId, name: null, email: null });
  });

  it("is for the event's organizer and administrators", async () => {
    expectProblem(await bookings("", other), 403, "forbidden");
    expectProblem(await bookings("", buyer), 403, "forbidden");
    const draft = await shop.onSale({ draft: true });
    expectProblem(await bookings("", other, {}, draft), 404, "event-not-found");
    expect((await bookings("", organizer, {}, draft)).json()).toEqual({ items: [], next: null });
    expectProblem(await bookings("", organizer, {}, { ...sale, eventId: crypto.randomUUID() }), 404, "event-not-found");
  });

  it("refuses what it does not know", async () => {
    const wrong = await bookings("?status=SOLD&q=&limit=201&organizer=me");
    expect(placesOf(wrong)).toEqual(["query /limit", "query /organizer", "query /q", "query /status"]);
    expect(placesOf(await bookings("?cursor=x"))).toEqual(["query /cursor"]);
  });
});

describe("the list of attendees as CSV", () => {
  const csv = (query = "", by = organizer, headers = {}, event = sale) =>
    bookings(query, by, { accept: "text/csv", ...headers }, event);

  it("has a line for every ticket of all bookings", async () => {
    const event = await shop.onSale({
      ticketTypes: [{ name: 'Stalls, "left"', capacity: 100, price: { amount: 4_500, currency: "EUR" } }],
    });
    const joker = await named('=HYPERLINK("http://x", "Ada")');
    const first = await bought(joker, [event], 2);
    const [kept, given] = first.reply.json().tickets;
    const { token } = joker;
    const body = { ticketIds: [given.ticketId] };
    const back = await node.call("POST", `/bookings/${first.bookingId}/cancel`, { token, body });
    const guest = await node.guest();
    await bought(guest, [event], 1, "sandbox-decline");
    const second = await bought(guest, [event, theirs], 1);
    const reply = await csv("?limit=1", organizer, asOf(second.reply), event);
    expect(reply.headers["content-type"]).toBe("text/csv; charset=utf-8; header=present");
    expect(reply.headers["content-disposition"]).toBe(`attachment; filename="attendees-${event.eventId}.csv"`);
    expect(String(reply.headers.vary)).toMatch(/\baccept\b/i);
    const [header, ...lines] = reply.body.split("\r\n");
    expect(header).toBe(
      "bookingId,bookingStatus,bookedAt,paidAt,ticketTypeId,ticketType,ticketId,code,ticketStatus,name,email,amount,currency,seat",
    );
    const time = "\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d\\.\\d{3}Z";
    const type = `${event.ticketTypeIds[0]},"Stalls, ""left"""`;
    const name = `"'=HYPERLINK\\(""http://x"", ""Ada""\\)"`;
    const [ticket] = second.reply.json().tickets;
    expect(lines).toEqual([
      expect.stringMatching(
        `^${second.bookingId},PAID,${time},${time},${type},${ticket.ticketId},${ticket.code},VALID,,,4500,EUR,$`,
      ),
      expect.stringMatching(
        `^${first.bookingId},PAID,${time},${time},${type},${kept.ticketId},${kept.code},VALID,${name},${joker.email},4500,EUR,$`,
      ),
      expect.stringMatching(`,${given.ticketId},${given.code},CANCELLED,${name},`),
      "",
    ]);
    expect(back.statusCode).toBe(200);
  });

  it("is narrowed by status and search as the list is", async () => {
    const person = await named("Only One");
    const { reply } = await bought(person, [sale], 2);
    const found = await csv("?q=only%20one", organizer, asOf(reply));
    expect(found.body.split("\r\n")).toHaveLength(1 + 2 + 1);
    expect((await csv("?status=DECLINED", organizer, asOf(reply))).body.split("\r\n")).toHaveLength(2);
  });

  it("is refused as problems, and not to strangers", async () => {
    expectProblem(await csv("", other), 403, "forbidden");
    expectProblem(await csv("?status=SOLD"), 400, "invalid");
    const { token } = organizer;
    const head = await node.call("HEAD", `/events/${sale.eventId}/bookings`, {
      token,
      headers: { accept: "text/csv" },
    });
    expect([head.statusCode, head.body, head.headers["content-type"]]).toEqual([
      200,
      "",
      "text/csv; charset=utf-8; header=present",
    ]);
  });
});

describe("GET /accounts/{accountId}", () => {
  it("shows administrators an account as its owner sees it", async () => {
    const { token } = await node.admin();
    const mine = await node.call("GET", "/accounts/me", { token: buyer.token });
    const shown = await node.call("GET", `/accounts/${buyer.accountId}`, { token });
    expect(shown.json()).toEqual(mine.json());
    expectProblem(await node.call("GET", `/accounts/${buyer.accountId}`, { token: buyer.token }), 403, "forbidden");
    expectProblem(await node.call("GET", `/accounts/${crypto.randomUUID()}`, { token }), 404, "account-not-found");
  });
});
