import type { z } from "zod";
import { EMPTY_LEDGER } from "../../audit/inventory-ledger.ts";
import type { AuditedEvent } from "../../audit/recorded-events.ts";
import { differences, type StateAsOf } from "../../audit/state-as-of.ts";
import type { InventoryAsOf } from "../../audit/trail.ts";
import type { inventoryAsOf, stateAsOf } from "./schemas.ts";

type View = z.input<typeof inventoryAsOf>;

/** The last event that counts; null: there was none yet. */
const lastOf = (found: { readonly last: AuditedEvent } | null) => ({
  revision: found?.last.stored.revision ?? null,
  position: found?.last.stored.position.toString() ?? null,
  at: found?.last.envelope.at ?? null,
});

/** @param found null: there was no such inventory yet */
export function asOfView(found: InventoryAsOf | null): View {
  const { total, held, booked, status, paused, waiting, reservations } = found?.ledger ?? EMPTY_LEDGER;
  return {
    total,
    available: total - held - booked,
    held,
    booked,
    ...lastOf(found),
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

/**
 * @param found null: there was nothing yet
 * @param before what it is compared with; undefined: with nothing
 */
export function stateView(
  found: StateAsOf<object> | null,
  before?: StateAsOf<object> | null,
): z.input<typeof stateAsOf> {
  return {
    ...lastOf(found),
    state: found === null ? null : { ...found.state },
    ...(before === undefined ? {} : { changes: [...differences(before?.state ?? null, found?.state ?? null)] }),
  };
}
