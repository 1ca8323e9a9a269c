import { parentPort, workerData } from "node:worker_threads";
import pg from "pg";
import { openEventStore } from "../../eventstore/open.ts";
import { headQueries } from "../heads/table.ts";
import type { ThreadWish, ToldByThread } from "./in-thread.ts";
import { verifyLog } from "./verify-log.ts";

/** The other side of `verifiedInThread`. */
const { databaseUrl, eventStoreUrl, workDir, threads } = workerData as ThreadWish;
const tell = (told: ToldByThread) => parentPort?.postMessage(told);

const pool = new pg.Pool({ connectionString: databaseUrl, max: 2 });
pool.on("error", () => undefined); // an idle connection that breaks is replaced when one is needed
const store = await openEventStore({ databaseUrl, eventStoreUrl });
try {
  const heads = headQueries(pool);
  const result = await verifyLog({ store, heads, workDir, threads, onProgress: (progress) => tell({ progress }) });
  tell({ result });
} finally {
  await store.close();
  await pool.end();
}
