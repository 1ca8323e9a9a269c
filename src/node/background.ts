import { randomUUID } from "node:crypto";
import type { Pool } from "pg";
import type { Accounts } from "../accounts/accounts.ts";
import { processContext } from "../commands/aggregate.ts";
import type { EventStore } from "../eventstore/port.ts";
import type { Mailer } from "../notices/mailer.ts";
import { NOTICES_CONNECTIONS, startNotices } from "../notices/notices.ts";
import type { PaymentProvider } from "../payments/port.ts";
import type { Log } from "../ports.ts";
import type { BookingProcess } from "../processes/bookings.ts";
import { cartTimers } from "../processes/cart-timers.ts";
import { startReconciliation } from "../processes/reconciliation-schedule.ts";
import { portionByPortion, startTimers } from "../processes/timers.ts";
import type { BookingQueries } from "../projections/bookings/queries.ts";
import type { Cancelling } from "./cancelling.ts";
import type { CommandSide } from "./command-side.ts";
import { type NoticeFactsOptions, noticeFacts } from "./notice-facts.ts";

export interface BackgroundOptions extends Omit<NoticeFactsOptions, "pool" | "bookings"> {
  readonly store: EventStore;
  /** With room for {@link BACKGROUND_CONNECTIONS}. */
  readonly pool: Pool;
  readonly commands: CommandSide;
  readonly bookingProcess: BookingProcess;
  readonly bookings: BookingQueries;
  readonly cancelling: Cancelling;
  readonly provider: PaymentProvider;
  readonly accounts: Pick<Accounts, "find">;
  readonly mailer: Mailer;
  readonly newId: () => string;
  readonly log: Log;
}

/** Timers, cancellations and reconciliation need a few; facts of notices share what is there. */
export const BACKGROUND_CONNECTIONS = NOTICES_CONNECTIONS + 8;

/** Starts all that goes on by itself: timers, refunds of cancelled events, notices, reconciliation. Each has a lease. */
export function startBackground(options: BackgroundOptions): { stop(): Promise<void> } {
  const { store, pool, commands, bookingProcess, bookings, cancelling, provider, clock, newId, log } = options;
  const holder = randomUUID();
  const by = (process: string) => () => processContext(process, newId);
  const timers = startTimers({
    handlers: {
      inventory: portionByPortion((inventory) => commands.reservations.lapseDue(inventory, by("timers")()), clock),
      listing: cancelling.listingTimer,
      booking: (bookingId) => bookingProcess.seeTo(bookingId, by("timers")()),
      cart: cartTimers(commands.carts, bookingProcess, by("timers")),
    },
    pool,
    clock,
    log,
    holder,
  });
  const refunds = cancelling.start(pool);
  const facts = noticeFacts(options);
  const notices = startNotices({
    store,
    pool,
    clock,
    log,
    holder,
    facts,
    accounts: options.accounts,
    mailer: options.mailer,
  });
  const reconciliation = startReconciliation({
    pool,
    provider,
    process: bookingProcess,
    paidSince: (sinceMs) => bookings.capturedSince(sinceMs),
    context: by("reconciliation"),
    clock,
    log,
    holder,
  });
  return {
    async stop() {
      await Promise.all([timers.stop(), refunds.stop(), notices.stop(), reconciliation.stop()]);
    },
  };
}
