import { parseArgs } from "node:util";
import { createLogger } from "./api/server/logger.ts";
import { readConfig } from "./config.ts";
import { type OnStop, openFoundation } from "./node/foundation.ts";
import { providerBy } from "./node/payments.ts";
import { readModels } from "./node/read-models.ts";
import { reconciling } from "./node/reconciling.ts";
import { openSales } from "./node/sales.ts";
import { reconcile } from "./processes/reconciliation.ts";
import type { Difference, ReconciliationReport } from "./processes/reconciliation-reports.ts";

const MAX_HOURS = 24 * 366;

/**
 * `npm run reconcile [-- --hours N]`: holds the charges and captures of the last N hours (48 where nothing is said) against
 * the bookings now, as every node does by itself now and then, and prints what it found. Same settings as a node's.
 */
async function main(): Promise<void> {
  const { values } = parseArgs({ options: { hours: { type: "string", default: "48" } } });
  const hours = Number(values.hours);
  if (!(Number.isInteger(hours) && hours >= 1 && hours <= MAX_HOURS)) {
    throw new Error(`--hours takes a whole number from 1 to ${MAX_HOURS}`);
  }
  const config = readConfig(process.env);
  const { databaseUrl } = config;
  if (databaseUrl === null) throw new Error("DATABASE_URL is not set: the Postgres of the read models");
  const closers: Parameters<OnStop>[0][] = [];
  const onStop: OnStop = (close) => void closers.push(close);
  const stop = new AbortController();
  process.once("SIGINT", () => stop.abort(new Error("stopped; what was given back stays given back")));
  try {
    const log = createLogger("error"); // what is found is printed below
    const foundation = await openFoundation({ ...config, databaseUrl, databaseReadUrl: databaseUrl }, log, onStop);
    const payments = await providerBy(config)(() => foundation.clock.offsetMs(), log);
    onStop(() => payments.provider.close());
    const models = readModels(foundation.reading);
    const sales = await openSales(foundation, models, payments, config, onStop);
    const options = { ...reconciling(foundation, models, sales), pool: foundation.pool };
    print(await reconcile(options, foundation.clock.nowMs() - hours * 3_600_000, stop.signal));
  } finally {
    for (const close of closers.toReversed()) await close();
  }
}

function print({ charges, bookings, differences, found }: ReconciliationReport): void {
  for (const difference of differences) console.log(lineOf(difference));
  if (found > differences.length) console.log(`and ${found - differences.length} more`);
  const open = differences.filter(({ done }) => done === "reported").length;
  const are = found === 0 ? "they agree" : `${found} differences, ${open} of them need somebody`;
  console.log(`${charges} charges, ${bookings} paid bookings: ${are}`);
}

const lineOf = ({ kind, bookingId, attemptId, refundId, done }: Difference): string =>
  [done.padEnd(8), kind.padEnd(23), `booking ${bookingId} attempt ${attemptId}`, refundId && `refund ${refundId}`]
    .filter(Boolean)
    .join(" ");

await main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
});
process.exit(); // what closes in order leaves timers of some seconds behind
