import { processContext } from "../commands/aggregate.ts";
import type { ReconciliationOptions } from "../processes/reconciliation.ts";
import type { Foundation } from "./foundation.ts";
import type { ReadModels } from "./read-models.ts";
import type { Sales } from "./sales.ts";

/** What holding charges against bookings needs, beside connections for its reports. */
export const reconciling = (
  { clock, surroundings, log }: Pick<Foundation, "clock" | "surroundings" | "log">,
  { bookings }: Pick<ReadModels, "bookings">,
  { provider, bookingProcess }: Pick<Sales, "provider" | "bookingProcess">,
): Omit<ReconciliationOptions, "pool"> => ({
  provider,
  process: bookingProcess,
  paidSince: (sinceMs) => bookings.capturedSince(sinceMs),
  outstandingRefunds: (beforeMs, limit) => bookings.outstandingRefunds(beforeMs, limit),
  context: () => processContext("reconciliation", surroundings.newId),
  clock,
  log,
});
