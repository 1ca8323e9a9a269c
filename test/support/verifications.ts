import { randomUUID } from "node:crypto";
import pg from "pg";
import { startVerifying } from "../../src/audit/verification/running.ts";
import { runningOne } from "../../src/audit/verification/table.ts";

/** Does the verifications that are asked for, as a process with that role would. */
export function verifyingOf(databaseUrl: string): { stop(): Promise<void>; done(): Promise<void> } {
  const pool = new pg.Pool({ connectionString: databaseUrl, max: 4 });
  pool.on("error", () => {}); // a connection that is still closing when its database is dropped
  const log = { info() {}, warn() {}, error() {} };
  const clock = { nowMs: () => Date.now() };
  const verifying = startVerifying({ pool, clock, log, holder: randomUUID(), databaseUrl, eventStoreUrl: null });
  return {
    async done() {
      for (const end = performance.now() + 60_000; (await runningOne(pool)) !== null; ) {
        if (performance.now() > end) throw new Error("it is not verified after a minute");
        await new Promise((resolve) => setTimeout(resolve, 50));
      }
    },
    async stop() {
      await verifying.stop();
      await pool.end();
    },
  };
}
