import type { PurchaseWish } from "../../commands/purchases.ts";
import type { Refused } from "../../domain/decision.ts";
import type { Clock } from "../../ports.ts";
import type { ReservationQueries } from "../../projections/reservations/queries.ts";

/** An inventory forgets what has ended; whether by time or by its owner, the read model knows. */
export type WhyNotHeld = (refused: Refused, wish: PurchaseWish) => Promise<Refused>;

export const whyNotHeldBy =
  (reservations: Pick<ReservationQueries, "get">, clock: Clock): WhyNotHeld =>
  async (refused, { of }) => {
    if (refused.code !== "reservation-not-held" || !("reservationIds" in of)) return refused;
    const at = { minPosition: null, nowMs: clock.nowMs() };
    for (const reservationId of of.reservationIds) {
      const found = await reservations.get(reservationId, at);
      if (found?.status === "EXPIRED") return { ...refused, code: "reservation-expired" };
    }
    return refused;
  };
