import { parseArgs } from "node:util";
import pg from "pg";
import { openEventStore } from "./eventstore/open.ts";
import type { EventStore } from "./eventstore/port.ts";
import { withBar } from "./progress-bar.ts";
import { prepareReadModels } from "./projections/prepare.ts";
import type { Projection } from "./projections/projection.ts";
import { READ_MODELS } from "./projections/read-models.ts";
import { rebuildProjections } from "./projections/rebuild.ts";

/** `npm run rebuild [-- --projection NAME]`: builds read models anew from the log, beside those that serve. */
async function main(): Promise<void> {
  const { values } = parseArgs({ options: { projection: { type: "string" } } });
  const chosen = READ_MODELS.filter(({ name }) => values.projection === undefined || name === values.projection);
  if (chosen.length === 0) {
    throw new Error(`--projection takes one of ${READ_MODELS.map(({ name }) => name).join(", ")}`);
  }
  const connectionString = process.env.DATABASE_URL;
  if (connectionString === undefined) throw new Error("DATABASE_URL is not set: the Postgres of the read models");
  const store = await openEventStore({
    eventStoreUrl: process.env.EVENTSTORE_URL ?? null,
    databaseUrl: connectionString,
  });
  const pool = new pg.Pool({ connectionString, max: 3 });
  pool.on("error", () => undefined); // an idle connection that breaks is replaced when one is needed
  const stop = new AbortController();
  process.once("SIGINT", () => stop.abort(new Error("stopped; the read models that served go on serving")));
  try {
    await prepareReadModels(pool);
    await rebuildWithBar(pool, store, chosen, stop.signal);
  } finally {
    await pool.end();
    await store.close();
  }
}

async function rebuildWithBar(
  pool: pg.Pool,
  store: EventStore,
  projections: readonly Projection[],
  signal: AbortSignal,
): Promise<void> {
  const begun = performance.now();
  const [first] = projections;
  const of = projections.length === 1 && first !== undefined ? first.name : `${projections.length} read models`;
  const format = { before: of, after: "{events} events  {speed}/s" };
  const generations = await withBar(format, { events: 0, speed: 0 }, async (tell) => {
    const made = await rebuildProjections({
      pool,
      store,
      projections,
      signal,
      onProgress({ events, position, head }) {
        const part = head === 0n ? 1 : Number(position) / Number(head);
        tell(part, { events, speed: Math.round((events * 1_000) / (performance.now() - begun)) });
      },
    });
    tell(1, {});
    return made;
  });
  for (const [name, generation] of generations) console.log(`${name} is served from generation ${generation}`);
}

await main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
});
