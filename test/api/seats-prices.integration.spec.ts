import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { asOf } from "./events-asking.ts";
import { type NodeUnderTest, type Reply, startNode } from "./events-node.ts";
import type { Signed } from "./harness.ts";
import { patiently } from "./patiently.ts";
import { hall, money, seatsShop } from "./seats-shop.ts";

let node: NodeUnderTest;
let shop: ReturnType<typeof seatsShop>;
let organizer: Signed;
beforeAll(async () => {
  node = await startNode();
  shop = seatsShop(node);
  organizer = await node.signUp();
});
afterAll(() => node.close());

/** A map with a section at each of these prices; null: at the ticket type's. */
const sectionsAt = (prices: readonly (number | null)[], name = "S") => ({
  sections: prices.map((amount, index) => ({
    name: `${name}${index}`,
    ...(amount === null ? {} : { price: money(amount) }),
    rows: [{ name: "A", seats: "1-3" }],
  })),
});

const found = async (query: Record<string, string>, after: Reply) => {
  const reply = await node.call("GET", `/events/search?${new URLSearchParams(query)}`, { headers: asOf(after) });
  expect(reply.statusCode, reply.body).toBe(200);
  return reply.json().items as { name: string; minPrice: object; maxPrice: object }[];
};
const names = async (query: Record<string, string>, after: Reply) =>
  (await found(query, after)).map(({ name }) => name);

describe("a hall with prices by section", () => {
  it("is found by what its seats cost, between what else there is", async () => {
    const priced = { ticketTypes: [{ name: "Seats", seatMap: sectionsAt([9_000, 6_000]) }] }; // its own price is none
    await shop.onSale(organizer, { name: "Bolero priced", ...priced });
    await shop.onSale(organizer, { name: "Bolero partly", ticketTypes: [hall()] }); // 9,000, and 4,500 in the balcony
    const standing = { name: "Standing", capacity: 5, price: money(5_000) };
    const { reply } = await shop.onSale(organizer, { name: "Bolero standing", ticketTypes: [standing] });
    const bolero = { keyword: "bolero" };

    expect(await found({ ...bolero, sort: "price" }, reply)).toMatchObject([
      { name: "Bolero partly", minPrice: money(4_500), maxPrice: money(9_000) },
      { name: "Bolero standing", minPrice: money(5_000), maxPrice: money(5_000) },
      { name: "Bolero priced", minPrice: money(6_000), maxPrice: money(9_000) },
    ]);
    expect(await names({ ...bolero, maxPrice: "0" }, reply)).toEqual([]);
    expect(await names({ ...bolero, maxPrice: "5999", sort: "price" }, reply)).toEqual([
      "Bolero partly",
      "Bolero standing",
    ]);
    expect(await names({ ...bolero, maxPrice: "6000", minPrice: "5001", sort: "price" }, reply)).toEqual([
      "Bolero partly",
      "Bolero priced",
    ]);
    expect(await names({ ...bolero, minPrice: "9001" }, reply)).toEqual([]);
  });

  it("follows changes of the ticket type's price only with the sections that have none, and forgets what is deleted", async () => {
    const price = money(2_000);
    const priced = { name: "Priced", price, seatMap: sectionsAt([9_000, 6_000]) };
    const partly = { name: "Partly", price, seatMap: sectionsAt([7_000, null], "T") };
    const { eventId, ticketTypeIds, reply } = await shop.onSale(organizer, {
      name: "Sarabande",
      ticketTypes: [priced, partly],
    });
    const range = async (after: Reply) => {
      const [{ minPrice, maxPrice } = {}] = await found({ keyword: "sarabande" }, after);
      return [minPrice, maxPrice];
    };
    const typeUrl = (index: number) => `/events/${eventId}/ticket-types/${ticketTypeIds[index]}`;
    const cost = (index: number, amount: number) =>
      shop.call("PATCH", typeUrl(index), organizer, { price: money(amount) });

    expect(await range(reply)).toEqual([money(2_000), money(9_000)]);
    expect(await range(await cost(0, 1_000))).toEqual([money(2_000), money(9_000)]);
    expect(await range(await cost(1, 10_000))).toEqual([money(6_000), money(10_000)]);
    expect(await range(await shop.call("DELETE", typeUrl(0), organizer))).toEqual([money(7_000), money(10_000)]);
  });

  it("costs in search, and on its event's page, what is paid for a seat", async () => {
    const seatMap = sectionsAt([9_000, 6_000]);
    const on = await shop.onSale(organizer, { name: "Pavane", ticketTypes: [{ name: "Seats", seatMap }] });
    const [item] = await found({ keyword: "pavane" }, on.reply);
    const paid = async (seat: string) => (await shop.reserve(on, organizer, { seats: [seat] })).json().unitPrice;
    const range = { minPrice: await paid("S1-A-1"), maxPrice: await paid("S0-A-1") };
    expect(item).toMatchObject(range);
    expect(on.reply.json().ticketTypes).toMatchObject([{ price: money(0), ...range }]);
  });

  it("takes in what each seat cost when it was reserved, and gives back as much", async () => {
    const on = await shop.onSale(organizer, { name: "Gigue" });
    const buyer = await node.guest();
    const buy = async (seats: readonly string[]) => {
      const held = await shop.reserve(on, buyer, { seats });
      const body = { reservationIds: [held.json().reservationId], payment: { method: "sandbox-ok" } };
      const bought = await shop.call("POST", "/purchases", buyer, body);
      expect(bought.statusCode, bought.body).toBe(201);
      return bought.json();
    };
    const { bookingId, tickets } = await buy(["STALLS-A-3", "BALCONY-A-1"]); // 9,000 and 4,500
    const url = `/events/${on.eventId}/ticket-types/${on.ticketTypeIds[0]}`;
    await shop.call("PATCH", url, organizer, { price: money(5_000) });
    await buy(["STALLS-A-4", "BALCONY-A-2"]); // 9,000 and 5,000
    const balcony = tickets.find(({ seat }: { seat: string }) => seat === "BALCONY-A-1");
    const cancelled = await shop.call("POST", `/bookings/${bookingId}/cancel`, buyer, {
      ticketIds: [balcony.ticketId],
    });
    expect(cancelled.statusCode, cancelled.body).toBe(200);
    const revenue = await patiently(() =>
      shop.seenAfter(cancelled, `/analytics/revenue?eventId=${on.eventId}`, organizer),
    );
    const [{ gross, refunds, refundsPending }] = revenue.json().items;
    expect(gross).toEqual(money(27_500));
    expect(refunds.amount + refundsPending.amount).toBe(4_500);
  });

  it("is told in a history with what each seat of a reservation cost, as in the lines of a booking", async () => {
    const on = await shop.onSale(organizer, { name: "Loure" });
    const buyer = await node.guest();
    const several = await shop.reserve(on, buyer, { seats: ["STALLS-A-3", "BALCONY-A-1"] });
    const alike = await shop.reserve(on, buyer, { seats: ["STALLS-A-4", "STALLS-A-5"] });
    const history = await shop.seenAfter(alike, "/accounts/me/history", buyer);
    const dataOf = ({ reservationId }: { reservationId: string }) =>
      history.json().items.find((one: { reservationId: string }) => one.reservationId === reservationId).data;
    expect(dataOf(several.json())).toMatchObject({ unitPrice: money(9_000), prices: [9_000, 4_500] });
    expect(dataOf(alike.json())).toMatchObject({ unitPrice: money(9_000), quantity: 2 });
    expect(dataOf(alike.json())).not.toHaveProperty("prices");
  });

  it("is shown with what its seats cost, when it is made as later, and nothing else is", async () => {
    const standing = { name: "Standing", capacity: 5, price: money(3_000) };
    const plain = { name: "Plain", price: money(2_000), seatMap: sectionsAt([null], "T") };
    const { eventId, ticketTypeIds, reply } = await shop.onSale(organizer, { ticketTypes: [hall(), standing, plain] });
    const shown = (of: Reply) => of.json().ticketTypes.map((one: object) => "minPrice" in one || "maxPrice" in one);
    expect(reply.json().ticketTypes[0]).toMatchObject({ minPrice: money(4_500), maxPrice: money(9_000) });
    expect(shown(reply)).toEqual([true, false, false]);
    expect((await shop.seenAfter(reply, `/events/${eventId}`, organizer)).json()).toEqual(reply.json());

    const url = `/events/${eventId}/ticket-types/${ticketTypeIds[0]}`;
    const changed = await shop.call("PATCH", url, organizer, { price: money(10_000) });
    const first = { price: money(10_000), minPrice: money(9_000), maxPrice: money(10_000) };
    expect(changed.json().ticketTypes[0]).toMatchObject(first);
    const list = await shop.seenAfter(changed, "/events?organizer=me", organizer);
    const listed = list.json().items.find((one: { eventId: string }) => one.eventId === eventId);
    expect(listed.ticketTypes[0]).toMatchObject(first);
  });
});
