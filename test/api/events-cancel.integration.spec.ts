import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { cancellationRoutes } from "../../src/api/events/cancellation-routes.ts";
import { CommandRunner } from "../../src/commands/command-runner.ts";
import { EventCancellation } from "../../src/commands/event-cancellation.ts";
import { EventCommands } from "../../src/commands/events.ts";
import { inventory } from "../../src/domain/inventory.ts";
import { listing } from "../../src/domain/listing.ts";
import { Cancellations } from "../../src/processes/cancellation-progress.ts";
import { CREATE_CANCELLATIONS } from "../../src/processes/cancellation-rows.ts";
import { wish } from "../commands/event-wish.ts";
import { collectedLog, context } from "../commands/running.ts";
import { MemoryEventStore } from "../support/memory-event-store.ts";
import { controlledSurroundings } from "../support/surroundings.ts";
import { type ApiUnderTest, type CallOptions, type Signed, startApi } from "./harness.ts";

const NOWHERE = "018f0000-0000-7000-8000-0000000000ff";
const store = new MemoryEventStore();
const surroundings = { ...controlledSurroundings(), newId: randomUUID };
const { clock, newId } = surroundings;
const log = collectedLog();
const inventories = new CommandRunner({ store, surroundings, log, decider: inventory });
const listings = new CommandRunner({ store, surroundings, log, decider: listing });
const commands = new EventCommands({
  store,
  listings,
  inventories,
  codes: { claim: async () => true },
  clock,
  newId,
});
const cancellation = new EventCancellation({ store, inventories, events: commands });
const figures = { bookings: 4, cancelled: 1, refundsPending: 2, refundsSucceeded: 1 };

let app: ApiUnderTest;
let organizer: Signed;
let eventId: string;
beforeAll(async () => {
  const cancellations: Cancellations = new Cancellations({
    get pool() {
      return app.pool;
    },
    cancelledAt: (id) => cancellation.cancelledAt(id),
    figures: async () => ({ bookings: 4, cancelled: 1, refunds: { pending: 2, succeeded: 1 } }),
  });
  app = await startApi({ routes: [cancellationRoutes({ commands, cancellations })] });
  await app.pool.query(CREATE_CANCELLATIONS);
  organizer = await app.signUp("Olga");
});
afterAll(() => app.close());
beforeEach(async () => {
  eventId = await onSale();
});

async function onSale(draft = false): Promise<string> {
  const created = await commands.create(wish({ organizerId: organizer.accountId, draft }), context(surroundings));
  if (!created.accepted) throw new Error(created.code);
  return created.listing.eventId;
}

const cancel = (id: string, options: CallOptions = { token: organizer.token }) =>
  app.call("POST", `/events/${id}/cancel`, options);
const progress = (id: string, token = organizer.token) => app.call("GET", `/events/${id}/cancellation`, { token });

describe("POST /events/{eventId}/cancel", () => {
  it("answers 202 with how far it has come, and where in the log the last inventory was closed", async () => {
    const reply = await cancel(eventId);
    expect([reply.statusCode, reply.json()]).toEqual([
      202,
      { eventId, status: "RUNNING", cancelledAt: new Date(clock.nowMs()).toISOString(), ...figures },
    ]);
    const known = await commands.find(eventId);
    if (known.status === "missing") throw new Error("gone");
    const last = known.ticketTypes.map(({ ticketTypeId }) =>
      store.eventsOf(`inventory-${eventId}.${ticketTypeId}`).at(-1),
    );
    expect(last.map((event) => event?.type)).toEqual(["InventoryClosed", "InventoryClosed"]);
    const positions = last.map((event) => Number(event?.position));
    expect(reply.headers["boxoffice-position"]).toBe(String(Math.max(...positions)));
  });

  it("again answers the same, with a key as a replay", async () => {
    const options = { token: organizer.token, headers: { "idempotency-key": "once" } };
    const first = await cancel(eventId, options);
    const replay = await cancel(eventId, options);
    expect([replay.statusCode, replay.headers["idempotency-replayed"]]).toEqual([202, "true"]);
    expect(replay.json()).toEqual(first.json());
    expect((await cancel(eventId)).json()).toEqual(first.json());
  });

  it("has its bookings seen to, once", async () => {
    await cancel(eventId);
    await cancel(eventId);
    const { rowCount } = await app.pool.query("select 1 from processes.cancellations where event_id = $1", [eventId]);
    expect(rowCount).toBe(1);
  });

  it("is for its organizer and administrators", async () => {
    const { token } = await app.signUp();
    expect((await cancel(eventId, { token })).json().code).toBe("forbidden");
    expect((await cancel(eventId, {})).json().code).toBe("token-missing");
    expect((await cancel(eventId, { token: (await app.guest()).token })).json().code).toBe("account-required");
    expect((await cancel(eventId, { token: (await app.admin()).token })).statusCode).toBe(202);
    const actor = JSON.parse(store.eventsOf(`listing-${eventId}`).at(-1)?.metadata ?? "{}").actor;
    expect(actor.role).toBe("admin");
  });

  it("keeps drafts from others, also when they are cancelled", async () => {
    const draft = await onSale(true);
    const { token } = await app.signUp();
    expect((await cancel(draft, { token })).json().code).toBe("event-not-found");
    expect((await cancel(draft)).statusCode).toBe(202);
    expect((await progress(draft, token)).json().code).toBe("event-not-found");
    expect((await progress(draft)).statusCode).toBe(200);
  });

  it("is refused where there is none", async () => {
    expect((await cancel(NOWHERE)).json().code).toBe("event-not-found");
  });
});

describe("GET /events/{eventId}/cancellation", () => {
  it("is 404 until it is cancelled", async () => {
    const before = await progress(eventId);
    expect([before.statusCode, before.json().code]).toEqual([404, "cancellation-not-found"]);
    const cancelled = await cancel(eventId);
    const after = await progress(eventId);
    expect([after.statusCode, after.json()]).toEqual([200, cancelled.json()]);
    expect(after.headers.etag).toBeDefined();
    expect((await progress(NOWHERE)).json().code).toBe("event-not-found");
  });

  it("is for its organizer and administrators", async () => {
    await cancel(eventId);
    expect((await progress(eventId, (await app.signUp()).token)).json().code).toBe("forbidden");
    expect((await progress(eventId, (await app.admin()).token)).statusCode).toBe(200);
  });
});
