import type { HoldTokens } from "../../commands/hold-tokens.ts";
import type { PurchaseCommands } from "../../commands/purchases.ts";
import type { ReservationLocator } from "../../commands/recent-reservations.ts";
import type { ReservationCommands } from "../../commands/reservations.ts";
import type { UsedKeys } from "../../commands/used-keys.ts";
import type { Position } from "../../eventstore/port.ts";
import type { PaymentProvider } from "../../payments/port.ts";
import type { Clock } from "../../ports.ts";
import type { BookingProcess } from "../../processes/bookings.ts";
import type { ReservationQueries } from "../../projections/reservations/queries.ts";
import { settlingBy } from "../bookings/settling.ts";
import { whyNotHeldBy } from "../bookings/why-not-held.ts";
import type { RoutePlugin } from "../conventions/route-config.ts";
import { reservingBy } from "../reservations/reserving.ts";
import { buyingOnce } from "./buying-once.ts";
import { holdRoutes } from "./hold-routes.ts";
import { earlierPurchases } from "./purchase.ts";
import { seatRoutes } from "./seat-routes.ts";
import { ticketRoutes } from "./ticket-routes.ts";

export interface LegacyRoutes {
  readonly commands: Pick<ReservationCommands, "reserve" | "ticketTypeOfSeats">;
  readonly events: Parameters<typeof reservingBy>[1];
  readonly admissions: Parameters<typeof reservingBy>[2];
  readonly purchases: Pick<PurchaseCommands, "open" | "openOnce">;
  readonly process: Pick<BookingProcess, "drive" | "newsOf" | "look">;
  readonly provider: Pick<PaymentProvider, "name" | "accepts">;
  readonly reservations: Pick<ReservationQueries, "get">;
  readonly locator: Pick<ReservationLocator, "locate">;
  readonly tokens: HoldTokens;
  readonly keys: UsedKeys;
  readonly clock: Clock;
  /** The log's last position. */
  readonly head: () => Promise<Position | null>;
}

/**
 * Routes of earlier systems: aliases over the same commands, with those systems' own names and status codes, so that their
 * clients move over by changing the address. `POST /events` and `POST /purchases`, which they had too, take their bodies
 * beside their own.
 */
export const legacyRoutes = (dependencies: LegacyRoutes): RoutePlugin => {
  const { commands, events, purchases, process, provider, reservations, locator, tokens, keys, clock } = dependencies;
  const { head } = dependencies;
  const reserve = reservingBy(commands, events, dependencies.admissions);
  const settle = settlingBy(process);
  const whyNotHeld = whyNotHeldBy(reservations, clock);
  const buyOnce = buyingOnce({ purchases, settle, whyNotHeld, provider, keys });
  return async (api) => {
    await ticketRoutes({ events, reserve, buyOnce })(api);
    await holdRoutes({ events, reserve, buyOnce, locator, tokens })(api);
    const buy = earlierPurchases({ purchases, process, settle, provider, reservations, clock, head });
    await seatRoutes({ events, reserve, reservations: commands, buy })(api);
  };
};
