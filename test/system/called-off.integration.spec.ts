import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, describe, expect, it, vi } from "vitest";
import type { EventStore } from "../../src/eventstore/port.ts";
import { openPostgresEventStore } from "../../src/eventstore/postgres/index.ts";
import { freshDatabase } from "../support/postgres.ts";
import { type Audience, admit, announce, buyOneEach, type Programme } from "./called-off/audience.ts";
import { callOff, endOfBookings, isDone, refundsRecorded, untilProgress } from "./called-off/calling-off.ts";
import { type CalledOffProof, proveCalledOff } from "./called-off/proof.ts";
import { type ProviderRecord, providerRecord } from "./called-off/provider-record.ts";
import { RestartableNode } from "./called-off/restartable-node.ts";
import { expectStatus } from "./shop.ts";

const AUDIENCE: Audience = {
  several: 8,
  mixed: 8,
  partlyReturned: 4,
  goodwill: 4,
  unpaid: 4,
  held: 10,
  waiting: 6,
};
const BOOKINGS = 200;
const CONNECTIONS = 64;
const WITHIN_MS = 120_000;

const cleanUp: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const undo of cleanUp.splice(0).toReversed()) await undo();
});

interface Venue {
  readonly node: RestartableNode;
  readonly provider: ProviderRecord;
  readonly store: EventStore;
  readonly programme: Programme;
}

/** An event with bookings of all kinds. */
async function soldOut(): Promise<Venue> {
  const database = await freshDatabase();
  cleanUp.push(() => database.drop());
  const dataDir = await mkdtemp(join(tmpdir(), "boxoffice-system-"));
  cleanUp.push(() => rm(dataDir, { recursive: true, force: true }));
  const node = await RestartableNode.start({ databaseUrl: database.url, dataDir }, CONNECTIONS);
  cleanUp.push(() => node.stop());
  const store = await openPostgresEventStore({ connectionString: database.url });
  cleanUp.push(() => store.close());
  const programme = await announce(node.client, 1_000, AUDIENCE.several);
  const paid = await admit(node.client, programme, AUDIENCE);
  await buyOneEach(node.client, programme, BOOKINGS - paid);
  return { node, provider: providerRecord(dataDir), store, programme };
}

async function emptied({ node, programme }: Venue): Promise<void> {
  await vi.waitFor(
    async () => {
      const path = `/events/${programme.eventId}`;
      const { body } = await expectStatus(200, node.client.call("GET", path, { token: programme.organizer }));
      expect(body).toMatchObject({ status: "CANCELLED", held: 0, booked: 0 });
    },
    { timeout: 30_000, interval: 100 },
  );
}

async function proof({ store, provider, programme }: Venue): Promise<CalledOffProof> {
  const [charges, refunds] = [await provider.charges(), await provider.refunds()];
  return proveCalledOff(store, { charges, refunds }, programme.eventId);
}

const PROVEN = {
  paidBookings: BOOKINGS,
  mixedBookings: AUDIENCE.mixed,
  withdrawnBookings: AUDIENCE.unpaid,
  refunds: BOOKINGS + AUDIENCE.partlyReturned + AUDIENCE.goodwill,
  reservationsWithdrawn: AUDIENCE.held,
  waitlistEnded: AUDIENCE.waiting,
  otherTickets: 2 * AUDIENCE.mixed,
};
const DONE = {
  status: "DONE",
  bookings: BOOKINGS,
  cancelled: BOOKINGS,
  refundsPending: 0,
  refundsSucceeded: PROVEN.refunds,
};

describe("an event with 200 bookings that is called off", { timeout: WITHIN_MS }, () => {
  it("gives each its money back once, though node and provider are killed in the middle", async () => {
    const venue = await soldOut();
    const { node, provider, store, programme } = venue;
    await provider.delayEach(1_000); // until it is killed: time enough to be in the middle
    const before = await endOfBookings(store);
    await callOff(node, programme);
    await refundsRecorded(store, before, 20, 60_000);
    await Promise.all([node.kill(), provider.signal("SIGKILL")]);
    const killed = await endOfBookings(store);
    await node.start();

    expect(await untilProgress(node, programme, 100, isDone)).toMatchObject(DONE);
    await emptied(venue);
    expect(await proof(venue)).toMatchObject(PROVEN);
    // Else nothing was left to be taken up.
    await refundsRecorded(store, killed, BOOKINGS / 4, 10_000);
  });

  it("loses no refund while the provider can't be asked", async () => {
    const venue = await soldOut();
    const { node, provider, programme } = venue;
    await provider.failEach(true);
    await callOff(node, programme);
    await untilProgress(node, programme, 100, ({ cancelled }) => cancelled === BOOKINGS);
    await provider.failEach(false);

    expect(await untilProgress(node, programme, 100, isDone)).toMatchObject(DONE);
    await emptied(venue);
    expect(await proof(venue)).toMatchObject(PROVEN);
  });
});
