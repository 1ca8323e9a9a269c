import { APPEND_STATEMENT } from "../../src/eventstore/postgres/commit-lane.ts";
import { openPostgresEventStore } from "../../src/eventstore/postgres/index.ts";
import { freshDatabase } from "../support/postgres.ts";
import { openTcpProxy } from "../support/tcp-proxy.ts";
import { type ContractBench, eventStoreContract } from "./contract.ts";

eventStoreContract("postgres", async (): Promise<ContractBench> => {
  const database = await freshDatabase();
  const url = new URL(database.url);
  const proxy = await openTcpProxy({ host: url.hostname, port: Number(url.port || 5432) });
  url.host = `127.0.0.1:${proxy.port}`;
  const store = await openPostgresEventStore({ connectionString: url.href });
  return {
    store,
    faults: {
      dropAfterAppend: async () => proxy.cutReplyTo(APPEND_STATEMENT),
      stop: () => proxy.close(),
      start: () => proxy.open(),
    },
    async close() {
      await store.close();
      await proxy.close();
      await database.drop();
    },
  };
});
