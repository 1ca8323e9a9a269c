import type { z } from "zod";
import { EMPTY_LEDGER } from "../../audit/inventory-ledger.ts";
import type { InventoryAsOf } from "../../audit/trail.ts";
import type { inventoryAsOf } from "./schemas.ts";

type View = z.input<typeof inventoryAsOf>;

/** @param found null: there was no such inventory yet */
export function asOfView(found: InventoryAsOf | null): View {
  const { total, held, booked, status, paused, waiting, reservations } = found?.ledger ?? EMPTY_LEDGER;
  return {
    total,
    available: total - held - booked,
    held,
    booked,
    revision: found?.last.stored.revision ?? null,
    position: found?.last.stored.position.toString() ?? null,
    at: found?.last.envelope.at ?? null,
    status,
    paused,
    waiting,
    reservations,
  };
}

/** What became of the tickets in between. */
export const changeOf = (now: View, before: View): View["change"] => ({
  total: now.total - before.total,
  available: now.available - before.available,
  held: now.held - before.held,
  booked: now.booked - before.booked,
});
