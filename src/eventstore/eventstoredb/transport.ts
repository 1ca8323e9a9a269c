import { setImmediate as arrivals } from "node:timers/promises";
import { EventStoreDBClient } from "@eventstore/db-client";
import type { CallOptions, Channel, Client, ClientDuplexStream, ClientReadableStream, Metadata } from "@grpc/grpc-js";
import { StoreUnavailable } from "../port.ts";
import { because } from "./failures.ts";
import {
  type BatchAppendReq,
  type BatchAppendResp,
  empty,
  type ReadReq,
  type ReadResp,
  ServerFeaturesClient,
  StreamsClient,
} from "./protocol.ts";

export type AppendStream = ClientDuplexStream<BatchAppendReq, BatchAppendResp>;
export type ReadStream = ClientReadableStream<ReadResp>;

/** Calls to the server over the client's connection, which it makes anew when it was lost or the leader moved. */
export interface Transport {
  /** How long one append or read may take: `defaultDeadline` of the connection string, 10,000 ms unless set. */
  readonly deadlineMs: number;
  /**
   * A two-way call for appends, to a server that has just answered.
   * @throws StoreUnavailable
   */
  openAppends(): Promise<AppendStream>;
  /**
   * A read that ends by itself, on the leader, within {@link deadlineMs}.
   * @throws StoreUnavailable when the call can't be begun; later failures come as the stream's `error`
   */
  read(request: ReadReq): Promise<ReadStream>;
  /** A subscription: no deadline, on whichever node the connection leads to. */
  follow(request: ReadReq): Promise<ReadStream>;
  /** Ends every call and closes the connection. */
  close(): Promise<void>;
}

/**
 * What the adapter uses of the client beneath its public calls. They are declared `protected` there, and the static
 * constructor for connection strings makes no subclasses, so one cast stands here. `EventStoreDBClient` brings what we
 * would not write again: connection strings, TLS, gossip and leader discovery, keep-alive, reconnecting.
 */
interface ClientInternals {
  GRPCStreamCreator<C extends Client, T>(client: ClientOf<C>, name: string, create: (client: C) => T): () => Promise<T>;
  execute<C extends Client, T>(client: ClientOf<C>, name: string, action: (client: C) => Promise<T>): Promise<T>;
  callArguments(options: { requiresLeader?: boolean }, call?: CallOptions): [Metadata, CallOptions];
  createDeadline(): Date;
  getChannel(): Promise<Channel>;
  /** Gives the connection up after an error that calls for another; nobody waits for it. */
  handleError(client: unknown, error: Error): Promise<void>;
  dispose(): Promise<void>;
}

type ClientOf<C extends Client> = new (address: string, credentials: never) => C;

const BATCH_APPEND = "streams.streams/batchappend";
const LEADER = { requiresLeader: true };

/** @throws Error when the connection string is malformed */
export function connect(connectionString: string): Transport {
  const client = EventStoreDBClient.connectionString(connectionString) as unknown as ClientInternals;
  const deadlineMs = client.createDeadline().getTime() - Date.now();
  let used = false;

  // It waits for the connection that is just being looked for, too. When no node is found it would fail with nobody to
  // tell, which ends the process; whoever made a call hears of it anyway, and the next call looks again.
  const { handleError } = client;
  client.handleError = (...failed) => handleError(...failed).catch(() => {});

  /** Looking for a node of a cluster has no deadline of its own, and may take minutes when none says anything. */
  const call = async <S extends Cancellable>(open: () => Promise<S>): Promise<S> => {
    used = true;
    const opening = open();
    try {
      return await inTime(opening, deadlineMs);
    } catch (error) {
      opening.then(discard, () => {});
      throw new StoreUnavailable(because("EventStoreDB can't be reached", error), { cause: error });
    }
  };

  const begin = (request: ReadReq, options: { requiresLeader?: boolean }, limits: CallOptions): Promise<ReadStream> =>
    call(
      client.GRPCStreamCreator(StreamsClient, "read", (c) => c.read(request, ...client.callArguments(options, limits))),
    );

  return {
    deadlineMs,
    openAppends: () =>
      call(async () => {
        await requireBatchAppend(client);
        const open = client.GRPCStreamCreator(StreamsClient, "batchAppend", (c) =>
          c.batchAppend(...client.callArguments(LEADER, { deadline: Number.POSITIVE_INFINITY })),
        );
        return open();
      }),
    read: (request) => begin(request, LEADER, {}),
    follow: (request) => begin(request, {}, { deadline: Number.POSITIVE_INFINITY }),
    close: async () => {
      await client.dispose();
      if (!used) return;
      const closed = client.getChannel().then(
        (channel) => channel.close(),
        () => {},
      );
      await Promise.race([closed, arrivals()]); // where there is none, one is looked for: that is not waited for
    },
  };
}

type Cancellable = Pick<AppendStream | ReadStream, "cancel"> & NodeJS.EventEmitter;

/** A call that was opened after nobody waits for it any more. */
function discard(call: Cancellable): void {
  call.on("error", () => {});
  call.cancel();
}

async function inTime<T>(promise: Promise<T>, withinMs: number): Promise<T> {
  const { promise: late, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => reject(new Error(`no node answered within ${withinMs} ms`)), withinMs);
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}

/**
 * Asks the server what it can do. Having an answer before the first append of a call is sent is what tells "can't be
 * reached, nothing was recorded" from "outcome unknown". The client keeps the first answer, also when it was a
 * failure to discover the cluster, for good; so it is asked for here.
 */
async function requireBatchAppend(client: ClientInternals): Promise<void> {
  const methods = await client.execute(
    ServerFeaturesClient,
    "serverFeatures",
    (c) =>
      new Promise<readonly string[]>((resolve, reject) => {
        c.getSupportedMethods(empty(), ...client.callArguments({}), (error, answer) => {
          if (error !== null) reject(error);
          else resolve(answer.getMethodsList().map((m) => `${m.getServiceName()}/${m.getMethodName()}`.toLowerCase()));
        });
      }),
  );
  if (!methods.some((method) => method.endsWith(BATCH_APPEND))) throw new Error("it is older than version 21.10");
}
