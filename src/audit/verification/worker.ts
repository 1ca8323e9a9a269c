import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parentPort, workerData } from "node:worker_threads";
import pg from "pg";
import { openEventStoreDB } from "../../eventstore/eventstoredb/index.ts";
import { openPostgresEventStore } from "../../eventstore/postgres/index.ts";
import { headQueries } from "../heads/table.ts";
import type { VerificationResult } from "./table.ts";
import { verifyLog } from "./verify-log.ts";

/** Verifies a log in a thread of its own, so that the process goes on with what else it does, and tells what came of it. */
const { databaseUrl, eventStoreUrl } = workerData as { databaseUrl: string; eventStoreUrl: string | null };

const pool = new pg.Pool({ connectionString: databaseUrl, max: 2 });
pool.on("error", () => undefined); // an idle connection that breaks is replaced when one is needed
const store =
  eventStoreUrl === null
    ? await openPostgresEventStore({ connectionString: databaseUrl })
    : await openEventStoreDB({ connectionString: eventStoreUrl });
const workDir = await mkdtemp(join(tmpdir(), "boxoffice-verification-"));
try {
  const { head, ...rest } = await verifyLog({ store, heads: headQueries(pool), workDir });
  const result: VerificationResult = { ...rest, head: { ...head, position: String(head.position) } };
  parentPort?.postMessage(result);
} finally {
  await rm(workDir, { recursive: true, force: true });
  await store.close();
  await pool.end();
}
