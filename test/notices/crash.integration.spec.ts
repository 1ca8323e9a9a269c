import { randomUUID } from "node:crypto";
import type pg from "pg";
import { expect, it, vi } from "vitest";
import { openPostgresEventStore } from "../../src/eventstore/postgres/index.ts";
import { messageIdOf } from "../../src/notices/planning.ts";
import { startChild } from "../system/child.ts";
import { captured, recordAll } from "./given-events.ts";
import { bookingFacts } from "./given-facts.ts";
import { installation } from "./notices-node.ts";

const until = (seen: () => Promise<void> | void) => vi.waitFor(seen, { timeout: 20_000, interval: 20 });

/** How many of the killed process's statements wait for a lock. */
const blocked = async (pool: pg.Pool) =>
  (
    await pool.query(
      `select pid from pg_stat_activity
       where datname = current_database() and application_name = 'killed' and wait_event_type = 'Lock'`,
    )
  ).rowCount;

it("a process killed between sending and marking sends again under the same message id, and never a third time", async () => {
  await using given = await installation();
  const store = await openPostgresEventStore({ connectionString: given.url });
  const bookingId = randomUUID();
  given.facts.bookings.set(bookingId, bookingFacts(bookingId));
  await recordAll(store, captured(bookingId, new Date().toISOString()));
  // The row is locked before the server takes the mail, so that it can't be marked before the kill.
  const lock = await given.pool.connect();
  given.mails.beforeTaking = async () => {
    given.mails.beforeTaking = async () => {};
    await lock.query("begin; select 1 from processes.notices for update");
  };
  const child = await startChild({
    program: "test/notices/sending-process.ts",
    env: { DATABASE_URL: given.url, SMTP_URL: given.mails.url, BOOKING_ID: bookingId },
    saysReady: false,
  });
  try {
    await until(() => expect(given.mails.received).toHaveLength(1));
    await until(async () => expect(await blocked(given.pool)).toBe(1));
  } finally {
    child.kill("SIGKILL");
    await child.ended;
  }
  // Its statement lives on in Postgres until it is ended too, as a crash of the machine would.
  await given.pool.query(
    "select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'killed' and datname = current_database()",
  );
  await lock.query("rollback");
  lock.release();
  expect(await given.outcomes()).toEqual([["booking-confirmed", null]]);

  const clock = { nowMs: () => Date.now() };
  const next = given.start({ store, clock });
  await until(async () => expect(await given.outcomes()).toEqual([["booking-confirmed", "sent"]]));
  await next.stop();
  const again = given.start({ store, clock });
  await until(async () =>
    expect((await given.pool.query("select epoch from processes.leases")).rows[0]?.epoch).toBe(3),
  );
  await again.stop();
  const id = `<${messageIdOf("booking-confirmed", bookingId)}@shop.example>`;
  expect(given.mails.received.map(({ messageId }) => messageId)).toEqual([id, id]);
  await store.close();
});
