import { EventStoreDBClient } from "@eventstore/db-client";
import { GossipClient } from "@eventstore/db-client/generated/gossip_grpc_pb.js";
import gossip from "@eventstore/db-client/generated/gossip_pb.js";
import { OperationsClient } from "@eventstore/db-client/generated/operations_grpc_pb.js";
import operations from "@eventstore/db-client/generated/operations_pb.js";
import shared from "@eventstore/db-client/generated/shared_pb.js";
import type { CallOptions, Client, Metadata, ServiceError } from "@grpc/grpc-js";

/**
 * What an operator can ask of any EventStoreDB cluster, through the server's own services and with the connection string
 * that Boxoffice has. The user has to be of the group `$ops` or `$admins`.
 */
export interface Cluster {
  /** `host:port` of the leader; null: there is none just now. */
  leader(): Promise<string | null>;
  setPriorityOfLeader(priority: number): Promise<void>;
  resignLeader(): Promise<void>;
}

/** What the client has beneath its public calls: these services are not among them. */
interface ClientInternals {
  execute<C extends Client, T>(client: ClientOf<C>, name: string, action: (client: C) => Promise<T>): Promise<T>;
  callArguments(options: object): [Metadata, CallOptions];
  getChannel(): Promise<{ close(): void }>;
}

type Answered<T> = (error: ServiceError | null, answer: T) => void;

type ClientOf<C extends Client> = new (address: string, credentials: never) => C;

/** Just after a change the seeds may still name the node that was the leader. */
const TRIES = 10;

/** Each question looks for the leader anew: these services answer on any node, and act on the one that they are asked on. */
export function openCluster(connectionString: string): Cluster {
  const ask = async <C extends Client, T>(
    service: ClientOf<C>,
    name: string,
    call: (client: C, args: [Metadata, CallOptions], done: Answered<T>) => unknown,
  ): Promise<T> => {
    for (let left = TRIES; ; left -= 1) {
      const client = EventStoreDBClient.connectionString(connectionString) as unknown as ClientInternals;
      try {
        return await client.execute(
          service,
          name,
          (c) =>
            new Promise<T>((resolve, reject) =>
              call(c, client.callArguments({}), (error, answer) => (error ? reject(error) : resolve(answer))),
            ),
        );
      } catch (error) {
        if (left === 1) throw error;
      } finally {
        await client.getChannel().then(
          (channel) => channel.close(),
          () => {},
        );
      }
    }
  };

  return {
    async leader() {
      const info = await ask<GossipClient, gossip.ClusterInfo>(GossipClient, "gossip", (c, args, done) =>
        c.read(new shared.Empty(), ...args, done),
      );
      const { LEADER: state } = gossip.MemberInfo.VNodeState;
      const at = info.getMembersList().find((member) => member.getIsAlive() && member.getState() === state);
      const endpoint = at?.getHttpEndPoint();
      return endpoint === undefined ? null : `${endpoint.getAddress()}:${endpoint.getPort()}`;
    },
    async setPriorityOfLeader(priority) {
      const request = new operations.SetNodePriorityReq().setPriority(priority);
      await ask<OperationsClient, unknown>(OperationsClient, "setNodePriority", (c, args, done) =>
        c.setNodePriority(request, ...args, done),
      );
    },
    async resignLeader() {
      await ask<OperationsClient, unknown>(OperationsClient, "resignNode", (c, args, done) =>
        c.resignNode(new shared.Empty(), ...args, done),
      );
    },
  };
}
