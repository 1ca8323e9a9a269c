import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type NodeUnderTest, type Reply, startNode } from "./events-node.ts";
import type { Signed } from "./harness.ts";
import type { OnSale } from "./reservations-shop.ts";
import { hall, money, seatsShop, seatsUrl } from "./seats-shop.ts";
import { waitingRoomHands } from "./waiting-room-hands.ts";

let node: NodeUnderTest;
let shop: ReturnType<typeof seatsShop>;
let organizer: Signed;
let ada: Signed;
beforeAll(async () => {
  node = await startNode({ roles: new Set(["api", "projector", "processes"]) });
  shop = seatsShop(node);
  [organizer, ada] = [await node.signUp(), await node.guest()];
});
afterAll(() => node.close());

interface SeatsView {
  readonly revision: number;
  readonly sections: {
    readonly name: string;
    readonly rows: { readonly name: string; readonly seats: { readonly seat: string; readonly status: string }[] }[];
  }[];
}

/** The first letters of how seats stand, row by row. */
const letters = (reply: Reply): string[] =>
  (reply.json() as SeatsView).sections.flatMap(({ rows }) =>
    rows.map(({ seats }) => seats.map(({ status }) => status[0]).join("")),
  );

const mapAfter = (reply: Reply, sale: OnSale) => shop.seenAfter(reply, seatsUrl(sale), ada);

describe("the seat map", () => {
  it("has every seat with its id, and what each section costs", async () => {
    const sale = await shop.onSale(organizer);
    const reply = await mapAfter(sale.reply, sale);
    expect(reply.json()).toMatchObject({
      sections: [
        { name: "STALLS", price: money(9_000), rows: [{ name: "A" }, { name: "B" }] },
        { name: "BALCONY", price: money(4_500), rows: [{ name: "A" }] },
      ],
    });
    expect(reply.json().sections[0].rows[1].seats).toEqual(
      ["1", "2", "3"].map((name) => ({ seat: `STALLS-B-${name}`, status: "AVAILABLE" })),
    );
    const anybody = await node.call("GET", seatsUrl(sale));
    expect(anybody.body).toBe(reply.body);
  });

  it("says which seats are accessible ones, and which are for companions", async () => {
    const sale = await shop.onSale(organizer);
    const { sections } = (await mapAfter(sale.reply, sale)).json() as SeatsView;
    expect(sections[0]?.rows[0]?.seats.slice(0, 3)).toEqual([
      { seat: "STALLS-A-1", status: "AVAILABLE", kind: "ACCESSIBLE" },
      { seat: "STALLS-A-2", status: "AVAILABLE", kind: "COMPANION" },
      { seat: "STALLS-A-3", status: "AVAILABLE" },
    ]);
  });

  it("tells what becomes of seats, from reserving to giving them back", async () => {
    const sale = await shop.onSale(organizer);
    const held = await shop.reserve(sale, ada, { seats: ["STALLS-A-4", "BALCONY-A-1"] });
    const first = await mapAfter(held, sale);
    expect(letters(first)).toEqual(["AAAHAA", "AAA", "HAAB"]);
    const { reservationId } = held.json();
    const payment = { method: "sandbox-ok" };
    const bought = await shop.call("POST", "/purchases", ada, { reservationIds: [reservationId], payment });
    expect(bought.json().status, bought.body).toBe("PAID");
    const sold = await mapAfter(bought, sale);
    expect(letters(sold)).toEqual(["AAASAA", "AAA", "SAAB"]);
    expect(sold.json().revision).toBeGreaterThan(first.json().revision);
    const { bookingId, tickets } = bought.json();
    const cancelled = await shop.call("POST", `/bookings/${bookingId}/cancel`, ada, {
      ticketIds: [tickets[1].ticketId],
    });
    expect(cancelled.statusCode, cancelled.body).toBe(200);
    expect(letters(await mapAfter(cancelled, sale))).toEqual(["AAASAA", "AAA", "AAAB"]);
    const blocked = await shop.call("POST", `${seatsUrl(sale)}/block`, organizer, { seats: ["STALLS-B-2"] });
    expect(letters(await mapAfter(blocked, sale))).toEqual(["AAASAA", "ABA", "AAAB"]);
    const unblocked = await shop.call("POST", `${seatsUrl(sale)}/unblock`, organizer, { seats: ["BALCONY-A-4"] });
    expect(letters(await mapAfter(unblocked, sale))).toEqual(["AAASAA", "ABA", "AAAA"]);
  });

  it("has its seats named in the history of who reserves, gives back and buys them", async () => {
    const sale = await shop.onSale(organizer);
    const buyer = await node.guest();
    const seats = ["STALLS-B-1", "STALLS-B-2"];
    const { reservationId } = (await shop.reserve(sale, buyer, { seats })).json();
    await shop.call("DELETE", `/reservations/${reservationId}`, buyer);
    const held = (await shop.reserve(sale, buyer, { seats: ["STALLS-B-3"] })).json();
    const bought = await shop.call("POST", "/purchases", buyer, {
      reservationIds: [held.reservationId],
      payment: { method: "sandbox-ok" },
    });
    const { items } = (await shop.seenAfter(bought, "/accounts/me/history", buyer)).json();
    const named = items.flatMap(({ type, data }: { type: string; data: { seats?: string[]; lines?: object[] } }) =>
      data.seats === undefined ? [] : [[type, data.seats]],
    );
    expect(named).toEqual(
      expect.arrayContaining([
        ["TicketsReserved", seats],
        ["ReservationReleased", seats],
        ["TicketsReserved", ["STALLS-B-3"]],
        ["ReservationConfirmed", ["STALLS-B-3"]],
      ]),
    );
    const url = `/bookings/${bought.json().bookingId}/history`;
    const [opened] = (await shop.seenAfter(bought, url, buyer)).json().items;
    expect(opened.data.lines).toMatchObject([{ seats: ["STALLS-B-3"] }]);
  });

  it("is not sent again to who has it, until something changes", async () => {
    const sale = await shop.onSale(organizer);
    const first = await mapAfter(sale.reply, sale);
    const again = (position: unknown) =>
      node.call("GET", seatsUrl(sale), {
        headers: { "if-none-match": String(first.headers.etag), "boxoffice-min-position": String(position) },
      });
    expect((await again(sale.reply.headers["boxoffice-position"])).statusCode).toBe(304);
    const held = await shop.reserve(sale, ada, { bestAvailable: 2 });
    const changed = await again(held.headers["boxoffice-position"]);
    expect([changed.statusCode, letters(changed)[0]]).toEqual([200, "AAHHAA"]);
  });

  it("shows what the ticket type costs now, where a section has no price of its own", async () => {
    const sale = await shop.onSale(organizer);
    await mapAfter(sale.reply, sale);
    const url = `/events/${sale.eventId}/ticket-types/${sale.ticketTypeIds[0]}`;
    const repriced = await shop.call("PATCH", url, organizer, { price: money(5_000) });
    expect((await mapAfter(repriced, sale)).json().sections).toMatchObject([
      { price: money(9_000) },
      { price: money(5_000) },
    ]);
  });

  it("is of ticket types with numbered seats only, and of drafts for their organizer only", async () => {
    const sale = await shop.onSale(organizer, {
      draft: true,
      ticketTypes: [hall(), { name: "Standing", capacity: 5 }],
    });
    expect((await shop.seenAfter(sale.reply, seatsUrl(sale), organizer)).statusCode).toBe(200);
    expect((await mapAfter(sale.reply, sale)).json().code).toBe("event-not-found");
    const standing = { ...sale, ticketTypeIds: sale.ticketTypeIds.slice(1) };
    const none = await shop.seenAfter(sale.reply, seatsUrl(standing), organizer);
    expect(none.json()).toMatchObject({ status: 404, code: "seat-map-not-found" });
    const missing = { ...sale, ticketTypeIds: [crypto.randomUUID()] };
    const unknown = await shop.seenAfter(sale.reply, seatsUrl(missing), organizer);
    expect(unknown.json().code).toBe("ticket-type-not-found");
  });

  it("is seen by those who were let in, while people wait, and by the organizer", async () => {
    const sale = await shop.onSale(organizer);
    const hands = waitingRoomHands(node);
    expect((await hands.setUp(sale.eventId, organizer)).statusCode).toBe(200);
    const entry = await hands.entered(sale.eventId, ada);
    const admission = await hands.called(sale.eventId, entry);
    for (const url of [seatsUrl(sale), `/events/${sale.eventId}/tickets`]) {
      const ask = (headers: Record<string, string>) => node.call("GET", url, { token: ada.token, headers });
      expect((await ask({})).json().code).toBe("admission-required");
      expect((await ask({ "admission-token": "forged" })).json().code).toBe("admission-invalid");
      expect((await ask({ "admission-token": admission })).statusCode).toBe(200);
      expect((await node.call("GET", url, { token: organizer.token })).statusCode).toBe(200);
    }
    const held = await node.call("POST", `/events/${sale.eventId}/reservations`, {
      token: ada.token,
      headers: { "admission-token": admission },
      body: { ticketTypeId: sale.ticketTypeIds[0], bestAvailable: 1 },
    });
    expect(held.statusCode, held.body).toBe(201); // looking did not use it up
  });
});

describe("the seats of an event one by one", () => {
  it("are those of all its maps, in their order, page by page", async () => {
    const other = { sections: [{ name: "BOX", rows: [{ name: "A", seats: "1-2" }] }] };
    const ticketTypes = [hall(), { name: "Standing", capacity: 5 }, hall({ name: "Boxes", seatMap: other })];
    const sale = await shop.onSale(organizer, { ticketTypes });
    const held = await shop.reserve(sale, ada, { seats: ["STALLS-A-2"] });
    const url = `/events/${sale.eventId}/tickets`;
    const whole = (await shop.seenAfter(held, url, ada)).json();
    expect(whole.next).toBeNull();
    expect(whole.items).toHaveLength(15);
    expect(whole.items.slice(0, 2)).toEqual([
      { ticketId: "STALLS-A-1", seat: "STALLS-A-1", price: money(9_000), status: "AVAILABLE" },
      { ticketId: "STALLS-A-2", seat: "STALLS-A-2", price: money(9_000), status: "HELD" },
    ]);
    expect(whole.items.at(-1)).toEqual({
      ticketId: "BOX-A-2",
      seat: "BOX-A-2",
      price: money(4_500),
      status: "AVAILABLE",
    });
    for (const limit of [1, 4, 13, 14]) {
      const items: unknown[] = [];
      for (let next: string | null = ""; next !== null; ) {
        const page = await node.call("GET", `${url}?limit=${limit}${next === "" ? "" : `&cursor=${next}`}`);
        expect(page.json().items.length).toBeLessThanOrEqual(limit);
        items.push(...page.json().items);
        next = page.json().next;
      }
      expect(items).toEqual(whole.items);
    }
    expect((await node.call("GET", `${url}?cursor=x`)).statusCode).toBe(400);
  });

  it("are none where tickets are counted", async () => {
    const sale = await shop.onSale(organizer, { ticketTypes: [{ name: "Standing", capacity: 5 }] });
    const reply = await shop.seenAfter(sale.reply, `/events/${sale.eventId}/tickets`, ada);
    expect(reply.json()).toEqual({ items: [], next: null });
  });
});
