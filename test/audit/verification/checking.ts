import { Found } from "../../../src/audit/verification/found.ts";
import { sort } from "../../../src/audit/verification/reading.ts";
import { Replay } from "../../../src/audit/verification/replaying.ts";
import type { SpilledEvent } from "../../../src/audit/verification/spill.ts";
import { sha256 } from "../../../src/eventstore/envelope.ts";
import { pageOfEvents } from "../../../src/eventstore/event-page.ts";
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
  const write = (spilled: SpilledEvent) => replay.take(asText(spilled));
  const page = pageOfEvents(log);
  for (let index = 0; index < page.count; index += 1) {
    const at = sort(page, index, sha256(page.record(index)), write, found);
    if (at > last) last = at;
  }
  const unsettled = replay.close(last);
  return { violations: found.told, unsettled };
}

/** As it comes back from a file. */
const asText = (spilled: SpilledEvent): SpilledEvent => ({ ...spilled, data: fromBinary(spilled.data) });

const fromBinary = (characters: string): string => Buffer.from(characters, "latin1").toString();
