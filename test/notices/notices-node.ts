import pg from "pg";
import type { EventStore } from "../../src/eventstore/port.ts";
import { CREATE_LEASES } from "../../src/leases/lease.ts";
import type { Mailer } from "../../src/notices/mailer.ts";
import { type Notices, type NoticesOptions, startNotices } from "../../src/notices/notices.ts";
import { smtpMailer } from "../../src/notices/smtp-mailer.ts";
import { prepareNotices } from "../../src/notices/table.ts";
import { silent } from "../projections/given.ts";
import { MemoryEventStore } from "../support/memory-event-store.ts";
import { freshDatabase } from "../support/postgres.ts";
import { NOON } from "./given-events.ts";
import { GivenFacts, givenAccounts } from "./given-facts.ts";
import { type MailServer, startMailServer } from "./mail-server.ts";

/** A row of the outbox, as specs look at it. */
export interface OutboxRow {
  readonly message_id: string;
  readonly kind: string;
  readonly account_id: string | null;
  readonly outcome: string | null;
  readonly attempts: number;
  readonly refusals: number;
  readonly problem: string | null;
  readonly due_at: Date;
}

/** A database, a mail server and facts of its own, for notices that run in this process. */
export interface Installation extends AsyncDisposable {
  readonly url: string;
  readonly pool: pg.Pool;
  readonly store: MemoryEventStore;
  readonly facts: GivenFacts;
  readonly accounts: ReturnType<typeof givenAccounts>;
  readonly mails: MailServer;
  /** The one clock; stands still but for what a spec does. */
  readonly clock: { ms: number; nowMs(): number };
  start(options?: Partial<NoticesOptions>): Notices;
  rows(): Promise<readonly OutboxRow[]>;
  /** Kind and outcome of each row, in the order of kinds. */
  outcomes(): Promise<readonly (readonly [kind: string, outcome: string | null])[]>;
}

export async function installation(history?: (store: EventStore) => Promise<unknown>): Promise<Installation> {
  const database = await freshDatabase();
  const pool = new pg.Pool({ connectionString: database.url, max: 10 });
  pool.on("error", () => undefined);
  await pool.query(CREATE_LEASES);
  const store = new MemoryEventStore();
  await history?.(store);
  await prepareNotices(pool, store);
  const mails = await startMailServer();
  const facts = new GivenFacts();
  const accounts = givenAccounts();
  const clock = {
    ms: Date.parse(NOON),
    nowMs() {
      return this.ms;
    },
  };
  const running: Notices[] = [];
  const mailers: Mailer[] = [];
  const rows = async () =>
    (await pool.query<OutboxRow>("select * from processes.notices order by kind, message_id")).rows;
  return {
    url: database.url,
    pool,
    store,
    facts,
    accounts,
    mails,
    clock,
    start(options = {}) {
      const mailer = smtpMailer({ smtpUrl: mails.url, from: "Boxoffice <tickets@shop.example>" });
      mailers.push(mailer);
      const notices = startNotices({
        store,
        pool,
        facts,
        accounts,
        mailer,
        clock,
        log: silent,
        holder: `spec-${running.length}`,
        idleMs: 10,
        awayMs: 10,
        validMs: 1_000,
        renewMs: 100,
        ...options,
      });
      running.push(notices);
      return notices;
    },
    rows,
    outcomes: async () => (await rows()).map(({ kind, outcome }) => [kind, outcome] as const),
    async [Symbol.asyncDispose]() {
      await Promise.all(running.map((notices) => notices.stop()));
      await Promise.all(mailers.map((mailer) => mailer.close()));
      await mails.close();
      await pool.end();
      await database.drop();
    },
  };
}
