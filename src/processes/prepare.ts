import type { Pool } from "pg";
import { makeMissing } from "../postgres/preparing.ts";
import { CREATE_CANCELLATIONS } from "./cancellation-rows.ts";
import { CREATE_RECONCILIATIONS } from "./reconciliation-reports.ts";

/** Any number, the same in every process: those that start together take turns. */
const PREPARE_LOCK = 727_005;

/** Makes the tables that processes keep their place in, where they are missing. Safe to call from several processes at once. */
export async function prepareProcesses(pool: Pool): Promise<void> {
  const statements = [CREATE_CANCELLATIONS, CREATE_RECONCILIATIONS];
  await makeMissing(pool, PREPARE_LOCK, statements.join("\n"));
}
