import { createServer, connect as dial, type Server, type Socket } from "node:net";

/** A proxy on 127.0.0.1 in front of a TCP server, to break connections on purpose. */
export interface TcpProxy {
  readonly port: number;
  /** Cuts every connection and refuses new ones, until {@link TcpProxy.open}. */
  close(): Promise<void>;
  /** Listens again on the same port. */
  open(): Promise<void>;
  /** Passes on no reply any more, on connections there are and to come, until {@link TcpProxy.resume}. */
  stall(): void;
  /** Passes on what was held back, and what comes. */
  resume(): void;
  /**
   * Once: the next request that holds these bytes is passed on, and when the server begins to reply the connection is
   * cut; the reply is thrown away.
   */
  cutReplyTo(marker: string): void;
}

/** Listens on a free port and passes everything on to the target. */
export async function openTcpProxy(target: { readonly host: string; readonly port: number }): Promise<TcpProxy> {
  const connections = new Set<Socket>();
  let stalled = false;
  let marker: string | null = null;
  let server = await listen(0, accept);
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("no port");
  const { port } = address;

  function accept(client: Socket): void {
    const upstream = dial(target);
    let doomed = false;
    const cut = (): void => {
      client.destroy();
      upstream.destroy();
      connections.delete(client);
      connections.delete(upstream);
    };
    for (const socket of [client, upstream]) {
      connections.add(socket);
      socket.setNoDelay(true);
      socket.on("error", cut);
      socket.on("close", cut);
    }
    client.on("data", (chunk) => {
      if (marker !== null && chunk.includes(marker)) {
        marker = null;
        doomed = true;
      }
      upstream.write(chunk);
    });
    upstream.on("data", (chunk) => {
      if (doomed) cut();
      else client.write(chunk);
    });
    if (stalled) upstream.pause();
    upstreams.add(upstream);
    upstream.once("close", () => upstreams.delete(upstream));
  }
  const upstreams = new Set<Socket>();

  return {
    port,
    async close() {
      for (const socket of connections) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
    async open() {
      server = await listen(port, accept);
    },
    stall() {
      stalled = true;
      for (const upstream of upstreams) upstream.pause();
    },
    resume() {
      stalled = false;
      for (const upstream of upstreams) upstream.resume();
    },
    cutReplyTo(wanted) {
      marker = wanted;
    },
  };
}

async function listen(port: number, accept: (socket: Socket) => void): Promise<Server> {
  const server = createServer(accept);
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, "127.0.0.1", resolve);
  });
  return server;
}
