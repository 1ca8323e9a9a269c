import { openEventStore } from "../../src/eventstore/open.ts";
import type { Town } from "./town.ts";

/**
 * The town's event store, straight.
 * @throws StoreUnavailable it is away
 */
export const openLog = ({ databaseUrl, eventStoreUrl }: Pick<Town, "databaseUrl" | "eventStoreUrl">) =>
  openEventStore({ databaseUrl, eventStoreUrl });
