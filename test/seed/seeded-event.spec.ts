import { describe, expect, it } from "vitest";
import { inventory } from "../../src/domain/inventory.ts";
import { listing } from "../../src/domain/listing.ts";
import { decode, eventHash } from "../../src/eventstore/envelope.ts";
import type { StoredEvent } from "../../src/eventstore/port.ts";
import { Chance } from "../../src/seed/chance.ts";
import { type SeededEvent, seededEvent } from "../../src/seed/seeded-event.ts";
import { writeEvents } from "../../src/seed/write-events.ts";
import { MemoryEventStore } from "../support/memory-event-store.ts";

const SEED = { seed: "spec", dayMs: Date.parse("2026-11-21T00:00:00Z") };
const MANY = 2_000;
const events = Array.from({ length: MANY }, (_, number) => seededEvent(SEED, number));
const said = ({ eventId, inventories, listing: said }: SeededEvent) => ({ eventId, inventories, said });
const createdOf = ({ listing: [first] }: SeededEvent) => {
  if (first?.type !== "ListingCreated") throw new Error("a listing that does not begin with ListingCreated");
  return first.data;
};

const write = async (store: MemoryEventStore, seed: typeof SEED, count: number) => {
  const told: [number, number][] = [];
  const onProgress = (...numbers: [number, number]) => void told.push(numbers);
  await writeEvents({ store, seed, count, signal: new AbortController().signal, onProgress });
  return told.at(-1);
};

async function logOf(store: MemoryEventStore): Promise<readonly StoredEvent[]> {
  const end = new AbortController();
  const log: StoredEvent[] = [];
  const head = await store.head(["listing-", "inventory-"]);
  const all = { after: null, streamPrefixes: ["listing-", "inventory-"], maxBatch: 4_096, signal: end.signal };
  for await (const batch of store.subscribe(all)) {
    log.push(...batch.events);
    if (batch.checkpoint === head) end.abort();
  }
  return log;
}

describe("seeded events", () => {
  it("are the same for the same seed, day and number, and others for others", () => {
    expect(said(seededEvent(SEED, 7))).toEqual(said(events[7] as SeededEvent));
    const ids = [
      ...events.map(({ eventId }) => eventId),
      seededEvent({ ...SEED, seed: "other" }, 7).eventId,
      seededEvent({ ...SEED, dayMs: SEED.dayMs + 86_400_000 }, 7).eventId,
    ];
    expect(new Set(ids).size).toBe(ids.length);
  });

  it("are what the domain would have decided", () => {
    for (const event of events) {
      const created = createdOf(event);
      const command = { type: "CreateListing", data: created, atMs: SEED.dayMs } as const;
      const decided = listing.decide(command, listing.initialState());
      expect(decided).toMatchObject({ accepted: true, events: [event.listing[0]] });
      for (const { ticketTypeId, events: recorded } of event.inventories) {
        const [opened] = recorded;
        if (opened?.type !== "InventoryOpened")
          throw new Error("an inventory that does not begin with InventoryOpened");
        const open = { type: "OpenInventory", data: opened.data, atMs: SEED.dayMs } as const;
        expect(inventory.decide(open, inventory.initialState())).toMatchObject({ accepted: true });
        const { name, price } = opened.data.terms;
        expect(created.ticketTypes).toContainEqual({ ticketTypeId, name, capacity: opened.data.capacity });
        expect(price.currency).toBe(created.currency);
      }
      expect(event.inventories).toHaveLength(created.ticketTypes.length);
    }
  });

  it("are of many kinds and places, some over, some drafts, some called off, some free", () => {
    const created = events.map(createdOf);
    const share = (holds: (event: (typeof created)[number], index: number) => boolean) =>
      created.filter(holds).length / MANY;
    expect(new Set(created.map(({ details }) => details.venue?.city)).size).toBeGreaterThan(50);
    expect(new Set(created.map(({ details }) => details.name)).size).toBeGreaterThan(MANY * 0.8);
    for (const one of [
      share(({ draft }) => draft),
      share((_, index) => events[index]?.listing[1]?.type === "ListingCancelled"),
      share(({ details }) => Date.parse(details.endsAt ?? "") < SEED.dayMs),
      share((_, index) => events[index]?.inventories.length === 1),
    ]) {
      expect(one).toBeGreaterThan(0.005);
      expect(one).toBeLessThan(0.6);
    }
  });
});

describe("writing them", () => {
  it("records inventories before their listing, in whole hash chains, and once only", async () => {
    const store = new MemoryEventStore();
    const [written, recorded] = (await write(store, SEED, 300)) ?? [];
    const log = await logOf(store);
    expect([written, recorded]).toEqual([300, log.length]);

    const opened = new Set<string>();
    const last = new Map<string, StoredEvent>();
    for (const stored of log) {
      const { event, envelope } = decode(stored);
      const before = last.get(stored.stream);
      expect(envelope.previousHash).toBe(before === undefined ? null : eventHash(before));
      last.set(stored.stream, stored);
      if (event.type === "InventoryOpened") opened.add(stored.stream);
      if (event.type !== "ListingCreated") continue;
      const { eventId, ticketTypes } = event.data as ReturnType<typeof createdOf>;
      for (const { ticketTypeId } of ticketTypes) expect(opened).toContain(`inventory-${eventId}.${ticketTypeId}`);
    }

    await write(store, SEED, 310);
    expect((await logOf(store)).slice(0, log.length)).toEqual(log);
    expect((await logOf(store)).filter(({ type }) => type === "ListingCreated")).toHaveLength(310);
  });

  it("fails with the store's failure", async () => {
    const store = new MemoryEventStore();
    store.append = () => Promise.reject(new Error("full"));
    await expect(write(store, SEED, 1_000)).rejects.toThrow("full");
  });
});

describe("chance", () => {
  it("makes UUIDs of the right form, in the order of times", () => {
    const chance = new Chance("spec");
    expect(chance.uuid()).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    expect(chance.uuidAt(SEED.dayMs)).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    expect(chance.uuidAt(SEED.dayMs) < chance.uuidAt(SEED.dayMs + 1)).toBe(true);
  });

  it("is even, and keeps its bounds", () => {
    const chance = new Chance("spec");
    const counts = new Map<number, number>();
    for (let n = 0; n < 6_000; n += 1) {
      const thrown = chance.between(1, 6);
      counts.set(thrown, (counts.get(thrown) ?? 0) + 1);
    }
    expect([...counts.keys()].sort()).toEqual([1, 2, 3, 4, 5, 6]);
    for (const count of counts.values()) expect(Math.abs(count - 1_000)).toBeLessThan(150);
  });
});
