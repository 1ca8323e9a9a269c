import { describe, expect, it } from "vitest";
import type { TicketTypeRef } from "../../src/commands/events.ts";
import { StoreUnavailable } from "../../src/eventstore/port.ts";
import { inventoryStream, listingStream } from "../../src/eventstore/streams.ts";
import { wish } from "./event-wish.ts";
import { eventOnSale, type organizingNode } from "./organizing-node.ts";

type Node = ReturnType<typeof organizingNode>;

const balcony = {
  capacity: 5,
  terms: {
    name: "Balcony",
    description: null,
    price: null,
    saleStartsAt: null,
    saleEndsAt: null,
    maxPerUser: null,
    maxPerOrder: 100,
  },
};
const add = (node: Node, eventId: string, key?: string, what = balcony) =>
  node.events.addTicketType(eventId, what, null, node.plain(key));
const change = (node: Node, ref: TicketTypeRef, changes: Parameters<Node["events"]["changeTicketType"]>[1]) =>
  node.events.changeTicketType(ref, changes, null, node.plain());
const remove = (node: Node, ref: TicketTypeRef) => node.events.removeTicketType(ref, null, node.plain());

async function added(outcome: ReturnType<typeof add>) {
  const done = await outcome;
  if (!done.accepted) throw new Error(done.code);
  return done;
}

describe("adding a ticket type", () => {
  it("opens its inventory before the answer, with what the event says", async () => {
    const { one, eventId, inventory, known } = await eventOnSale(wish({}, { holdTtlSeconds: 77 }));
    const { ticketTypeId } = await added(add(one, eventId));
    expect(await inventory(ticketTypeId)).toMatchObject({
      status: "open",
      capacity: 5,
      terms: { name: "Balcony", price: { amount: 0, currency: "EUR" } },
      eventTerms: { holdTtlSeconds: 77 },
    });
    expect((await known()).ticketTypes.map(({ ordinal }) => ordinal)).toEqual([0, 1, 2]);
    expect(await one.reserve(eventId, ticketTypeId)).toMatchObject({ accepted: true });
  });

  it("to a draft, or to an event that is paused, is a draft or paused", async () => {
    const draft = await eventOnSale(wish({ draft: true }));
    const one = await added(add(draft.one, draft.eventId));
    expect((await draft.inventory(one.ticketTypeId)).status).toBe("draft");
    const { one: node, eventId, inventory } = await eventOnSale();
    await node.events.setPaused({ eventId, ticketTypeId: null }, true, null, node.plain());
    const { ticketTypeId } = await added(add(node, eventId));
    expect((await inventory(ticketTypeId)).paused.event).toBe(true);
  });

  it("interrupted after its listing is completed by a repetition, with the same id", async () => {
    const { store, one, two, eventId, inventory, known } = await eventOnSale();
    store.beforeNextAppend(async () => {}); // the listing
    store.failNextAppend("unavailable");
    await expect(add(one, eventId, "k")).rejects.toThrow(StoreUnavailable);
    const { ticketTypeId } = (await known()).ticketTypes[2] ?? { ticketTypeId: "" };
    expect((await inventory(ticketTypeId)).status).toBe("unopened");
    const again = await added(add(two, eventId, "k"));
    expect(again).toMatchObject({ ticketTypeId, replayed: true });
    expect((await inventory(ticketTypeId)).status).toBe("open");
    expect(await added(add(one, eventId, "k"))).toEqual(again);
    expect((await known()).ticketTypes).toHaveLength(3);
  });

  it("interrupted is completed by whoever looks after the listing, also when it was changed and paused since", async () => {
    const { store, one, two, eventId, inventory, known } = await eventOnSale();
    store.beforeNextAppend(async () => {}); // the listing
    store.failNextAppend("unavailable");
    await expect(add(one, eventId)).rejects.toThrow(StoreUnavailable);
    const ticketTypeId = (await known()).ticketTypes[2]?.ticketTypeId ?? "";
    store.beforeNextAppend(async () => {}); // the listing's change
    store.failNextAppend("unavailable");
    await expect(change(one, { eventId, ticketTypeId }, { name: "Loge", capacity: 8 })).rejects.toThrow(
      StoreUnavailable,
    );
    await two.events.setPaused({ eventId, ticketTypeId }, true, null, two.plain());
    expect(await inventory(ticketTypeId)).toMatchObject({
      status: "open",
      capacity: 8,
      terms: { name: "Loge" },
      paused: { event: false, "ticket-type": true },
    });
  });

  it("while a draft is published leaves nothing a draft", async () => {
    const { store, one, two, eventId, inventory, known } = await eventOnSale(wish({ draft: true }));
    const gate = store.holdNextAppend(); // the first inventory
    const publishing = one.events.publish(eventId, one.plain());
    await gate.reached;
    const { ticketTypeId } = await added(add(two, eventId));
    expect((await inventory(ticketTypeId)).status).toBe("draft");
    gate.release();
    expect(await publishing).toMatchObject({ accepted: true });
    expect([(await known()).status, (await inventory(ticketTypeId)).status]).toEqual(["active", "open"]);
  });

  it("at the same time on two nodes keeps to the event's capacity", async () => {
    const { one, two, eventId, known } = await eventOnSale(wish({}, { capacity: 40 }));
    const names = ["A", "B", "C", "D"].map((name) => ({ ...balcony, terms: { ...balcony.terms, name } }));
    const outcomes = await Promise.all(names.map((what, n) => add(n % 2 ? one : two, eventId, undefined, what)));
    expect(outcomes.filter(({ accepted }) => accepted)).toHaveLength(2);
    for (const one of outcomes) if (!one.accepted) expect(one.code).toBe("capacity-exceeded");
    expect((await known()).ticketTypes.map(({ ordinal }) => ordinal)).toEqual([0, 1, 2, 3]);
  });
});

describe("changing a ticket type", () => {
  it("reaches its inventory before the answer", async () => {
    const { one, eventId, vip, inventory } = await eventOnSale();
    const price = { amount: 900, currency: "EUR" };
    await change(one, { eventId, ticketTypeId: vip }, { price, maxPerUser: 1, capacity: 3 });
    expect(await inventory(vip)).toMatchObject({ capacity: 3, terms: { name: "VIP", price, maxPerUser: 1 } });
  });

  it("that the listing refuses leaves the inventory alone, also for fewer tickets", async () => {
    const { store, one, eventId, vip } = await eventOnSale();
    const appends = store.appends.length;
    const refused = await change(one, { eventId, ticketTypeId: vip }, { name: "Regular", capacity: 1 });
    expect(refused).toMatchObject({ code: "invalid", details: { path: "/name" } });
    expect(store.appends.length).toBe(appends);
  });

  it("interrupted after its listing is completed by whoever looks after the listing", async () => {
    const { store, one, two, eventId, vip, inventory } = await eventOnSale();
    store.beforeNextAppend(async () => {}); // the listing
    store.failNextAppend("unavailable");
    await expect(change(one, { eventId, ticketTypeId: vip }, { maxPerOrder: 2 })).rejects.toThrow(StoreUnavailable);
    expect((await inventory(vip)).terms.maxPerOrder).toBe(100);
    await two.events.bringInventoriesUpToDate(eventId, two.plain());
    expect((await inventory(vip)).terms.maxPerOrder).toBe(2);
  });

  it("by two organizers at once leaves the inventory with what the listing says, field by field", async () => {
    const { one, two, eventId, vip, inventory, known } = await eventOnSale();
    const ref = { eventId, ticketTypeId: vip };
    for (let round = 1; round < 8; round += 1) {
      await Promise.all([
        change(one, ref, { maxPerOrder: round, description: `one ${round}` }),
        change(two, ref, { description: `two ${round}`, capacity: 10 + round }),
        change(one, ref, { capacity: 30 - round, maxPerUser: round }),
      ]);
      const { terms, capacity } = await inventory(vip);
      const [listed] = (await known()).ticketTypes;
      expect({ ...terms, capacity }).toMatchObject({ ...listed?.changes, capacity: listed?.capacity });
    }
  });

  it("of one version is made once", async () => {
    const { one, two, eventId, vip, regular, known } = await eventOnSale();
    const version = (await known()).version;
    const outcomes = await Promise.all([
      one.events.changeTicketType({ eventId, ticketTypeId: vip }, { description: "a" }, version, one.plain()),
      two.events.changeTicketType({ eventId, ticketTypeId: regular }, { description: "b" }, version, two.plain()),
      two.events.removeTicketType({ eventId, ticketTypeId: vip }, version, two.plain()),
      one.events.setPaused({ eventId, ticketTypeId: null }, true, version, one.plain()),
    ]);
    expect(outcomes.filter(({ accepted }) => accepted)).toHaveLength(1);
    for (const one of outcomes) if (!one.accepted) expect(one.code).toBe("version-mismatch");
  });
});

describe("deleting a ticket type", () => {
  it("closes its inventory before the answer; again nothing happens", async () => {
    const { store, one, two, eventId, vip, inventory, known } = await eventOnSale();
    expect(await remove(one, { eventId, ticketTypeId: vip })).toMatchObject({ accepted: true });
    expect((await inventory(vip)).status).toBe("removed");
    expect((await known()).ticketTypes).toHaveLength(1);
    const appends = store.appends.length;
    expect(await remove(two, { eventId, ticketTypeId: vip })).toMatchObject({ accepted: true });
    expect(store.appends.length).toBe(appends);
    expect(await one.reserve(eventId, vip)).toMatchObject({ code: "ticket-type-not-found" });
  });

  it("is refused, and recorded nowhere, while somebody has tickets", async () => {
    const { store, one, two, eventId, vip } = await eventOnSale();
    await two.reserve(eventId, vip);
    const appends = store.appends.length;
    const refused = await remove(one, { eventId, ticketTypeId: vip });
    expect(refused).toMatchObject({ code: "has-commitments", details: { committed: 1, waiting: 0 } });
    expect(store.appends.length).toBe(appends);
  });

  it("is taken back when somebody reserves in that very moment", async () => {
    const { store, one, two, eventId, vip, inventory, known } = await eventOnSale();
    const gate = store.holdNextAppend(); // the listing
    const removing = remove(one, { eventId, ticketTypeId: vip });
    await gate.reached;
    expect(await two.reserve(eventId, vip)).toMatchObject({ accepted: true });
    gate.release();
    expect(await removing).toMatchObject({ accepted: false, code: "has-commitments" });
    expect([(await inventory(vip)).status, (await known()).ticketTypes.length]).toEqual(["open", 2]);
    const types = store.eventsOf(listingStream(eventId)).map(({ type }) => type);
    expect(types).toEqual(["ListingCreated", "TicketTypeRemoved", "TicketTypeRestored"]);
    expect(await two.reserve(eventId, vip)).toMatchObject({ accepted: true });
  });

  it("interrupted after its listing is completed, or taken back, by whoever looks after the listing", async () => {
    for (const isReserved of [false, true]) {
      const { store, one, two, eventId, vip, inventory, known } = await eventOnSale();
      store.beforeNextAppend(async () => {}); // the listing
      store.failNextAppend("unavailable");
      await expect(remove(one, { eventId, ticketTypeId: vip })).rejects.toThrow(StoreUnavailable);
      if (isReserved) await two.reserve(eventId, vip);
      await two.events.bringInventoriesUpToDate(eventId, two.plain());
      const left = [(await inventory(vip)).status, (await known()).ticketTypes.length];
      expect(left).toEqual(isReserved ? ["open", 2] : ["removed", 1]);
    }
  });

  it("of the last two at once leaves one", async () => {
    const { one, two, eventId, vip, regular, known, inventory } = await eventOnSale();
    const outcomes = await Promise.all([
      remove(one, { eventId, ticketTypeId: vip }),
      remove(two, { eventId, ticketTypeId: regular }),
    ]);
    expect(outcomes.filter(({ accepted }) => accepted)).toHaveLength(1);
    expect(outcomes).toContainEqual(expect.objectContaining({ code: "last-ticket-type" }));
    const [last] = (await known()).ticketTypes;
    expect((await inventory(last?.ticketTypeId ?? "")).status).toBe("open");
  });

  it("of one whose inventory somebody is late to open leaves nothing on sale", async () => {
    const { store, one, two, eventId, known } = await eventOnSale();
    store.beforeNextAppend(async () => {}); // the listing
    const gate = store.holdNextAppend(); // the new inventory
    const adding = add(one, eventId);
    await gate.reached;
    const ticketTypeId = (await known()).ticketTypes[2]?.ticketTypeId ?? "";
    expect(await remove(two, { eventId, ticketTypeId })).toMatchObject({ accepted: true });
    gate.release();
    await adding;
    const recorded = store.eventsOf(inventoryStream(eventId, ticketTypeId));
    expect(recorded.map(({ type }) => type)).toEqual(["InventoryOpened", "InventoryRemoved"]);
    expect(JSON.parse(recorded[0]?.data ?? "")).toMatchObject({ draft: true });
    expect((await known()).ticketTypes).toHaveLength(2);
  });

  it("that was restored though its inventory was closed meanwhile is listed as deleted after all", async () => {
    const { one, two, eventId, vip, inventory, known } = await eventOnSale();
    await remove(one, { eventId, ticketTypeId: vip });
    expect((await inventory(vip)).status).toBe("removed");
    // As somebody would who was told of a reservation that has been given back since.
    await two.toListing(eventId, { type: "RestoreTicketType", ticketTypeId: vip });
    expect((await known()).ticketTypes).toHaveLength(2);
    await two.events.bringInventoriesUpToDate(eventId, two.plain());
    expect((await known()).ticketTypes).toHaveLength(1);
  });

  it("of an event that is called off meanwhile closes what there is", async () => {
    const { store, one, two, eventId, vip, regular, inventory } = await eventOnSale();
    store.beforeNextAppend(async () => {}); // the listing's removal
    const gate = store.holdNextAppend(); // the inventory's
    const removing = remove(one, { eventId, ticketTypeId: vip });
    await gate.reached;
    await two.events.cancel(eventId, two.plain());
    gate.release();
    await removing;
    expect((await inventory(regular)).status).toBe("closed");
    expect(["closed", "removed"]).toContain((await inventory(vip)).status);
    expect(store.eventsOf(inventoryStream(eventId, vip)).at(-1)?.type).toMatch(/InventoryClosed|InventoryRemoved/);
  });
});
