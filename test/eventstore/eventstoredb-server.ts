import { GenericContainer, getContainerRuntimeClient, Wait } from "testcontainers";
import { connectionParts } from "../../src/eventstore/eventstoredb/connection-string.ts";
import { startStandIn } from "../support/eventstoredb/server.ts";
import { openTcpProxy } from "../support/tcp-proxy.ts";
import type { StoreFaults } from "./contract.ts";

const IMAGE = "eventstore/eventstore:24.6";
const PORT = 2113;

/** Where the adapter's specs run. */
export interface EventStoreDBServers {
  /** Which it is, for the run's report. */
  readonly name: string;
  /** Whether each {@link OpenServer} has faults. */
  readonly canBreak: boolean;
  /** A server to use, the same one each time or one of the caller's own. */
  open(): Promise<OpenServer>;
  close(): Promise<void>;
}

export interface OpenServer {
  readonly connectionString: string;
  /** Where the server is ours to maltreat, or the connections to it can be. */
  readonly faults?: StoreFaults;
  close(): Promise<void>;
}

/**
 * The server named by EVENTSTORE_URL; else a container, where an engine runs; else the stand-in. A named server may be
 * used by others: specs keep to streams of their own and break nothing but their own connections, which takes a single
 * host without TLS (a cluster tells clients of its other addresses, and a certificate is for the server's name).
 */
export async function eventStoreDBServers(): Promise<EventStoreDBServers> {
  const named = process.env.EVENTSTORE_URL;
  if (named !== undefined) {
    const { hosts, usesTls } = connectionParts(named);
    if (hosts.length === 1 && !usesTls) return behindProxies("the server of EVENTSTORE_URL", named);
    return shared("the cluster or TLS server of EVENTSTORE_URL", named, async () => {});
  }
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
  return { name, canBreak: false, open: async () => ({ connectionString, close: async () => {} }), close };
}

/** What stands in the bytes of every append of the specs: the beginning of their streams' names. */
const IN_EVERY_APPEND = "spec";

/** The same server through a proxy for each who opens it: what is broken is the caller's own connection. */
function behindProxies(name: string, connectionString: string): EventStoreDBServers {
  const parts = connectionParts(connectionString);
  const [host = "", port = "2113"] = parts.hosts[0]?.split(":") ?? [];
  return {
    name,
    canBreak: true,
    async open() {
      const proxy = await openTcpProxy({ host, port: Number(port) });
      const faults: StoreFaults = {
        dropAfterAppend: async () => proxy.cutReplyTo(IN_EVERY_APPEND),
        stop: proxy.close,
        start: proxy.open,
      };
      return { connectionString: parts.to(`127.0.0.1:${proxy.port}`), faults, close: proxy.close };
    },
    close: async () => {},
  };
}

function standIns(name: string): EventStoreDBServers {
  return {
    name,
    canBreak: true,
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
