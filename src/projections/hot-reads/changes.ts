import type { ClientBase } from "pg";
import type { Position, StoredEvent } from "../../eventstore/port.ts";
import { eventOfListing, INVENTORY_PREFIX, inventoryOf, LISTING_PREFIX } from "../../eventstore/streams.ts";

/** The read models that an event's page and its availability are made of. */
export const HOT_MODELS: readonly string[] = ["event-details", "availability"];

/** What one transaction of the projector changed in them. Changes follow each other without a gap. */
export interface Change {
  /** Up to where the log was in them before; null: one of them was empty. */
  readonly after: Position | null;
  readonly upTo: Position;
  /** The events (listings) whose rows may have changed; null: many. */
  readonly events: readonly string[] | null;
}

/** Told in the transaction that makes the change, so that it is heard when it is committed and not before. */
export const CHANGES_CHANNEL = "boxoffice_changes";

/** A payload may have 8,000 bytes, and an id takes 39; beyond it "many" is said. */
const MOST_NAMED = 190;
/** The tables were made anew: what was read from them before is worth nothing. */
const REBUILT = "rebuilt";

/** The events that are listed or sold in these streams. */
export function touchedBy(events: readonly StoredEvent[]): readonly string[] {
  const touched = new Set<string>();
  for (const { stream } of events) {
    if (stream.startsWith(INVENTORY_PREFIX)) touched.add(inventoryOf(stream).eventId);
    else if (stream.startsWith(LISTING_PREFIX)) touched.add(eventOfListing(stream));
  }
  return [...touched];
}

/** To be called inside the transaction that makes the change. */
export async function tellChange(client: ClientBase, { after, upTo, events }: Change): Promise<void> {
  const named = events !== null && events.length <= MOST_NAMED ? events : null;
  await notify(client, JSON.stringify([after === null ? null : after.toString(), upTo.toString(), named]));
}

/** To be called inside the transaction that puts other tables in the place of those that were read. */
export const tellRebuilt = (client: ClientBase): Promise<void> => notify(client, REBUILT);

async function notify(client: ClientBase, payload: string): Promise<void> {
  await client.query({ name: "tell_change", text: "select pg_notify($1, $2)", values: [CHANGES_CHANNEL, payload] });
}

export function parseChange(payload: string): Change | "rebuilt" {
  if (payload === REBUILT) return "rebuilt";
  const [after, upTo, events] = JSON.parse(payload) as [string | null, string, readonly string[] | null];
  return { after: after === null ? null : BigInt(after), upTo: BigInt(upTo), events };
}
