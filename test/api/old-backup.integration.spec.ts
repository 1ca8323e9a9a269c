import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Bought, type OldBackupShop, openOldBackupShop } from "./old-backup-shop.ts";

let shop: OldBackupShop;
beforeAll(async () => {
  shop = await openOldBackupShop();
});
afterAll(() => shop.close());

/** What was on record before anything was lost. */
interface Record {
  readonly bookings: readonly Bought[];
  readonly shown: readonly { readonly status: string }[];
  readonly log: Awaited<ReturnType<OldBackupShop["node"]["recorded"]>>;
  readonly provided: Awaited<ReturnType<OldBackupShop["provided"]>>;
  readonly mails: ReadonlySet<string>;
}
let record: Record;

const shownAll = (bookings: readonly Bought[]) => Promise.all(bookings.map(shop.shown));
const mailIds = (from = 0) => shop.mails.received.slice(from).map(({ messageId }) => messageId.slice(1, 37));

/**
 * Starts the node again after a loss. At once everybody asks again for what he bought; then all becomes quiet, and
 * somebody new buys something.
 * @returns ids of the mails that anybody else got meanwhile
 */
async function startedAfter(loss: () => Promise<void>): Promise<readonly string[]> {
  const { node, mails } = shop;
  await node.boxoffice.stop();
  await loss();
  const sent = mails.received.length;
  await node.restart();
  const again = await Promise.all(record.bookings.map((one) => shop.again(one)));
  expect(again.map(({ bookingId }) => bookingId)).toEqual(record.bookings.map(({ bookingId }) => bookingId));
  await expect.poll(() => shownAll(record.bookings), { timeout: 60_000 }).toEqual(record.shown);
  await shop.settled();
  const customer = await shop.buyAndBeTold();
  const others = mails.received.slice(sent).filter(({ to }) => to !== customer.buyer.email);
  return others.map(({ messageId }) => messageId.slice(1, 37));
}

/** Log and provider say of all earlier bookings what they said before. */
async function expectNothingDone(): Promise<void> {
  const log = await shop.node.recorded();
  const streams = new Set(record.log.map(({ stream }) => stream));
  expect(log.filter(({ stream }) => streams.has(stream))).toEqual(record.log);
  const { charges, refunds } = await shop.provided();
  const bookings = new Set(record.bookings.map(({ bookingId }) => bookingId));
  expect(charges.filter(({ bookingId }) => bookings.has(bookingId))).toEqual(record.provided.charges);
  expect(refunds).toEqual(record.provided.refunds);
  expect(shop.node.errors).toEqual([]);
}

describe("nobody is charged, refunded or told of it twice", () => {
  it("where purchases of every kind are on record", async () => {
    const bookings = await shop.someHistory();
    record = {
      bookings,
      shown: await shownAll(bookings),
      log: await shop.node.recorded(),
      provided: await shop.provided(),
      mails: new Set(mailIds()),
    };
    const statuses = new Set(record.shown.map(({ status }) => status));
    expect(statuses).toEqual(new Set(["PAID", "DECLINED", "CANCELLED", "PENDING_PAYMENT"]));
    expect(record.provided.refunds.items).toHaveLength(5);
    expect(mailIds()).toHaveLength(record.mails.size);
  }, 180_000);

  it("when read models and the places of processes come back from an old backup", async () => {
    const kept = await shop.backup.kept<{ message_id: string; outcome: string | null }>("processes.notices");
    const sentBefore = new Set(kept.filter(({ outcome }) => outcome === "sent").map(({ message_id }) => message_id));
    const mails = await startedAfter(() => shop.backup.restore());
    await expectNothingDone();
    // The outbox has forgotten what it sent since: that goes out once more, under the ids by which mail programs know it.
    expect(mails.length).toBeGreaterThan(0);
    expect(new Set(mails).size).toBe(mails.length);
    expect(mails.filter((id) => !record.mails.has(id) || sentBefore.has(id))).toEqual([]);
  }, 180_000);

  it("when all read models are gone", async () => {
    expect(await startedAfter(() => shop.backup.drop("readmodels"))).toEqual([]);
    await expectNothingDone();
  }, 180_000);

  it("when read models and the places of processes are gone; charges and bookings are found to agree", async () => {
    expect(await startedAfter(() => shop.backup.drop("readmodels", "processes"))).toEqual([]);
    await expectNothingDone();
    const reports = () => shop.backup.now("select differences from processes.reconciliations");
    await expect.poll(reports, { timeout: 60_000 }).toEqual([{ differences: [] }]);
  }, 180_000);
});
