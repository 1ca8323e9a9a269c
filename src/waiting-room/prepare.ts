import type { Pool } from "pg";
import { makeMissing } from "../postgres/preparing.ts";
import { CREATE_WAITING_ROOMS } from "./tables.ts";

/** Any number, the same in every process: those that start together take turns. */
const PREPARE_LOCK = 727_007;

/** Makes the tables of waiting rooms where they are missing. Safe to call from several processes at once. */
export const prepareWaitingRooms = (pool: Pool): Promise<void> => makeMissing(pool, PREPARE_LOCK, CREATE_WAITING_ROOMS);
