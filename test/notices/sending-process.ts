import pg from "pg";
import { openPostgresEventStore } from "../../src/eventstore/postgres/index.ts";
import { startNotices } from "../../src/notices/notices.ts";
import { smtpMailer } from "../../src/notices/smtp-mailer.ts";
import { bookingFacts, GivenFacts, givenAccounts } from "./given-facts.ts";

/** A process of its own that sends notices, for specs that kill it: database, mail server and one booking by variables. */
const { DATABASE_URL: databaseUrl = "", SMTP_URL: smtpUrl = "", BOOKING_ID: bookingId = "" } = process.env;
const log = { info() {}, warn() {}, error: console.error };
const pool = new pg.Pool({ connectionString: databaseUrl, application_name: "killed" });
const facts = new GivenFacts();
facts.bookings.set(bookingId, bookingFacts(bookingId));
startNotices({
  store: await openPostgresEventStore({ connectionString: databaseUrl }),
  pool,
  facts,
  accounts: givenAccounts(),
  mailer: smtpMailer({ smtpUrl, from: "Boxoffice <tickets@shop.example>" }),
  clock: { nowMs: () => Date.now() },
  holder: `killed-${process.pid}`,
  log,
  validMs: 500,
  renewMs: 100,
});
