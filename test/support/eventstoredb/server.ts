import { once } from "node:events";
import net from "node:net";
import { GossipService } from "@eventstore/db-client/generated/gossip_grpc_pb.js";
import gossip from "@eventstore/db-client/generated/gossip_pb.js";
import { ServerFeaturesService } from "@eventstore/db-client/generated/serverfeatures_grpc_pb.js";
import features from "@eventstore/db-client/generated/serverfeatures_pb.js";
import { StreamsService } from "@eventstore/db-client/generated/streams_grpc_pb.js";
import { Server, ServerCredentials, type sendUnaryData, status } from "@grpc/grpc-js";
import { batchAppend } from "./appending.ts";
import { type Faults, noFaults } from "./faults.ts";
import { createLog, type Log } from "./log.ts";
import { type ReadCall, read } from "./reading.ts";

/**
 * A server for tests that speaks EventStoreDB's gRPC protocol, from the client's own service definitions, and keeps its
 * events in memory. It behaves as a real one was seen to (see `docs/decisions/eventstoredb-adapter.md`) and does on
 * demand what a real one does at the wrong moment. It knows one user at most, no links, no deletions and no persistent
 * subscriptions.
 */
export interface StandIn {
  readonly port: number;
  readonly connectionString: string;
  readonly log: Log;
  faults: Faults;
  /** Ends subscriptions from the server's side, as one does that is shutting down. */
  dropSubscriptions(): void;
  /** Cuts connections without a word. */
  dropConnections(): void;
  /** As a killed server: connections are cut and new ones refused. What was recorded stays. */
  stop(): Promise<void>;
  start(): Promise<void>;
  close(): Promise<void>;
}

export interface StandInOptions {
  /** Shared between stand-ins that play the nodes of a cluster. */
  readonly log?: Log;
  /** With it the server speaks TLS. */
  readonly tls?: { readonly certificate: Buffer; readonly key: Buffer };
  /** 0: any free one. */
  readonly port?: number;
}

export async function startStandIn(options: StandInOptions = {}): Promise<StandIn> {
  const { log = createLog(), tls, port: wanted = 0 } = options;
  const sockets = new Set<net.Socket>();
  const subscriptions = new Set<ReadCall>();
  const dropConnections = (): void => {
    for (const socket of sockets) socket.destroy();
  };
  const current = (): Faults => standIn.faults;
  const rpc = new Server();
  const injector = rpc.createConnectionInjector(credentialsOf(tls));
  const listener = net.createServer((socket) => {
    sockets.add(socket);
    socket.on("close", () => sockets.delete(socket));
    socket.on("error", () => {});
    injector.injectConnection(socket);
  });
  const listen = async (port: number): Promise<void> => {
    listener.listen(port, "127.0.0.1");
    await once(listener, "listening");
  };
  const stop = async (): Promise<void> => {
    if (!listener.listening) return;
    listener.close();
    dropConnections();
    await once(listener, "close");
  };

  await listen(wanted);
  const { port } = listener.address() as net.AddressInfo;
  rpc.addService(StreamsService, {
    read: read(log, current, subscriptions),
    batchAppend: batchAppend(log, current, dropConnections),
    append: unsupported,
    delete: unsupported,
    tombstone: unsupported,
  });
  rpc.addService(ServerFeaturesService, { getSupportedMethods: answering(supported) });
  rpc.addService(GossipService, { read: answering(() => members(port, current())) });

  const standIn: StandIn = {
    port,
    connectionString: `esdb://127.0.0.1:${port}?tls=false`,
    log,
    faults: noFaults(),
    dropSubscriptions() {
      const metadata = undefined;
      for (const call of subscriptions) {
        call.emit("error", { code: status.CANCELLED, details: "shutting down", metadata });
      }
    },
    dropConnections,
    stop,
    start: () => listen(port),
    async close() {
      standIn.faults.stall?.release();
      await stop();
      rpc.forceShutdown();
    },
  };
  return standIn;
}

const credentialsOf = (tls: StandInOptions["tls"]): ServerCredentials =>
  tls === undefined
    ? ServerCredentials.createInsecure()
    : ServerCredentials.createSsl(null, [{ cert_chain: tls.certificate, private_key: tls.key }]);

const answering =
  <T>(answer: () => T) =>
  (_call: unknown, reply: sendUnaryData<T>): void =>
    reply(null, answer());

const unsupported = (_call: unknown, reply: sendUnaryData<never>): void => {
  reply({ code: status.UNIMPLEMENTED, details: "the stand-in takes batch appends only" });
};

function supported(): features.SupportedMethods {
  const method = new features.SupportedMethod()
    .setServiceName("event_store.client.streams.streams")
    .setMethodName("batchappend");
  return new features.SupportedMethods().setEventStoreServerVersion("stand-in").setMethodsList([method]);
}

/** A cluster of one, or of this follower and the leader it knows of. */
function members(port: number, { leader, electing }: Faults): gossip.ClusterInfo {
  const { FOLLOWER, LEADER, UNKNOWN } = gossip.MemberInfo.VNodeState;
  const member = (address: string, at: number, state: gossip.MemberInfo.VNodeState): gossip.MemberInfo =>
    new gossip.MemberInfo()
      .setState(state)
      .setIsAlive(true)
      .setHttpEndPoint(new gossip.EndPoint().setAddress(address).setPort(at));
  const info = new gossip.ClusterInfo();
  info.addMembers(member("127.0.0.1", port, electing ? UNKNOWN : leader === null ? LEADER : FOLLOWER));
  if (leader !== null && !electing) info.addMembers(member(leader.host, leader.port, LEADER));
  return info;
}
