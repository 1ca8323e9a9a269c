/**
 * A whole on-sale, rehearsed: a crowd comes to a waiting room, is called in, reserves, pays, thinks, reloads, gives up and
 * goes away, all over HTTP and against the whole running system, which is started for it unless `--url` names one.
 *
 *   npm run rehearse -- --buyers 100000 --capacity 20000
 *
 * --seats sells numbered seats, --seed TEXT makes the buyers others, --pace N has N people called in a minute, --within
 * SECONDS breaks it off so long after the opening, --report FILE says where the report goes. Exit code 1: something was not as
 * it has to be.
 */
import { parseArgs } from "node:util";
import { planOf, type RehearsalPlan } from "./rehearsal/plan.ts";
import { ownPremises, type Premises, premisesAt } from "./rehearsal/premises.ts";
import { progressBoard } from "./rehearsal/progress-board.ts";
import { rehearse } from "./rehearsal/rehearsal.ts";
import { keepReport } from "./rehearsal/report/keep.ts";
import { summaryOf } from "./rehearsal/report/summary.ts";

const { values } = parseArgs({
  options: {
    buyers: { type: "string", default: "2000" },
    capacity: { type: "string", default: "400" },
    seats: { type: "boolean", default: false },
    seed: { type: "string", default: "1" },
    pace: { type: "string" },
    within: { type: "string" },
    url: { type: "string" },
    report: { type: "string", default: "bench-results/rehearsal.html" },
  },
});
const plan = planOf({
  buyers: amount("buyers", values.buyers, 1_000_000),
  capacity: amount("capacity", values.capacity, values.seats ? 100_000 : 10_000_000),
  seats: values.seats,
  seed: values.seed,
  ...(values.pace === undefined ? {} : { admitPerMinute: amount("pace", values.pace, 1_000_000) }),
  ...(values.within === undefined ? {} : { mostMs: amount("within", values.within, 86_400) * 1_000 }),
});
const url = values.url === undefined ? null : addressOf(values.url);
let premises: Premises | undefined;
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
  process.once(signal, () => void (premises?.close() ?? Promise.resolve()).finally(() => process.exit(130)));
}
const isWell = await run(plan)
  .catch((error: unknown) => {
    console.error(`  It could not be held: ${reasonOf(error)}`);
    return false;
  })
  .finally(() => premises?.close());
process.exit(isWell ? 0 : 1);

async function run(whole: RehearsalPlan): Promise<boolean> {
  const { buyers, capacity, seats, seed, admitPerMinute } = whole;
  console.log(
    `\n  ${buyers.toLocaleString("en")} buyers, ${capacity.toLocaleString("en")} ${seats ? "seats" : "tickets"}, ` +
      `${admitPerMinute.toLocaleString("en")} called in a minute, seed ${seed}\n`,
  );
  premises = url === null ? await ownPremises() : premisesAt(url);
  const result = await rehearse(whole, premises, progressBoard(process.stdout));
  const command = ["npm run rehearse --", ...process.argv.slice(2)].join(" ");
  await keepReport(result, command, values.report);
  console.log(`\n${summaryOf(result)}\n\n  The report: ${values.report}\n`);
  return result.verdict.isWell;
}

/** A name that stands for several addresses fails once for each, and says nothing by itself. */
function reasonOf(error: unknown): string {
  if (error instanceof AggregateError) return error.errors.map(reasonOf).join("; ");
  return error instanceof Error ? error.message : String(error);
}

/** Of a node itself: the crowd speaks plain HTTP, and knows no path before the API's. */
function addressOf(text: string): URL {
  const address = URL.canParse(text) ? new URL(text) : null;
  if (address?.protocol === "http:" && address.pathname === "/") return address;
  console.error("--url takes the address of a node, such as http://127.0.0.1:3000");
  process.exit(1);
}

function amount(name: string, text: string, most: number): number {
  const value = Number(text);
  if (Number.isInteger(value) && value > 0 && value <= most) return value;
  console.error(`--${name} takes a whole number from 1 to ${most}`);
  process.exit(1);
}
