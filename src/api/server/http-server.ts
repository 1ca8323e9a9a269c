import { createServer, type RequestListener, type Server } from "node:http";
import type { ServerLimits } from "./limits.ts";

export interface HttpServerOptions {
  readonly limits: ServerLimits;
  /** Stands before everything else that is done with a request. */
  readonly gate: (next: RequestListener) => RequestListener;
  /** Told of each connection that was closed as it came, because there are too many. */
  readonly onDropped: () => void;
}

/** Makes the server under the API: for fastify's `serverFactory`. */
export const httpServerBy =
  ({ limits, gate, onDropped }: HttpServerOptions) =>
  (handler: RequestListener): Server => {
    const server = createServer(
      {
        maxHeaderSize: limits.headerBytes,
        headersTimeout: limits.headersMs,
        requestTimeout: limits.requestMs,
        connectionsCheckingInterval: limits.lookEveryMs,
        keepAliveTimeout: limits.keepAliveMs,
      },
      gate(handler),
    );
    server.maxConnections = limits.connections;
    server.on("drop", onDropped);
    return server;
  };
