/**
 * A whole on-sale, rehearsed: a crowd comes to a waiting room, is called in, reserves, pays, thinks, reloads, gives up and
 * goes away, all over HTTP and against the whole running system, which is started for it unless `--url` names one.
 *
 *   npm run rehearse -- --buyers 100000 --capacity 20000
 *
 * --seats sells numbered seats, --seed TEXT makes the buyers others, --pace N has N people called in a minute, --report
 * FILE says where the report goes. Exit code 1: something was not as it has to be.
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
});
let premises: Premises | undefined;
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
  process.once(signal, () => void (premises?.close() ?? Promise.resolve()).finally(() => process.exit(130)));
}
const isWell = await run(plan).finally(() => premises?.close());
process.exit(isWell ? 0 : 1);

async function run(whole: RehearsalPlan): Promise<boolean> {
  const { buyers, capacity, seats, seed, admitPerMinute } = whole;
  console.log(
    `\n  ${buyers.toLocaleString("en")} buyers, ${capacity.toLocaleString("en")} ${seats ? "seats" : "tickets"}, ` +
      `${admitPerMinute.toLocaleString("en")} called in a minute, seed ${seed}\n`,
  );
  premises = values.url === undefined ? await ownPremises() : premisesAt(new URL(values.url));
  const result = await rehearse(whole, premises, progressBoard(process.stdout));
  const command = ["npm run rehearse --", ...process.argv.slice(2)].join(" ");
  await keepReport(result, command, values.report);
  console.log(`\n${summaryOf(result)}\n\n  The report: ${values.report}\n`);
  return result.verdict.isWell;
}

function amount(name: string, text: string, most: number): number {
  const value = Number(text);
  if (Number.isInteger(value) && value > 0 && value <= most) return value;
  console.error(`--${name} takes a whole number from 1 to ${most}`);
  process.exit(1);
}
