import { describe, expect, it } from "vitest";
import { CommandRunner } from "../../src/commands/command-runner.ts";
import { EventCommands } from "../../src/commands/events.ts";
import type { CommandContext } from "../../src/commands/outcome.ts";
import { replay } from "../../src/commands/replay.ts";
import { inventory } from "../../src/domain/inventory.ts";
import { listing } from "../../src/domain/listing.ts";
import { inventoryStream } from "../../src/eventstore/streams.ts";
import { MemoryEventStore } from "../support/memory-event-store.ts";
import { controlledSurroundings, START_MS } from "../support/surroundings.ts";
import { wish } from "./event-wish.ts";
import { collectedLog, context } from "./running.ts";

const HOUR_MS = 60 * 60 * 1000;
const at = (ms: number) => new Date(START_MS + ms).toISOString();

/** Organizers' commands on a store in memory; codes are claimed in a map. */
function office() {
  const store = new MemoryEventStore();
  const surroundings = controlledSurroundings(7);
  const log = collectedLog();
  const listings = new CommandRunner({ store, surroundings, log, decider: listing });
  const inventories = new CommandRunner({ store, surroundings, log, decider: inventory });
  const codes = new Map<string, string>();
  const events = new EventCommands({
    store,
    listings,
    inventories,
    clock: surroundings.clock,
    newId: surroundings.newId,
    codes: {
      async claim(_organizer, code, eventId, isTaken) {
        const holder = codes.get(code);
        if (holder !== undefined && holder !== eventId && (await isTaken(holder))) return false;
        codes.set(code, eventId);
        return true;
      },
    },
  });
  const keyed = (key: string, body = "{}"): CommandContext => context(surroundings, { key, body });
  const plain = (): CommandContext => context(surroundings);
  return { store, surroundings, events, keyed, plain };
}

async function made(outcome: ReturnType<EventCommands["create"]>) {
  const created = await outcome;
  if (!created.accepted) throw new Error(`refused: ${created.code}`);
  return created;
}

describe("a repeated creation", () => {
  it("gets the first answer also when it would be refused today", async () => {
    const { surroundings, events, keyed } = office();
    const ending = wish({}, { saleEndsAt: at(HOUR_MS) });
    const first = await made(events.create(ending, keyed("k")));
    await surroundings.advance(2 * HOUR_MS);
    const again = await made(events.create(ending, keyed("k")));
    expect(again).toEqual({ ...first, replayed: true });
  });

  it("completes what a crash left half made, with one moment at which the sale started", async () => {
    const { store, surroundings, events, keyed } = office();
    store.beforeNextAppend(async () => {}); // the first inventory
    const crashed = events.create(wish(), keyed("k"));
    store.failNextAppend("unavailable");
    await expect(crashed).rejects.toMatchObject({ name: "StoreUnavailable" });
    await surroundings.advance(HOUR_MS);
    const { listing: created, inventories } = await made(events.create(wish(), keyed("k")));
    expect(inventories).toHaveLength(2);
    for (const { eventTerms } of inventories) expect(eventTerms.saleStartsAt).toBe(created.details.saleStartsAt);
  });

  it("with another body keeps no code from others", async () => {
    const { events, keyed, plain } = office();
    await made(events.create(wish({ code: "A" }), keyed("k", "a")));
    await expect(events.create(wish({ code: "B" }), keyed("k", "b"))).rejects.toMatchObject({ name: "KeyReused" });
    await made(events.create(wish({ code: "B" }), plain()));
    expect(await events.create(wish({ code: "A" }), plain())).toMatchObject({ accepted: false, code: "code-taken" });
  });

  it("a day later makes another event", async () => {
    const { surroundings, events, keyed } = office();
    const first = await made(events.create(wish(), keyed("k")));
    await surroundings.advance(24 * HOUR_MS);
    const second = await made(events.create(wish(), keyed("k")));
    expect(second.listing.eventId).not.toBe(first.listing.eventId);
    expect(second.replayed).toBe(false);
  });
});

describe("changes of one capacity at the same time", () => {
  it("leave the inventory with what the listing says", async () => {
    const { store, events, plain } = office();
    const { listing: created } = await made(events.create(wish(), plain()));
    const { eventId, ticketTypes } = created;
    const ticketTypeId = ticketTypes[0]?.ticketTypeId ?? "";
    for (let round = 0; round < 10; round += 1) {
      const change = (capacity: number) =>
        events.changeTicketType({ eventId, ticketTypeId }, { capacity }, null, plain());
      await Promise.all([change(20 + round), change(5), change(30 - round)]);
      const known = await events.find(eventId);
      const state = await replay(store, inventoryStream(eventId, ticketTypeId), inventory);
      if (known.status === "missing" || state.status === "unopened") throw new Error("gone");
      expect(state.capacity).toBe(known.ticketTypes[0]?.capacity);
    }
  });

  it("that found the listing changed leave nothing changed", async () => {
    const { store, events, plain } = office();
    const { listing: created } = await made(events.create(wish(), plain()));
    const { eventId, ticketTypes } = created;
    const ticketTypeId = ticketTypes[0]?.ticketTypeId ?? "";
    await events.change(eventId, { name: "Another" }, null, plain());
    const outcome = await events.changeTicketType({ eventId, ticketTypeId }, { capacity: 5 }, 1, plain());
    expect(outcome).toMatchObject({ accepted: false, code: "version-mismatch" });
    const state = await replay(store, inventoryStream(eventId, ticketTypeId), inventory);
    expect(state).toMatchObject({ capacity: 10 });
  });
});
