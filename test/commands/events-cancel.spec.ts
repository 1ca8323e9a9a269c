import { describe, expect, it } from "vitest";
import { CommandRunner } from "../../src/commands/command-runner.ts";
import { EventCommands, type NewEventOnSale } from "../../src/commands/events.ts";
import { replay } from "../../src/commands/replay.ts";
import { inventory } from "../../src/domain/inventory.ts";
import { listing } from "../../src/domain/listing.ts";
import { type EventStore, StoreUnavailable } from "../../src/eventstore/port.ts";
import { inventoryStream, listingStream } from "../../src/eventstore/streams.ts";
import { MemoryEventStore } from "../support/memory-event-store.ts";
import { controlledSurroundings, settled } from "../support/surroundings.ts";
import { wish } from "./event-wish.ts";
import { collectedLog, context } from "./running.ts";

const BUYER = { accountId: "7d9f5f0e-0000-4000-8000-000000000002", guest: false };

/** Organizers' and buyers' commands of one node. */
function node(store: EventStore, seed: number) {
  const surroundings = controlledSurroundings(seed);
  const log = collectedLog();
  const listings = new CommandRunner({ store, surroundings, log, decider: listing });
  const inventories = new CommandRunner({
    store,
    surroundings,
    log,
    decider: inventory,
    housekeeping: { type: "LapseDue" },
  });
  const codes = { claim: async () => true };
  const { clock, newId } = surroundings;
  const events = new EventCommands({ store, listings, inventories, codes, clock, newId });
  const plain = (key?: string) => context(surroundings, key === undefined ? {} : { key });
  return {
    events,
    plain,
    reserve: (eventId: string, ticketTypeId: string) =>
      inventories.run(
        inventoryStream(eventId, ticketTypeId),
        { type: "Reserve", reservationId: newId(), ...BUYER, quantity: 1, holdTtlSeconds: null },
        plain(),
      ),
  };
}

async function onSale(event: NewEventOnSale = wish()) {
  const store = new MemoryEventStore();
  const [one, two] = [node(store, 1), node(store.elsewhere, 2)];
  const created = await one.events.create(event, one.plain());
  if (!created.accepted) throw new Error(created.code);
  const { eventId } = created.listing;
  const ticketTypeIds = created.listing.ticketTypes.map(({ ticketTypeId }) => ticketTypeId);
  const statuses = async () => {
    const states = [(await one.events.find(eventId)).status as string];
    for (const id of ticketTypeIds) states.push((await replay(store, inventoryStream(eventId, id), inventory)).status);
    return states;
  };
  return { store, one, two, eventId, ticketTypeIds, statuses };
}

describe("cancelling an event", () => {
  it("closes every inventory before the answer, which is at the last of them", async () => {
    const { store, one, eventId, ticketTypeIds, statuses } = await onSale();
    const outcome = await one.events.cancel(eventId, one.plain());
    expect(await statuses()).toEqual(["cancelled", "closed", "closed"]);
    const closed = ticketTypeIds.map((id) => store.eventsOf(inventoryStream(eventId, id)).at(-1)?.position ?? 0n);
    expect(outcome).toEqual({ accepted: true, replayed: false, position: closed.reduce((a, b) => (a > b ? a : b)) });
    expect(await one.reserve(eventId, ticketTypeIds[0] ?? "")).toMatchObject({ code: "event-cancelled" });
  });

  it("records its listing first", async () => {
    const { store, one, eventId, statuses } = await onSale();
    const gate = store.holdNextAppend();
    const cancelling = one.events.cancel(eventId, one.plain());
    await gate.reached;
    expect(store.appends.at(-1)?.stream).toBe(listingStream(eventId));
    expect(await statuses()).toEqual(["active", "open", "open"]);
    gate.release();
    await cancelling;
  });

  it("again is accepted and records nothing, with a key and without", async () => {
    const { store, one, two, eventId } = await onSale();
    const first = await one.events.cancel(eventId, one.plain("k"));
    const appends = store.appends.length;
    expect(await one.events.cancel(eventId, one.plain("k"))).toEqual({ ...first, replayed: true });
    expect(await two.events.cancel(eventId, two.plain())).toEqual({ ...first, replayed: false });
    expect(store.appends.length).toBe(appends);
  });

  it("of a draft closes it too, and it can't be published any more", async () => {
    const { one, two, eventId, statuses } = await onSale(wish({ draft: true }));
    await one.events.cancel(eventId, one.plain());
    expect(await statuses()).toEqual(["cancelled", "closed", "closed"]);
    expect(await two.events.publish(eventId, two.plain())).toMatchObject({ code: "event-cancelled" });
    expect(await statuses()).toEqual(["cancelled", "closed", "closed"]);
  });

  it("ends changes of it", async () => {
    const { one, eventId, ticketTypeIds } = await onSale();
    await one.events.cancel(eventId, one.plain());
    const refused = { accepted: false, code: "event-cancelled" };
    expect(await one.events.change(eventId, { name: "Later" }, null, one.plain())).toMatchObject(refused);
    const resized = one.events.changeTicketType(
      { eventId, ticketTypeId: ticketTypeIds[0] ?? "" },
      { capacity: 1 },
      null,
      one.plain(),
    );
    expect(await resized).toMatchObject(refused);
  });

  it("is refused where there is none", async () => {
    const { one } = await onSale();
    expect(await one.events.cancel("nowhere", one.plain())).toMatchObject({ code: "event-not-found" });
  });

  it("interrupted after its listing is completed by whoever brings the inventories up to date", async () => {
    const { store, one, two, eventId, statuses } = await onSale();
    store.beforeNextAppend(async () => {}); // the listing
    store.failNextAppend("unavailable");
    store.failNextAppend("unavailable");
    await expect(one.events.cancel(eventId, one.plain())).rejects.toThrow(StoreUnavailable);
    expect(await statuses()).toEqual(["cancelled", "open", "open"]);
    const position = await two.events.bringInventoriesUpToDate(eventId, two.plain());
    expect(await statuses()).toEqual(["cancelled", "closed", "closed"]);
    expect(await two.events.bringInventoriesUpToDate(eventId, two.plain())).toBe(position);
  });

  it("passed on its way by a publication leaves nothing open", async () => {
    const { store, one, two, eventId, statuses } = await onSale(wish({ draft: true }));
    const gate = store.holdNextAppend(); // of the first inventory
    const publishing = one.events.publish(eventId, one.plain());
    await gate.reached;
    await two.events.cancel(eventId, two.plain());
    gate.release();
    expect(await publishing).toMatchObject({ accepted: false, code: "event-cancelled" });
    expect(await statuses()).toEqual(["cancelled", "closed", "closed"]);
  });

  it("passed on its way by a change leaves nothing open", async () => {
    const { store, one, two, eventId, statuses } = await onSale();
    store.beforeNextAppend(async () => {}); // the listing's change
    const gate = store.holdNextAppend(); // of the first inventory
    const changing = one.events.change(eventId, { holdTtlSeconds: 7 }, null, one.plain());
    await gate.reached;
    await two.events.cancel(eventId, two.plain());
    gate.release();
    await settled();
    expect(await changing).toMatchObject({ accepted: true });
    expect(await statuses()).toEqual(["cancelled", "closed", "closed"]);
  });
});
