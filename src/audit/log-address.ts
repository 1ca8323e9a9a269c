import type { EventStore } from "../eventstore/port.ts";

/** Where the log is, for a thread that opens it by itself. */
export interface LogAddress {
  readonly databaseUrl: string;
  /** null: in Postgres. */
  readonly eventStoreUrl: string | null;
}

/** Only the adapter that is needed is loaded: a thread is to start soon and to take little memory. */
export async function openLog({ databaseUrl, eventStoreUrl }: LogAddress): Promise<EventStore> {
  if (eventStoreUrl === null) {
    const { openPostgresEventStore } = await import("../eventstore/postgres/index.ts");
    return openPostgresEventStore({ connectionString: databaseUrl });
  }
  const { openEventStoreDB } = await import("../eventstore/eventstoredb/index.ts");
  return openEventStoreDB({ connectionString: eventStoreUrl });
}
