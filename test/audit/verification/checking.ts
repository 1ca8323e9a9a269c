import { Found } from "../../../src/audit/verification/found.ts";
import { sort } from "../../../src/audit/verification/reading.ts";
import { Replay } from "../../../src/audit/verification/replaying.ts";
import type { SpilledEvent } from "../../../src/audit/verification/spill.ts";
import { eventHash } from "../../../src/eventstore/envelope.ts";
import type { StoredEvent } from "../../../src/eventstore/port.ts";
import type { Violation } from "../../../src/verifier/books/fact.ts";

export interface Checked {
  readonly violations: readonly Violation[];
  readonly unsettled: number;
}

/** What verifying finds in a log that is in memory; heads apart. */
export function checked(log: readonly StoredEvent[]): Checked {
  const found = new Found();
  const replay = new Replay(found);
  let last = "";
  for (const event of log) {
    const write = (spilled: SpilledEvent) => replay.take(spilled);
    const at = sort(event, eventHash(event), write, found);
    if (at > last) last = at;
  }
  const unsettled = replay.close(last);
  return { violations: found.told, unsettled };
}
