import { endsAtMs, type RecordedInventory } from "../../simulation/checks/recorded-inventory.ts";
import { forWalkUps } from "./refused.ts";

/** Due for so long, it was forgotten. */
const DUE_FOR_MS = 60_000;

/** What must not be left of a ticket type when all is at rest. */
export function leftOver(stream: string, state: RecordedInventory, nowMs: number): readonly string[] {
  const { held, waiting, isClosed, isRemoved, paused, capacity } = state;
  const faults: string[] = [];
  for (const [id, one] of held) {
    if (endsAtMs(one) < nowMs - DUE_FOR_MS) {
      faults.push(`${stream}: ${id} is held, and ended ${Math.round((nowMs - endsAtMs(one)) / 1_000)} s ago`);
    }
    if (one.claim !== null && one.claim.untilMs < nowMs) faults.push(`${stream}: ${id} is claimed beyond its deadline`);
  }
  if (isClosed && held.size + waiting.length > 0) {
    faults.push(`${stream}: is closed, and ${held.size} hold and ${waiting.length} wait`);
  }
  if (isClosed || isRemoved || paused.size > 0 || capacity === 0) return faults;
  // What is kept for those who wait is theirs: if less is left for others than is free, somebody fits and has no offer.
  const free = forWalkUps({ ...state, waiting: [] }, nowMs);
  const left = forWalkUps(state, nowMs);
  if (left < free) faults.push(`${stream}: ${free - left} tickets are free for those who wait, and were not offered`);
  return faults;
}
