import { openEventStoreDB } from "../../src/eventstore/eventstoredb/index.ts";
import type { EventStore } from "../../src/eventstore/port.ts";
import { openPostgresEventStore } from "../../src/eventstore/postgres/index.ts";
import type { Town } from "./town.ts";

/**
 * The town's event store, straight.
 * @throws StoreUnavailable it is away
 */
export const openLog = ({ databaseUrl, eventStoreUrl }: Pick<Town, "databaseUrl" | "eventStoreUrl">) =>
  eventStoreUrl === null
    ? openPostgresEventStore({ connectionString: databaseUrl })
    : (openEventStoreDB({ connectionString: eventStoreUrl }) satisfies Promise<EventStore>);
