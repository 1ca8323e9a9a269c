import { GenericContainer, getContainerRuntimeClient, Wait } from "testcontainers";
import { startStandIn } from "../support/eventstoredb/server.ts";
import type { StoreFaults } from "./contract.ts";

const IMAGE = "eventstore/eventstore:24.6";
const PORT = 2113;

/** Where the adapter's specs run. */
export interface EventStoreDBServers {
  /** Which it is, for the run's report. */
  readonly name: string;
  /** A server to use, the same one each time or one of the caller's own. */
  open(): Promise<OpenServer>;
  close(): Promise<void>;
}

export interface OpenServer {
  readonly connectionString: string;
  /** Only where the server is ours to maltreat. */
  readonly faults?: StoreFaults;
  close(): Promise<void>;
}

/** The server named by EVENTSTORE_URL; else a container, where an engine runs; else the stand-in. */
export async function eventStoreDBServers(): Promise<EventStoreDBServers> {
  const named = process.env.EVENTSTORE_URL;
  if (named !== undefined) return shared("the server of EVENTSTORE_URL", named, async () => {});
  const engine = await getContainerRuntimeClient().catch(() => null);
  if (engine === null) return standIns("stand-in: EVENTSTORE_URL is not set and no container engine runs");
  try {
    const container = await new GenericContainer(IMAGE)
      .withEnvironment({ EVENTSTORE_INSECURE: "true", EVENTSTORE_RUN_PROJECTIONS: "None" })
      .withExposedPorts(PORT)
      .withWaitStrategy(Wait.forHttp("/health/live", PORT).forStatusCodeMatching((status) => status < 300))
      .start();
    const url = `esdb://${container.getHost()}:${container.getMappedPort(PORT)}?tls=false`;
    return shared(`a container of ${IMAGE}`, url, async () => void (await container.stop()));
  } catch (error) {
    return standIns(`stand-in: ${IMAGE} can't be started here (${error})`);
  }
}

function shared(name: string, connectionString: string, close: () => Promise<void>): EventStoreDBServers {
  return { name, open: async () => ({ connectionString, close: async () => {} }), close };
}

function standIns(name: string): EventStoreDBServers {
  return {
    name,
    async open() {
      const standIn = await startStandIn();
      const faults: StoreFaults = {
        dropAfterAppend: async () => {
          standIn.faults.dropAfterAppend = true;
        },
        stop: standIn.stop,
        start: standIn.start,
      };
      return { connectionString: standIn.connectionString, faults, close: standIn.close };
    },
    close: async () => {},
  };
}
