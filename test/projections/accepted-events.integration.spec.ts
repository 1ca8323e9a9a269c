import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { requireOrderedDates } from "../../src/api/events/dates.ts";
import { eventChanges, newEvent, toChanges, toNewEvent } from "../../src/api/events/requests.ts";
import { event as eventSchema, eventView, newEventView } from "../../src/api/events/responses.ts";
import { CommandRunner } from "../../src/commands/command-runner.ts";
import { type CreatedEvent, EventCommands } from "../../src/commands/events.ts";
import { inventory } from "../../src/domain/inventory.ts";
import { listing } from "../../src/domain/listing.ts";
import { inventoryStream, listingStream } from "../../src/eventstore/streams.ts";
import { consistentReads } from "../../src/projections/consistent-read.ts";
import { readSide } from "../../src/projections/database.ts";
import { eventDetailsQueries } from "../../src/projections/event-details/queries.ts";
import { context } from "../commands/running.ts";
import { MemoryEventStore } from "../support/memory-event-store.ts";
import { controlledSurroundings, START_MS } from "../support/surroundings.ts";
import { extremeChanges, extremeNewEvents, offTimes } from "./extreme-events.ts";
import { project, readModelDatabase, silent } from "./given.ts";
import { ORGANIZER } from "./recorded.ts";

/** Whatever the API takes has to come out of the read models again: what can't be projected would stop the feed. */
describe("what the API accepts", () => {
  let database: Awaited<ReturnType<typeof readModelDatabase>>;
  beforeAll(async () => {
    database = await readModelDatabase();
  });
  afterAll(() => database?.[Symbol.asyncDispose]());

  it("can be projected and is read back as it was recorded", async () => {
    const { commands, details, projectRest, surroundings } = shop();
    let [made, changed] = [0, 0];
    const readBack = async (eventId: string) => {
      const found = await details.get(eventId, { minPosition: null, nowMs: START_MS });
      if (found === null) throw new Error("an event that was projected is not there");
      return eventSchema.parse(eventView(found));
    };
    const rightAfter = async (created: CreatedEvent): Promise<void> => {
      made += 1;
      await projectRest(created);
      expect(await readBack(created.listing.eventId)).toEqual(asJson(eventSchema.parse(newEventView(created))));
    };
    await fc.assert(
      fc.asyncProperty(extremeNewEvents, extremeChanges, async (body, patch) => {
        const request = newEvent.safeParse(body);
        if (!request.success || !isOrdered(request.data)) return;
        const wish = toNewEvent(request.data, ORGANIZER, 600);
        const created = await commands.create(wish, context(surroundings));
        if (!created.accepted) return;
        await rightAfter(created);

        const changes = eventChanges.safeParse(patch);
        if (!changes.success) return;
        const { eventId } = created.listing;
        const before = await readBack(eventId);
        const outcome = await commands.change(eventId, toChanges(changes.data), null, context(surroundings));
        if (!outcome.accepted) return;
        changed += 1;
        await projectRest(created);
        const said = asJson(toChanges(changes.data));
        const after = await readBack(eventId);
        expect(after).toMatchObject({
          ...said,
          eventId,
          ticketTypes: before.ticketTypes.map(({ name }) => ({ name })),
        });
      }),
      { numRuns: 300, examples: [...offTimes] },
    );

    expect(made).toBeGreaterThan(60);
    expect(changed).toBeGreaterThan(10);
  });

  /** Commands on a log in memory, and the read models of the real Postgres. */
  function shop() {
    const store = new MemoryEventStore();
    const surroundings = controlledSurroundings(7);
    const running = { store, surroundings, log: silent };
    const commands = new EventCommands({
      store,
      listings: new CommandRunner({ ...running, decider: listing }),
      inventories: new CommandRunner({ ...running, decider: inventory }),
      codes: { claim: async () => true },
      clock: surroundings.clock,
      newId: surroundings.newId,
    });
    const progress = { projected: () => undefined, reached: async () => true, close: async () => undefined };
    const reads = consistentReads({ progress, head: async () => null });
    const { pool } = database;
    let projected = 0n;
    return {
      commands,
      surroundings,
      details: eventDetailsQueries(readSide(pool, reads)),
      async projectRest({ listing: { eventId }, inventories }: CreatedEvent): Promise<void> {
        const streams = inventories.map(({ ticketTypeId }) => inventoryStream(eventId, ticketTypeId));
        const rest = [...streams, listingStream(eventId)]
          .flatMap((stream) => store.eventsOf(stream))
          .filter(({ position }) => position > projected)
          .sort((a, b) => Number(a.position - b.position));
        await project(pool, rest);
        projected = rest.at(-1)?.position ?? projected;
      },
    };
  }
});

/** As a client gets it: there is no -0 in what JSON.stringify writes. */
const asJson = <Value>(value: Value): Value => JSON.parse(JSON.stringify(value)) as Value;

function isOrdered(event: Parameters<typeof requireOrderedDates>[0]): boolean {
  try {
    requireOrderedDates(event);
    return true;
  } catch {
    return false;
  }
}
