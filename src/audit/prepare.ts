import type { Pool } from "pg";
import { makeMissing } from "../postgres/preparing.ts";
import { CREATE_CHECKPOINTS } from "./checkpoints.ts";
import { CREATE_HEADS } from "./heads/table.ts";
import { CREATE_VERIFICATIONS } from "./verification/table.ts";

/** Any number, the same in every process: those that start together take turns. */
const PREPARE_LOCK = 727_006;

/** Makes the tables that auditors' questions need, where they are missing. Safe to call from several processes at once. */
export const prepareAudit = (pool: Pool): Promise<void> =>
  makeMissing(pool, PREPARE_LOCK, `${CREATE_CHECKPOINTS} ${CREATE_HEADS} ${CREATE_VERIFICATIONS}`);
