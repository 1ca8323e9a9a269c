import pg from "pg";
import { CREATE_LEASES } from "../../src/leases/lease.ts";
import { type ReconciliationOptions, reconcile } from "../../src/processes/reconciliation.ts";
import { CREATE_RECONCILIATIONS } from "../../src/processes/reconciliation-reports.ts";
import { freshDatabase } from "../support/postgres.ts";
import { type BoxOffice, bought, boxOffice } from "./box-office.ts";

/** A box office whose charges are held against its bookings; reports go to a database of its own. */
export interface ReconciliationBench extends AsyncDisposable {
  readonly shop: BoxOffice;
  readonly pool: pg.Pool;
  readonly options: ReconciliationOptions;
  /** Reserves and buys. @returns the booking's id, and its attempt's where there is one */
  buy(method?: string | null, eventId?: string): Promise<{ bookingId: string; attemptId: string }>;
  /** Cancels all of a booking, and has its process do what it can. */
  cancel(bookingId: string): Promise<void>;
  /** Lets the bookings' processes do what they would do by then. */
  rest(ms: number): Promise<void>;
  /** Another time, a minute or more after anything was recorded. */
  reconcile(): ReturnType<typeof reconcile>;
  reports(): Promise<readonly { readonly began_at: Date; readonly since: Date; readonly differences: unknown }[]>;
}

export async function reconciliationBench(): Promise<ReconciliationBench> {
  const database = await freshDatabase();
  const pool = new pg.Pool({ connectionString: database.url, max: 8 });
  pool.on("error", () => undefined);
  await pool.query(CREATE_LEASES);
  await pool.query(CREATE_RECONCILIATIONS);
  const shop = boxOffice();
  await shop.onSale({ capacity: 10_000 });
  await shop.onSale({ eventId: "picnic", price: 0 });
  const bookingIds: string[] = [];
  let reservations = 0;

  const options: ReconciliationOptions = {
    pool,
    provider: shop.provider,
    process: shop.process,
    async *paidSince() {
      for (const bookingId of bookingIds) {
        const { payment } = await shop.booking(bookingId);
        if (payment?.status === "captured") yield { bookingId, ...payment };
      }
    },
    async outstandingRefunds(beforeMs, limit) {
      const found = [];
      for (const bookingId of bookingIds) {
        const { payment, refunds } = await shop.booking(bookingId);
        for (const { refundId, succeeded } of refunds) {
          const asked = shop.store
            .eventsOf(`booking-${bookingId}`)
            .find(({ type, data }) => type !== "RefundSucceeded" && data.includes(refundId));
          const askedMs = Date.parse(JSON.parse(asked?.metadata ?? "{}").at);
          if (!succeeded && askedMs < beforeMs)
            found.push({ bookingId, attemptId: payment?.attemptId ?? "", refundId });
        }
      }
      return found.slice(0, limit);
    },
    context: shop.context,
    clock: shop.surroundings.clock,
    log: shop.log,
  };

  return {
    shop,
    pool,
    options,
    async buy(method = "ok", eventId = "concert") {
      reservations += 1;
      await shop.reserve(`r${reservations}`, { eventId });
      const { bookingId, booking } = bought(await shop.buy([`r${reservations}`], { method }));
      bookingIds.push(bookingId);
      return { bookingId, attemptId: booking.payment?.attemptId ?? "" };
    },
    async cancel(bookingId) {
      const outcome = await shop.commands.cancel(bookingId, null, null, shop.context());
      if (!outcome.accepted) throw new Error(outcome.code);
      await shop.process.drive(bookingId, shop.context());
    },
    async rest(ms) {
      await shop.surroundings.advance(ms);
      for (const bookingId of bookingIds) await shop.process.drive(bookingId, shop.context());
    },
    async reconcile() {
      await shop.surroundings.advance(60_000);
      return reconcile(options, 0);
    },
    reports: async () => (await pool.query("select * from processes.reconciliations order by began_at")).rows,
    async [Symbol.asyncDispose]() {
      await pool.end();
      await database.drop();
    },
  };
}
