import { describe, expect, it } from "vitest";
import { StoreUnavailable } from "../../src/eventstore/port.ts";
import { listingStream } from "../../src/eventstore/streams.ts";
import { wish } from "./event-wish.ts";
import { eventOnSale } from "./organizing-node.ts";

const pausedIn = async ({ inventory, vip, regular }: Awaited<ReturnType<typeof eventOnSale>>) => [
  (await inventory(vip)).paused,
  (await inventory(regular)).paused,
];
const BOTH_RUN = [
  { event: false, "ticket-type": false },
  { event: false, "ticket-type": false },
];
const BOTH_PAUSED = [
  { event: true, "ticket-type": false },
  { event: true, "ticket-type": false },
];

describe("pausing an event", () => {
  it("pauses every inventory before the answer, which is at the last of them", async () => {
    const sale = await eventOnSale();
    const { store, one, eventId, vip } = sale;
    const outcome = await one.events.setPaused({ eventId, ticketTypeId: null }, true, null, one.plain());
    expect(await pausedIn(sale)).toEqual(BOTH_PAUSED);
    expect(outcome).toMatchObject({ accepted: true, position: await store.head([""]) });
    expect(await one.reserve(eventId, vip)).toMatchObject({ code: "sale-paused" });
  });

  it("interrupted after its listing is completed by whoever looks after the listing", async () => {
    const sale = await eventOnSale();
    const { store, one, two, eventId } = sale;
    store.beforeNextAppend(async () => {}); // the listing
    store.failNextAppend("unavailable");
    const pausing = one.events.setPaused({ eventId, ticketTypeId: null }, true, null, one.plain());
    await expect(pausing).rejects.toThrow(StoreUnavailable);
    expect((await sale.known()).paused).toBe(true);
    expect(await pausedIn(sale)).toEqual(BOTH_RUN);
    await two.events.bringInventoriesUpToDate(eventId, two.plain());
    expect(await pausedIn(sale)).toEqual(BOTH_PAUSED);
  });

  it("that a resumption passes on its way leaves nothing paused", async () => {
    const sale = await eventOnSale();
    const { store, one, two, eventId } = sale;
    store.beforeNextAppend(async () => {}); // the listing
    const gate = store.holdNextAppend(); // the first inventory
    const pausing = one.events.setPaused({ eventId, ticketTypeId: null }, true, null, one.plain());
    await gate.reached;
    expect(await two.events.setPaused({ eventId, ticketTypeId: null }, false, null, two.plain())).toMatchObject({
      accepted: true,
    });
    gate.release();
    expect(await pausing).toMatchObject({ accepted: true });
    expect(await pausedIn(sale)).toEqual(BOTH_RUN);
  });

  it("and reserving at the same time, in any order, never leaves a reservation after the pause", async () => {
    const sale = await eventOnSale();
    const { one, two, eventId, vip, store } = sale;
    for (let round = 0; round < 5; round += 1) {
      const racing = [one, two, one].map((node) => node.reserve(eventId, vip));
      await one.events.setPaused({ eventId, ticketTypeId: null }, true, null, one.plain());
      const after = await two.reserve(eventId, vip);
      expect(after).toMatchObject({ accepted: false, code: "sale-paused" });
      await Promise.all(racing);
      await two.events.setPaused({ eventId, ticketTypeId: null }, false, null, two.plain());
    }
    const types = store.eventsOf(`inventory-${eventId}.${vip}`).map(({ type }) => type);
    let isPaused = false;
    for (const type of types) {
      if (type === "SalePaused") isPaused = true;
      if (type === "SaleResumed") isPaused = false;
      expect([isPaused, type]).not.toEqual([true, "TicketsReserved"]);
    }
  });

  it("with a key is recorded once, also on another node", async () => {
    const sale = await eventOnSale();
    const { store, one, two, eventId, vip } = sale;
    const pause = { eventId, ticketTypeId: vip };
    const first = await one.events.setPaused(pause, true, null, one.plain("k"));
    await one.events.setPaused(pause, false, null, one.plain());
    const again = await two.events.setPaused(pause, true, null, two.plain("k"));
    expect([first, again]).toMatchObject([
      { accepted: true, replayed: false },
      { accepted: true, replayed: true },
    ]);
    expect((await sale.known()).ticketTypes[0]?.paused).toBe(false);
    const types = store.eventsOf(listingStream(eventId)).map(({ type }) => type);
    expect(types).toEqual(["ListingCreated", "TicketTypePaused", "TicketTypeResumed"]);
  });

  it("of a draft that is published meanwhile is a pause of what is public then", async () => {
    const sale = await eventOnSale(wish({ draft: true }));
    const { one, two, eventId, vip } = sale;
    await Promise.all([
      one.events.setPaused({ eventId, ticketTypeId: null }, true, null, one.plain()),
      two.events.publish(eventId, two.plain()),
    ]);
    expect(await sale.known()).toMatchObject({ status: "active", paused: true });
    expect(await one.reserve(eventId, vip)).toMatchObject({ code: "sale-paused" });
  });
});
