import { setImmediate as turn } from "node:timers/promises";
import { eventStoreContract } from "../eventstore/contract.ts";
import { MemoryEventStore } from "./memory-event-store.ts";

eventStoreContract("memory", async () => {
  // A turn of the event loop a call: otherwise writers without a pause would keep everybody else from running.
  const store = new MemoryEventStore(async () => void (await turn()));
  return {
    store,
    faults: {
      async dropAfterAppend() {
        store.failNextAppend("unknown-after");
      },
      async stop() {
        store.goAway();
      },
      async start() {
        store.comeBack();
      },
    },
    close: () => store.close(),
  };
});
