import { setTimeout as pause } from "node:timers/promises";
import { READ_MODELS } from "../../src/projections/read-models.ts";
import { launchChild } from "../../test/system/child.ts";
import { createHttpClient } from "../../test/system/http-client.ts";
import { startProduct } from "../../test/system/product.ts";
import { rounded, shown, spreadOf } from "../support/figures.ts";
import type { Bench, Check, Part } from "../support/part.ts";
import { query } from "../support/postgres-server.ts";
import { writeSales } from "../support/sold-history.ts";

const PURCHASES = 125_000;
const QUICK_PURCHASES = 5_000;
const ALL_PER_SECOND = 10_000;
const HEAVIEST_PER_SECOND = 25_000;
const HEAVIEST = "reservations";
const ASK_EVERY_MS = 50;
const CAUGHT_UP_WITHIN_MS = 900_000;
const VIEWS = READ_MODELS.flatMap(({ views }) => views);

export const rebuild: Part = {
  name: "rebuild",
  about: "npm run rebuild over a million events: all read models together and the heaviest alone, while a node answers",
  async run(bench) {
    const databaseUrl = await (await bench.postgres()).freshDatabase();
    const events = await writeSales(databaseUrl, bench.options.quick ? QUICK_PURCHASES : PURCHASES);
    const product = await startProduct({ databaseUrl, dataDir: bench.workDir, roles: "api,projector" });
    const rates = { all: [] as number[], heaviest: [] as number[] };
    let differing: readonly string[] = [];
    const reader = readSearch(product.port);
    try {
      await caughtUp(bench, databaseUrl, events);
      const before = await rowsOf(databaseUrl);
      for (let round = 1; round <= bench.options.repeats; round += 1) {
        rates.all.push(await rebuilt(databaseUrl, events, []));
        rates.heaviest.push(await rebuilt(databaseUrl, events, ["--projection", HEAVIEST]));
        bench.say(
          `round ${round}: ${rounded(rates.all.at(-1) ?? 0)} and ${rounded(rates.heaviest.at(-1) ?? 0)} events/s`,
        );
      }
      const after = await rowsOf(databaseUrl);
      differing = VIEWS.filter((view) => before.get(view) !== after.get(view));
    } finally {
      await reader.stop();
      await product.stop(30_000);
    }
    const none = (what: string, figure: number): Check => ({
      what,
      figure: rounded(figure),
      floor: "none",
      met: figure === 0,
    });
    const atLeast = (what: string, values: readonly number[], floor: number): Check => {
      const { median } = spreadOf(values);
      return { what, figure: rounded(median), floor: `at least ${rounded(floor)}`, met: median >= floor };
    };
    return {
      table: [
        ["", "events/s, the command's start and end included"],
        [`all ${READ_MODELS.length} read models`, shown(spreadOf(rates.all))],
        [`${HEAVIEST} alone`, shown(spreadOf(rates.heaviest))],
        ["searches meanwhile", String(reader.asked())],
      ],
      checks: [
        atLeast("all read models together, events/s", rates.all, ALL_PER_SECOND),
        atLeast("the heaviest alone, events/s", rates.heaviest, HEAVIEST_PER_SECOND),
        none("searches that were not answered", reader.failed()),
        none(`views whose rows are not the same${differing.map((view) => ` ${view}`).join("")}`, differing.length),
      ],
      measurements: { events, ...rates, asked: reader.asked(), failed: reader.failed(), differing },
    };
  },
};

/** Until every read model has seen all events. */
async function caughtUp({ say }: Bench, databaseUrl: string, events: number): Promise<void> {
  const began = performance.now();
  for (;;) {
    const [row] = await query<{ checkpoint: string | null }>(
      databaseUrl,
      "select min(coalesce(checkpoint, 0))::text as checkpoint from readmodels.projections",
    );
    const seconds = (performance.now() - began) / 1_000;
    if (Number(row?.checkpoint ?? 0) >= events) return say(`${events} events projected within ${rounded(seconds)} s`);
    if (seconds * 1_000 > CAUGHT_UP_WITHIN_MS) throw new Error(`read models stand at ${row?.checkpoint} of ${events}`);
    await pause(500);
  }
}

/** @returns events a second */
async function rebuilt(databaseUrl: string, events: number, args: readonly string[]): Promise<number> {
  const began = performance.now();
  const child = launchChild({ program: "src/rebuild.ts", arguments: args, env: { DATABASE_URL: databaseUrl } });
  const ended = await child.ended;
  if (ended !== 0) throw new Error(`rebuilding ended with ${ended}: ${child.output()}`);
  return (1_000 * events) / (performance.now() - began);
}

/** Of each view how many rows there are, and a sum over what stands in them. */
async function rowsOf(databaseUrl: string): Promise<ReadonlyMap<string, string>> {
  const rows = new Map<string, string>();
  for (const view of VIEWS) {
    const sql = `select count(*) || ' ' || coalesce(sum(hashtextextended(v::text, 0)::numeric), 0) as rows from readmodels.${view} v`;
    const [row] = await query<{ rows: string }>(databaseUrl, sql);
    rows.set(view, row?.rows ?? "");
  }
  return rows;
}

/** Somebody who goes on searching, and counts what is not answered by 200. */
function readSearch(port: number) {
  const client = createHttpClient(port, 1);
  let [asked, failed] = [0, 0];
  let isOver = false;
  const reading = (async () => {
    while (!isOver) {
      const reply = await client.call("GET", "/events/search?keyword=opening").catch(() => null);
      asked += 1;
      if (reply?.status !== 200) failed += 1;
      await pause(ASK_EVERY_MS);
    }
  })();
  return {
    asked: () => asked,
    failed: () => failed,
    async stop() {
      isOver = true;
      await reading;
      client.close();
    },
  };
}
