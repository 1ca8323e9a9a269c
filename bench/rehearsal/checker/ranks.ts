import { createHmac } from "node:crypto";
import type { BuyerRecord } from "../crowd/record.ts";

/** What is published of a draw without a beacon, once its room is closed. */
export interface Seeds {
  readonly draw: string;
  readonly later: string;
}

/** A buyer with the place that is his by the draw. */
export interface Ranked {
  readonly record: BuyerRecord;
  readonly rank: number;
}

const LOTS = 2 ** 28;

/**
 * Who has to be called before whom, done again from what was published, by docs/waiting-room.md and not by the code: the
 * second of arrival, and within it the lot.
 */
export function ranked(records: readonly BuyerRecord[], seeds: Seeds): readonly Ranked[] {
  return records
    .filter((record) => record.second !== null)
    .map((record) => ({ record, rank: rankOf(record.second as number, record.accountId, seeds) }))
    .toSorted((a, b) => a.rank - b.rank);
}

function rankOf(second: number, accountId: string, { draw, later }: Seeds): number {
  const key = second === 0 ? draw : `${later} ${second}`;
  const lot = createHmac("sha256", key).update(accountId).digest().readUInt32BE(0) % LOTS;
  return second + lot / LOTS;
}
