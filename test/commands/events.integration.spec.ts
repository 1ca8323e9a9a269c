import { randomUUID } from "node:crypto";
import { setTimeout as pause } from "node:timers/promises";
import pg from "pg";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { CommandRunner } from "../../src/commands/command-runner.ts";
import { postgresEventCodes } from "../../src/commands/event-codes.ts";
import { EventCommands, type NewEventOnSale } from "../../src/commands/events.ts";
import { type CommandContext, KeyReused } from "../../src/commands/outcome.ts";
import { prepareCommands } from "../../src/commands/prepare.ts";
import { replay } from "../../src/commands/replay.ts";
import { inventory } from "../../src/domain/inventory.ts";
import type { OpenedInventory } from "../../src/domain/inventory-state.ts";
import { type KnownListing, listing } from "../../src/domain/listing.ts";
import { sha256 } from "../../src/eventstore/envelope.ts";
import { type EventStore, StoreUnavailable } from "../../src/eventstore/port.ts";
import { openPostgresEventStore } from "../../src/eventstore/postgres/index.ts";
import { inventoryStream } from "../../src/eventstore/streams.ts";
import { freshDatabase } from "../support/postgres.ts";
import { ORGANIZER, wish } from "./event-wish.ts";

const log = { info() {}, warn() {}, error() {} };

/** The commands of one node, which can be made to crash on its way from the inventories to the listing. */
interface Node {
  readonly events: EventCommands;
  readonly store: EventStore;
  /** While true, no listing is recorded: as if the process had ended before. */
  crashing: boolean;
  /** Waited for before anything is recorded in an inventory. */
  beforeInventory: () => Promise<void>;
  close(): Promise<void>;
}

let database: Awaited<ReturnType<typeof freshDatabase>>;
let pool: pg.Pool;
let one: Node;
let two: Node;
beforeAll(async () => {
  database = await freshDatabase();
  pool = new pg.Pool({ connectionString: database.url, max: 8 });
  await prepareCommands(pool);
});
beforeEach(async () => {
  await one?.close();
  await two?.close();
  [one, two] = [await nodeOn(database.url), await nodeOn(database.url)];
});
afterAll(async () => {
  await one?.close();
  await two?.close();
  await pool.end();
  await database.drop();
});

async function nodeOn(connectionString: string): Promise<Node> {
  const postgres = await openPostgresEventStore({ connectionString, log });
  const clock = { nowMs: () => Date.now() };
  const surroundings = {
    clock,
    newId: randomUUID,
    random: Math.random,
    pause: (ms: number) => pause(ms),
    soon: setImmediate,
    monotonicMs: () => performance.now(),
  };
  const node = { crashing: false, beforeInventory: async () => {} };
  const store: EventStore = Object.create(postgres, {
    append: {
      value: (async (stream, events, expected) => {
        if (node.crashing && stream.startsWith("listing-")) throw new StoreUnavailable("crashed");
        if (stream.startsWith("inventory-")) await node.beforeInventory();
        return postgres.append(stream, events, expected);
      }) satisfies EventStore["append"],
    },
  });
  const listings = new CommandRunner({ store, surroundings, log, decider: listing });
  const inventories = new CommandRunner({ store, surroundings, log, decider: inventory });
  const codes = postgresEventCodes(pool);
  const events = new EventCommands({ store, listings, inventories, codes, clock, newId: randomUUID });
  return Object.assign(node, {
    events,
    store,
    async close() {
      await Promise.all([listings.close(1_000), inventories.close(1_000)]);
      await postgres.close();
    },
  });
}

const context = (key?: string, body = "{}"): CommandContext => ({
  actor: { account: ORGANIZER, role: "organizer" },
  commandId: randomUUID(),
  correlationId: randomUUID(),
  causationId: null,
  requestId: null,
  idempotency: key === undefined ? null : { keyHash: sha256(key), bodyHash: sha256(body) },
});

async function made(node: Node, event: NewEventOnSale = wish(), key?: string) {
  const outcome = await node.events.create(event, context(key));
  if (!outcome.accepted) throw new Error(outcome.code);
  return outcome;
}

/** The event as the log has it: its listing, and each inventory in order. */
async function asRecorded(eventId: string) {
  const known = (await one.events.find(eventId)) as KnownListing;
  const inventories = [];
  for (const { ticketTypeId } of known.ticketTypes) {
    const stream = inventoryStream(eventId, ticketTypeId);
    inventories.push((await replay(one.store, stream, inventory)) as OpenedInventory);
  }
  return { known, inventories };
}

const changed = (node: Node, eventId: string, details: Partial<KnownListing["details"]>) =>
  node.events.change(eventId, details, null, context());
const resized = (node: Node, eventId: string, ticketTypeId: string, capacity: number) =>
  node.events.changeTicketType({ eventId, ticketTypeId }, { capacity }, null, context());

describe("creating an event, interrupted before its listing", () => {
  it("is completed by a repetition on another node, with the same ids and the same start of its sale", async () => {
    one.crashing = true;
    await expect(made(one, wish(), "interrupted")).rejects.toThrow(StoreUnavailable);
    const half = await pool.query("select data from eventstore.events where type = 'InventoryOpened'");
    expect(half.rows).toHaveLength(2);
    const { eventId, eventTerms } = half.rows[0].data;
    expect((await one.events.find(eventId)).status).toBe("missing");

    const completed = await made(two, wish(), "interrupted");
    expect(completed.listing).toMatchObject({ eventId, details: { saleStartsAt: eventTerms.saleStartsAt } });
    expect(completed.inventories).toEqual(half.rows.map(({ data }) => data));
    const again = await made(two, wish(), "interrupted");
    expect(again).toEqual({ ...completed, replayed: true });
    const opened = await pool.query("select 1 from eventstore.events where type = 'InventoryOpened'");
    expect(opened.rows).toHaveLength(2);
  });

  it("is not completed by a repetition with another body", async () => {
    one.crashing = true;
    await expect(made(one, wish(), "other body")).rejects.toThrow(StoreUnavailable);
    const other = two.events.create(wish({}, { name: "Borealis" }), context("other body", "other"));
    await expect(other).rejects.toThrow(KeyReused);
    expect((await made(two, wish(), "other body")).listing.details.name).toBe("Aurora");
  });

  it("gives its code back after a minute, and not before", async () => {
    one.crashing = true;
    await expect(made(one, wish({ code: "CRASHED" }))).rejects.toThrow(StoreUnavailable);
    await expect(made(two, wish({ code: "CRASHED" }))).rejects.toThrow("code-taken");
    await pool.query("update commands.event_codes set claimed_at = now() - interval '61 seconds'");
    const { listing: taken } = await made(two, wish({ code: "CRASHED" }));
    expect(taken.code).toBe("CRASHED");
    await pool.query("update commands.event_codes set claimed_at = now() - interval '61 seconds'");
    await expect(made(one, wish({ code: "CRASHED" }))).rejects.toThrow("code-taken");
  });
});

describe("creating an event on two nodes at once", () => {
  it("with one key makes one event, also with a code", async () => {
    for (let round = 0; round < 5; round += 1) {
      const event = wish({ code: `BOTH-${round}` });
      const both = [one, two, one, two].map((node) => made(node, event, `both ${round}`));
      const outcomes = await Promise.all(both);
      expect(new Set(outcomes.map((outcome) => outcome.listing.eventId)).size).toBe(1);
      expect(new Set(outcomes.map((outcome) => outcome.position)).size).toBe(1);
      expect(outcomes.filter((outcome) => !outcome.replayed)).toHaveLength(1);
    }
  });

  it("with one code makes one event", async () => {
    for (let round = 0; round < 5; round += 1) {
      const event = wish({ code: `RACE-${round}` });
      const outcomes = await Promise.allSettled([one, two, one, two].map((node) => made(node, event)));
      expect(outcomes.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
    }
  });
});

describe("changing an event on two nodes at once", () => {
  it("leaves the inventories with the terms of the listing", async () => {
    const { eventId } = (await made(one)).listing;
    const ttls = Array.from({ length: 12 }, (_, i) => i + 1);
    const outcomes = await Promise.all(
      ttls.map((holdTtlSeconds) => changed(holdTtlSeconds % 2 ? one : two, eventId, { holdTtlSeconds })),
    );
    expect(outcomes.every((outcome) => outcome.accepted)).toBe(true);
    const { known, inventories } = await asRecorded(eventId);
    expect(known.version).toBe(13);
    for (const { eventTerms } of inventories) expect(eventTerms.holdTtlSeconds).toBe(known.details.holdTtlSeconds);
  });

  it("leaves them so also when the older change arrives last", async () => {
    const { eventId } = (await made(one)).listing;
    const arriving = Promise.withResolvers<void>();
    const goOn = Promise.withResolvers<void>();
    one.beforeInventory = () => {
      arriving.resolve();
      return goOn.promise;
    };
    const older = changed(one, eventId, { holdTtlSeconds: 1 });
    await arriving.promise;
    await changed(two, eventId, { holdTtlSeconds: 2 });
    goOn.resolve();
    await older;
    const { known, inventories } = await asRecorded(eventId);
    expect(
      [known, ...inventories].map((has) => ("details" in has ? has.details : has.eventTerms).holdTtlSeconds),
    ).toEqual([2, 2, 2]);
  });

  it("never offers more tickets than the event has room for, and lists what the inventories have", async () => {
    const { eventId, ticketTypes } = (await made(one, wish({}, { capacity: 40 }))).listing;
    const [vip, regular] = ticketTypes.map(({ ticketTypeId }) => ticketTypeId) as [string, string];
    const sizes = [5, 20, 1, 15, 20, 10];
    const outcomes = await Promise.all(
      sizes.flatMap((size, i) => [
        resized(i % 2 ? one : two, eventId, vip, size),
        resized(one, eventId, regular, 41 - size),
      ]),
    );
    expect(outcomes.some((outcome) => outcome.accepted)).toBe(true);
    for (const outcome of outcomes) if (!outcome.accepted) expect(outcome.code).toBe("capacity-exceeded");
    const { known, inventories } = await asRecorded(eventId);
    expect(inventories.map(({ capacity }) => capacity)).toEqual(known.ticketTypes.map(({ capacity }) => capacity));
    expect(inventories.reduce((sum, { capacity }) => sum + capacity, 0)).toBeLessThanOrEqual(40);
  });
});

describe("publishing a draft", () => {
  it("opens the inventories first, and is completed by a repetition", async () => {
    const { eventId } = (await made(one, wish({ draft: true }))).listing;
    one.crashing = true;
    await expect(one.events.publish(eventId, context())).rejects.toThrow(StoreUnavailable);
    const half = await asRecorded(eventId);
    expect([half.known.status, ...half.inventories.map(({ status }) => status)]).toEqual(["draft", "open", "open"]);
    one.crashing = false;
    const outcomes = await Promise.all([one, two].map(({ events }) => events.publish(eventId, context())));
    expect(outcomes.every((outcome) => outcome.accepted)).toBe(true);
    const whole = await asRecorded(eventId);
    expect([whole.known.status, whole.known.version]).toEqual(["active", 2]);
  });
});
