import { faultsAtRest } from "../../model/at-rest.ts";
import { OnRecord } from "../../model/on-record.ts";
import type { ScriptedProvider } from "../../support/scripted-provider.ts";
import type { TypeRef } from "../asks.ts";
import { TALLY } from "../database/projection-statements.ts";
import type { DatabaseServer } from "../database/server.ts";
import type { StoreServer } from "../store.ts";
import { freeTickets } from "./recorded-inventory.ts";
import type { Timeline } from "./timeline.ts";

/** What the books say at every event, and when everything was seen to: nothing hangs, and money and tickets agree. */
export function brokenBooks(
  { memory }: StoreServer,
  provider: ScriptedProvider,
  types: readonly TypeRef[],
  accounts: readonly string[],
  isAtRest: boolean,
): readonly string[] {
  const record = new OnRecord(memory, provider, types, accounts);
  const faults: string[] = [];
  try {
    faults.push(...record.catchUp());
  } catch (error) {
    return [error instanceof Error ? error.message : String(error)]; // what the log says can't have been
  }
  if (!isAtRest) return faults;
  faults.push(...faultsAtRest(record, provider));
  for (const [typeId, { held }] of record.types) {
    for (const id of Object.keys(held)) faults.push(`${typeId}: ${id} is held for ever`);
  }
  for (const account of accounts) {
    if (record.cartStatusOf(account) === "checkout") faults.push(`the cart of ${account} is still being bought`);
  }
  return faults;
}

/** Nobody is left waiting for what is free. */
export function forgotten(timelines: Iterable<Timeline>): readonly string[] {
  return [...timelines].flatMap(({ last }) =>
    last.waiting
      .filter(({ quantity }) => quantity <= freeTickets(last) && last.maxPerUser === null)
      .map(({ entry }) => `${entry} waits for what is free`),
  );
}

/** The read model that counts has counted each event once. */
export function brokenTally(database: DatabaseServer, { log }: StoreServer): readonly string[] {
  const counted = database.table(TALLY);
  return [...Map.groupBy(log, ({ stream }) => stream)].flatMap(([stream, events]) => {
    const times = counted.get(stream)?.events ?? 0;
    return times === events.length ? [] : [`${stream}: ${events.length} events were projected as ${times}`];
  });
}
