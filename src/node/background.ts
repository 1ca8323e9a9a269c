import { randomUUID } from "node:crypto";
import type { RunningAccounts } from "../accounts/start-accounts.ts";
import { startCheckpointing } from "../audit/checkpointing.ts";
import { startSigningHeads } from "../audit/heads/signing.ts";
import { startVerifying } from "../audit/verification/running.ts";
import { processContext } from "../commands/aggregate.ts";
import type { Config } from "../config.ts";
import { logMailer } from "../notices/log-mailer.ts";
import { NOTICES_CONNECTIONS, startNotices } from "../notices/notices.ts";
import { cartTimers } from "../processes/cart-timers.ts";
import { startReconciliation } from "../processes/reconciliation-schedule.ts";
import { portionByPortion, startTimers } from "../processes/timers.ts";
import type { Foundation, OnStop } from "./foundation.ts";
import { openSigningKey } from "./heads.ts";
import { noticeFacts } from "./notice-facts.ts";
import type { ReadModels } from "./read-models.ts";
import { reconciling } from "./reconciling.ts";
import type { Sales } from "./sales.ts";

/** Timers, cancellations and reconciliation need a few beside those of notices. */
const CONNECTIONS = NOTICES_CONNECTIONS + 8;

/** Starts all that goes on by itself: timers, refunds of cancelled events, notices, reconciliation, books and
 * signed heads for auditors. Each has a lease. */
export async function startBackground(
  foundation: Foundation,
  models: ReadModels,
  sales: Sales,
  { accounts, passwordResets }: Pick<RunningAccounts, "accounts" | "passwordResets">,
  settings: Pick<Config, "mail" | "publicUrl" | "headSigningKey" | "production" | "eventStoreUrl"> & {
    readonly databaseUrl: string;
  },
  onStop: OnStop,
): Promise<void> {
  const { mail, publicUrl } = settings;
  const { store, clock, surroundings, reading, log, poolFor } = foundation;
  const { commands, bookingProcess, cancelling, codeOf } = sales;
  const holder = randomUUID();
  const by = (process: string) => () => processContext(process, surroundings.newId);
  const pool = poolFor("boxoffice-processes", CONNECTIONS);
  const common = { pool, clock, log, holder };
  const timers = startTimers({
    ...common,
    handlers: {
      inventory: portionByPortion((inventory) => commands.reservations.lapseDue(inventory, by("timers")()), clock),
      listing: cancelling.listingTimer,
      booking: (bookingId) => bookingProcess.seeTo(bookingId, by("timers")()),
      cart: cartTimers(commands.carts, bookingProcess, by("timers")),
    },
  });
  const refunds = cancelling.start(pool);
  const mailer = mail === null ? logMailer(log) : (await import("../notices/smtp-mailer.ts")).smtpMailer(mail);
  onStop(() => mailer.close());
  const facts = noticeFacts({ ...models, pool: reading.pool, codeOf, clock, passwordResets, publicUrl });
  const notices = startNotices({ ...common, store, facts, accounts, mailer });
  const reconciliation = startReconciliation({ ...common, ...reconciling(foundation, models, sales) });
  const checkpointing = startCheckpointing({ ...common, store });
  const heads = startSigningHeads({ ...common, store, key: await openSigningKey(settings, pool, log) });
  const verifying = startVerifying({
    ...common,
    databaseUrl: settings.databaseUrl,
    eventStoreUrl: settings.eventStoreUrl,
  });
  const calling = sales.waiting.startCalling();
  const all = [calling, timers, refunds, notices, reconciliation, checkpointing, heads, verifying];
  onStop(() => Promise.all(all.map((one) => one.stop())));
}
