import { randomUUID } from "node:crypto";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { LeaseLost } from "../../src/leases/lease.ts";
import { record } from "../../src/notices/following.ts";
import { removeEnded } from "../../src/notices/outbox.ts";
import { planOf } from "../../src/notices/planning.ts";
import { resendTickets } from "../../src/notices/resending.ts";
import { takeLease } from "../projections/given.ts";
import { captured, declined, moved, NOON, offered, recordAll, stored } from "./given-events.ts";
import { addressOf, bookingFacts } from "./given-facts.ts";
import { type Installation, installation } from "./notices-node.ts";

const until = (seen: () => Promise<void> | void) => vi.waitFor(seen, { timeout: 10_000, interval: 20 });
const NOW_MS = Date.parse(NOON);

let given: Installation;
beforeEach(async () => {
  given = await installation();
});
afterEach(() => given[Symbol.asyncDispose]());

const checkpoint = async () =>
  (await given.pool.query("select checkpoint::text from processes.notices_checkpoint")).rows[0]?.checkpoint;

describe("the outbox and its checkpoint", () => {
  it("go together or not at all", async () => {
    const lease = await takeLease(given.pool, "notices");
    const plan = planOf(stored(captured(randomUUID()), moved(NOON)));
    await given.pool.query("alter table processes.notices_checkpoint add constraint too_far check (checkpoint < 2)");
    await expect(record(given.pool, lease, plan, 2n, NOW_MS)).rejects.toThrow();
    expect([await given.rows(), await checkpoint()]).toEqual([[], null]);
    await given.pool.query("alter table processes.notices_checkpoint drop constraint too_far");
    await record(given.pool, lease, plan, 2n, NOW_MS);
    expect([(await given.rows()).length, await checkpoint()]).toEqual([1, "2"]);
  });

  it("are not touched by whoever has lost the lease", async () => {
    const before = await takeLease(given.pool, "notices");
    await takeLease(given.pool, "notices");
    const plan = planOf(stored(captured(randomUUID())));
    await expect(record(given.pool, before, plan, 1n, NOW_MS)).rejects.toBeInstanceOf(LeaseLost);
    expect([await given.rows(), await checkpoint()]).toEqual([[], null]);
  });

  it("have nothing twice when events are read again", async () => {
    const lease = await takeLease(given.pool, "notices");
    const plan = planOf(stored(captured(randomUUID()), declined(randomUUID()), offered(randomUUID(), NOON)));
    for (let time = 0; time < 2; time += 1) await record(given.pool, lease, plan, 3n, NOW_MS);
    expect(await given.rows()).toHaveLength(4);
  });

  it("go on where they stood when the store was away", async () => {
    const buy = async () => {
      const bookingId = randomUUID();
      given.facts.bookings.set(bookingId, bookingFacts(bookingId, { accountId: randomUUID() }));
      await recordAll(given.store, captured(bookingId));
    };
    given.start();
    await buy();
    await until(() => expect(given.mails.received).toHaveLength(1));
    given.store.goAway();
    await new Promise((resolve) => setTimeout(resolve, 100)); // the subscription ends, and the lease is given back
    given.store.comeBack();
    await buy();
    await until(() => expect(given.mails.received).toHaveLength(2));
  });

  it("keep what has ended for a month, and let go of it in portions", async () => {
    const lease = await takeLease(given.pool, "notices");
    const plan = planOf(stored(...Array.from({ length: 5 }, () => captured(randomUUID()))));
    await record(given.pool, lease, plan, 5n, NOW_MS);
    await given.pool.query(
      `update processes.notices set outcome = 'sent', ended_at = $1
       where message_id in (select message_id from processes.notices order by message_id limit 4)`,
      [NOON],
    );
    expect(await removeEnded(given.pool, NOW_MS, 3)).toBe(0);
    expect(await removeEnded(given.pool, NOW_MS + 1, 3)).toBe(3);
    expect(await removeEnded(given.pool, NOW_MS + 1, 3)).toBe(1);
    expect(
      (await given.rows()).map(({ outcome }) => outcome),
      "what waits stays",
    ).toEqual([null]);
  });

  it("take the rows of 2,000 bookings in one transaction, soon", async () => {
    const lease = await takeLease(given.pool, "notices");
    const events = stored(...Array.from({ length: 2_000 }, () => captured(randomUUID())));
    const begun = performance.now();
    await record(given.pool, lease, planOf(events), 2_000n, NOW_MS);
    const tookMs = performance.now() - begun;
    console.info(`2,000 rows in ${Math.round(tookMs)} ms`);
    expect(await given.rows()).toHaveLength(2_000);
    expect(tookMs).toBeLessThan(2_000); // two seconds of the fastest sale
  });
});

describe("an announcement", () => {
  const everybody = Array.from({ length: 45 }, () => randomUUID()).toSorted();

  it("reaches everybody once, portion by portion, also when processes end in between", async () => {
    given.facts.holders = everybody;
    await recordAll(given.store, moved("2026-03-02T20:00:00.000Z"));
    given.clock.ms += 60_000;
    const firstHolder = given.start({ portion: 10 });
    await until(() => expect(given.mails.received.length).toBeGreaterThan(5));
    await firstHolder.stop();
    expect(given.mails.received.length).toBeLessThan(45);
    given.start({ portion: 10 });
    await until(() => expect(given.mails.received).toHaveLength(45));
    await until(async () => expect((await given.outcomes()).every(([, outcome]) => outcome === "sent")).toBe(true));
    expect(given.mails.received.map(({ to }) => to).toSorted()).toEqual(everybody.map(addressOf));
  });

  it("does not stand before somebody's tickets: its rows come as earlier ones go", async () => {
    given.facts.holders = everybody;
    await recordAll(given.store, moved("2026-03-02T20:00:00.000Z"));
    given.clock.ms += 60_000;
    const gate = Promise.withResolvers<void>();
    given.mails.beforeTaking = () => gate.promise;
    given.start({ portion: 10 });
    await until(async () => expect(await given.rows()).toHaveLength(10));
    await new Promise((resolve) => setTimeout(resolve, 200)); // twenty looks
    expect(await given.rows()).toHaveLength(10);
    gate.resolve();
    await until(() => expect(given.mails.received).toHaveLength(45));
  });

  it("tells all changes of a minute at once", async () => {
    given.facts.holders = everybody.slice(0, 1);
    const renamed = { type: "ListingChanged", data: { changes: { name: "Winter Songs" } } } as const;
    const [first] = stored(moved(NOON));
    await recordAll(given.store, moved("2026-03-02T20:00:00.000Z"), {
      stream: first?.stream ?? "",
      event: renamed,
      at: "2026-02-01T12:00:30.000Z",
    });
    given.clock.ms += 59_999;
    given.start();
    await until(async () => expect(await checkpoint()).toBe("2"));
    given.clock.ms += 1;
    await until(() => expect(given.mails.received).toHaveLength(1));
    expect(given.mails.received[0]?.text.replaceAll("\n", " ")).toMatch(
      /has a new (date and name|name and date) for it/,
    );
    await recordAll(given.store, moved("2026-03-03T20:00:00.000Z", "2026-02-01T12:02:00.000Z"));
    given.clock.ms += 120_000;
    await until(() => expect(given.mails.received).toHaveLength(2));
  });
});

describe("sending tickets again", () => {
  const resend = (bookingId: string, keyHash: string | null = null) =>
    resendTickets(given, { bookingId, keyHash, position: null });

  it("mails the valid ones, at most once a minute", async () => {
    const bookingId = randomUUID();
    const { tickets } = bookingFacts(bookingId);
    const [one] = tickets;
    if (one === undefined) throw new Error("no tickets");
    given.facts.bookings.set(
      bookingId,
      bookingFacts(bookingId, { tickets: [one, { ...one, code: "code-gone", status: "CANCELLED" }] }),
    );
    for (let time = 0; time < 5; time += 1) await resend(bookingId);
    given.start();
    await until(() => expect(given.mails.received).toHaveLength(1));
    expect(given.mails.received[0]?.text).toContain("code-one");
    expect(given.mails.received[0]?.text).not.toContain("code-gone");
    given.clock.ms += 60_000;
    await resend(bookingId);
    await until(() => expect(given.mails.received).toHaveLength(2));
  });

  it("has one effect for one key", async () => {
    const bookingId = randomUUID();
    await resend(bookingId, "key");
    given.clock.ms += 3_600_000;
    await resend(bookingId, "key");
    expect(await given.rows()).toHaveLength(1);
    await resend(bookingId, "other");
    expect(await given.rows()).toHaveLength(2);
  });
});
