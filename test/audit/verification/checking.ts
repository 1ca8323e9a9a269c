import { Found } from "../../../src/audit/verification/found.ts";
import { Replay } from "../../../src/audit/verification/replaying.ts";
import { sort } from "../../../src/audit/verification/sorting.ts";
import {
  type Addressed,
  put,
  type SpilledEvent,
  sizeOf,
  spilledEvent,
  toldOf,
} from "../../../src/audit/verification/spilled-event.ts";
import { sha256 } from "../../../src/eventstore/envelope.ts";
import { type EventPage, pageOfEvents } from "../../../src/eventstore/event-page.ts";
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
  const page = pageOfEvents(log);
  const write = (_: string, page: EventPage, index: number, addressed: Addressed) =>
    replay.take(spilled(page, index, addressed));
  for (let index = 0; index < page.count; index += 1) {
    last = sort(page, index, sha256(page.record(index)), found, last, write);
  }
  const unsettled = replay.close(last);
  return { violations: found.told, unsettled };
}

/** As it comes back from a file. */
function spilled(page: EventPage, index: number, addressed: Addressed): SpilledEvent {
  const told = toldOf(page, index, addressed);
  const bytes = Buffer.alloc(sizeOf(page, index, told));
  put(bytes, 0, page, index, told);
  return spilledEvent(bytes, 0, bytes.length);
}
