import type { BuyerRecord } from "../crowd/record.ts";
import type { Books } from "./books.ts";

/**
 * What buyers were told against what is on record: who was told of a reservation has one, nobody shares one or a seat with
 * another, and what was told as bought is bought.
 * @returns what must not be, in words
 */
export function toldOtherwise(records: readonly BuyerRecord[], { reserved, bought }: Books): readonly string[] {
  const violations: string[] = [];
  const owners = new Map<string, string>();
  for (const { accountId, reservationId, boughtAtMs } of records) {
    if (reservationId === null) continue;
    if (!reserved.has(reservationId))
      violations.push(`${accountId} was told of ${reservationId}, which is not on record`);
    const owner = owners.get(reservationId);
    if (owner !== undefined) violations.push(`${owner} and ${accountId} were both told of ${reservationId}`);
    owners.set(reservationId, accountId);
    if (boughtAtMs !== null && !bought.has(reservationId)) {
      violations.push(`${accountId} was told that ${reservationId} is bought, which it is not`);
    }
  }
  for (const reservationId of bought) {
    if (!owners.has(reservationId)) violations.push(`${reservationId} was bought, and nobody was told of it`);
  }
  return violations;
}
