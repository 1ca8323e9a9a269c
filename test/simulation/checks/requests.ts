import { decode } from "../../../src/eventstore/envelope.ts";
import type { StoredEvent } from "../../../src/eventstore/port.ts";
import type { Ask } from "../asks.ts";
import type { Journal } from "../journal.ts";

/** What is recorded once where it was asked for, by one command. */
const EFFECT: Partial<Record<Ask["do"], string>> = {
  reserve: "TicketsReserved",
  join: "WaitlistJoined",
  extend: "ReservationExtended",
  release: "ReservationReleased",
};

/** One request has one effect at most, with a key or without; and none if it was told so. */
export function brokenRequests(journal: Journal, log: readonly StoredEvent[]): readonly string[] {
  const faults: string[] = [];
  const byRequest = Map.groupBy(log, (stored) => decode(stored).envelope.requestId);
  for (const { ask, requestId, answer } of journal.entries) {
    const effect = EFFECT[ask.do];
    if (effect === undefined || answer === null) continue;
    const events = byRequest.get(requestId) ?? [];
    const about = (fault: string) => faults.push(`${ask.do} by ${requestId}: ${fault}`);
    if (events.filter(({ type }) => type === effect).length > 1) about("done more than once");
    if (events.length === 0) continue;
    if (answer.told === "refused") about(`${answer.code}, and yet ${events[0]?.type} was recorded`);
    if (answer.told === "not-run") about(`${answer.why}, and yet ${events[0]?.type} was recorded`);
  }
  return faults;
}
