import type { Pool } from "pg";
import { makeMissing } from "../postgres/preparing.ts";
import { CREATE_CLOCK_MOVES } from "./clock-moves.ts";
import { CREATE_EVENT_CODES } from "./event-codes.ts";
import { CREATE_KEPT_ANSWERS } from "./kept-answers.ts";
import { CREATE_SNAPSHOTS } from "./postgres-snapshots.ts";
import { CREATE_SECRETS } from "./secrets.ts";
import { CREATE_USED_KEYS } from "./used-keys.ts";

/** Any number, the same in every process: those that start together take turns. */
const PREPARE_LOCK = 727_002;

/** Makes the tables that running commands needs where they are missing. Safe to call from several processes at once. */
export async function prepareCommands(pool: Pool): Promise<void> {
  const statements = [
    "create schema if not exists commands;",
    CREATE_SNAPSHOTS,
    CREATE_EVENT_CODES,
    CREATE_CLOCK_MOVES,
    CREATE_SECRETS,
    CREATE_USED_KEYS,
    CREATE_KEPT_ANSWERS,
  ];
  await makeMissing(pool, PREPARE_LOCK, statements.join("\n"));
}
