import { inventoryStream } from "../../src/eventstore/streams.ts";
import type { ScriptedProvider } from "../support/scripted-provider.ts";
import type { TypeRef } from "./asks.ts";
import { falseAnswer } from "./checks/answers.ts";
import { brokenBooks, brokenTally, forgotten } from "./checks/at-rest.ts";
import { brokenBookings, brokenPurchases } from "./checks/bookings.ts";
import { brokenKeys } from "./checks/keys.ts";
import { brokenRequests } from "./checks/requests.ts";
import { brokenStream } from "./checks/stream-laws.ts";
import { Timeline } from "./checks/timeline.ts";
import type { Climate } from "./climate.ts";
import type { DatabaseServer } from "./database/server.ts";
import { accountsOf } from "./event.ts";
import type { Journal } from "./journal.ts";
import type { StoreServer } from "./store.ts";

/** All that is left of a run: what clients saw, the log, and the books of others. */
export interface Evidence {
  readonly journal: Journal;
  readonly store: StoreServer;
  readonly database: DatabaseServer;
  readonly provider: ScriptedProvider;
  readonly types: readonly TypeRef[];
  readonly climate: Climate;
  /** Since when nothing went wrong any more, in simulated milliseconds. */
  readonly healedMs: number;
  /** It went on until nothing was left to do. */
  readonly isAtRest: boolean;
}

/** How long after all has healed what hung may need to come to its end. */
const RECOVERY_MS = 10_000;

/** What must not be; none: all is well. */
export function faultsIn(evidence: Evidence): readonly string[] {
  const { journal, store, database, provider, types, climate, isAtRest } = evidence;
  const { memory, log, recordedAtMs } = store;
  const timelines = new Map(
    types.map(({ eventId, ticketTypeId }) => {
      const events = memory.eventsOf(inventoryStream(eventId, ticketTypeId));
      return [ticketTypeId, new Timeline(events, ({ position }) => recordedAtMs[Number(position) - 1] as number)];
    }),
  );
  return [
    ...[...new Set(log.map(({ stream }) => stream))].flatMap((stream) => brokenStream(stream, memory.eventsOf(stream))),
    ...[...timelines.values()].flatMap(({ faults }) => faults),
    ...falseAnswers(evidence, timelines),
    ...database.faults,
    ...brokenKeys(journal, log),
    ...brokenRequests(journal, log),
    ...brokenBookings(journal, store),
    ...brokenPurchases(store),
    ...brokenBooks(store, provider, types, accountsOf(climate.sale), isAtRest),
    ...(isAtRest ? [...forgotten(timelines.values()), ...brokenTally(database, store)] : []),
  ];
}

function falseAnswers(
  { journal, climate, healedMs }: Evidence,
  timelines: ReadonlyMap<string, Timeline>,
): readonly string[] {
  return journal.entries.flatMap((entry) => {
    const { client, ask, beganMs, endedMs, answer } = entry;
    const about = (fault: string) =>
      `client ${client}, ${beganMs.toFixed(3)} to ${endedMs.toFixed(3)}, ${ask.do} ${ask.key ?? ""}: ${fault}`;
    const fault = falseAnswer(entry, timelines.get(ask.type.ticketTypeId) as Timeline, climate.skewMs);
    if (fault !== null) return [about(fault)];
    const isUnanswered = answer?.told === "nothing" || answer?.told === "not-run";
    const isWell = climate.isCalm || beganMs > healedMs + RECOVERY_MS;
    return isUnanswered && isWell ? [about(`${answer.why}, though all was well`)] : [];
  });
}
