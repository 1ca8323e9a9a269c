import type { Logger } from "pino";
import type { EventStore } from "./port.ts";

/** Where the log is. */
export interface LogAddress {
  readonly databaseUrl: string;
  /** null: in Postgres. */
  readonly eventStoreUrl: string | null;
}

/** Only the adapter that is needed is loaded: processes and threads are to start soon and to take little memory. */
export async function openEventStore({ databaseUrl, eventStoreUrl }: LogAddress, log?: Logger): Promise<EventStore> {
  if (eventStoreUrl === null) {
    const { openPostgresEventStore } = await import("./postgres/index.ts");
    return openPostgresEventStore({ connectionString: databaseUrl, ...(log === undefined ? {} : { log }) });
  }
  const { openEventStoreDB } = await import("./eventstoredb/index.ts");
  return openEventStoreDB({ connectionString: eventStoreUrl, log });
}
