import { postgresEventCodes } from "../commands/event-codes.ts";
import { openHoldTokens } from "../commands/hold-tokens.ts";
import { postgresSnapshots } from "../commands/postgres-snapshots.ts";
import { postgresStreamTurns, TURN_CONNECTIONS } from "../commands/postgres-stream-turns.ts";
import { ReservationLocator } from "../commands/recent-reservations.ts";
import { openTicketCodes } from "../commands/tickets.ts";
import { postgresUsedKeys } from "../commands/used-keys.ts";
import type { Config } from "../config.ts";
import { BookingProcess } from "../processes/bookings.ts";
import { cancelling } from "./cancelling.ts";
import { commandSide } from "./command-side.ts";
import type { Foundation, OnStop, PoolBounds } from "./foundation.ts";
import type { OpenedProvider } from "./payments.ts";
import type { ReadModels } from "./read-models.ts";
import { openWaitingRooms } from "./waiting-rooms.ts";

/** A turn only saves time: nobody waits long for one. */
const TURNS: PoolBounds = { connectWithinMs: 500, answerWithinMs: 2_000 };

export type Sales = Awaited<ReturnType<typeof openSales>>;

/** All that sells: commands, payments, and what becomes of bookings. */
export async function openSales(
  foundation: Foundation,
  models: ReadModels,
  payments: OpenedProvider,
  settings: Pick<Config, "paymentWindowSeconds" | "offerTtlSeconds">,
  onStop: OnStop,
) {
  const { pool, store, clock, surroundings, log, head, poolFor } = foundation;
  const { newId } = surroundings;
  const { reservations, bookings } = models;
  const snapshots = postgresSnapshots(pool);
  const locator = new ReservationLocator((id) => reservations.get(id, { minPosition: null, nowMs: clock.nowMs() }));
  const commands = commandSide({
    store,
    surroundings,
    log,
    snapshots,
    codes: postgresEventCodes(pool),
    reservationQueries: reservations,
    locator,
    turns: postgresStreamTurns(poolFor("boxoffice-turns", TURN_CONNECTIONS, TURNS), {
      hasLog: store.name === "postgres",
    }),
    ...settings,
  });
  onStop(() => commands.close());
  const bookingProcess = new BookingProcess({
    ...commands,
    provider: payments.provider,
    claimsOf: async (bookingId) =>
      reservations.findByBooking(bookingId, { minPosition: await head(), nowMs: clock.nowMs() }),
    clock,
    log,
  });
  return {
    ...payments,
    commands,
    bookingProcess,
    cancelling: cancelling({ pool, store, commands, bookingProcess, bookings, head, newId, log }),
    waiting: await openWaitingRooms(foundation, models, commands, onStop),
    snapshots,
    codeOf: await openTicketCodes(pool),
    locator,
    holdTokens: await openHoldTokens(pool),
    usedKeys: postgresUsedKeys(pool, clock),
  };
}
