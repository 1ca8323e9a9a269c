import { createServer, connect as dial, type Server, type Socket } from "node:net";
import { Lane } from "./tcp-lane.ts";

/** A proxy on 127.0.0.1 in front of a TCP server, to break connections on purpose. */
export interface TcpProxy {
  readonly port: number;
  /** Cuts every connection and refuses new ones, until {@link TcpProxy.open}. */
  close(): Promise<void>;
  /** Listens again on the same port. */
  open(): Promise<void>;
  /** Cuts every connection there is; new ones can be made. */
  cut(): void;
  /**
   * Passes on no reply any more, on connections there are and to come, until {@link TcpProxy.resume}; of both ways not
   * even what is asked.
   */
  stall(ways?: "replies" | "both"): void;
  /** Passes on what was held back, and what comes. */
  resume(): void;
  /** From now on everything arrives so much later; 0: at once. */
  delay(ms: number): void;
  /**
   * Once: the next request that holds these bytes is passed on, and when the server begins to reply the connection is
   * cut; the reply is thrown away.
   */
  cutReplyTo(marker: string): void;
}

interface Connection {
  readonly asking: Lane;
  readonly replying: Lane;
  cut(): void;
}

/** Listens on a free port and passes everything on to the target. */
export async function openTcpProxy(target: { readonly host: string; readonly port: number }): Promise<TcpProxy> {
  const connections = new Set<Connection>();
  const held = { asking: false, replying: false };
  let delayMs = 0;
  let marker: string | null = null;
  let server = await listen(0, accept);
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("no port");
  const { port } = address;

  function accept(client: Socket): void {
    const upstream = dial({ ...target, allowHalfOpen: true });
    let doomed = false;
    const asking = new Lane(client, upstream, (chunk) => {
      if (marker === null || !chunk.includes(marker)) return;
      marker = null;
      doomed = true;
    });
    const replying = new Lane(upstream, client, () => {
      if (doomed) connection.cut();
    });
    const connection: Connection = {
      asking,
      replying,
      cut() {
        connections.delete(connection);
        asking.drop();
        replying.drop();
        client.destroy();
        upstream.destroy();
      },
    };
    connections.add(connection);
    for (const socket of [client, upstream]) {
      socket.setNoDelay(true);
      socket.on("error", connection.cut);
    }
    const gone = () => client.closed && upstream.closed && connections.delete(connection);
    client.on("close", gone);
    upstream.on("close", gone);
    follow(connection);
  }

  function follow({ asking, replying }: Connection): void {
    asking.delayMs = delayMs;
    replying.delayMs = delayMs;
    asking.hold(held.asking);
    replying.hold(held.replying);
  }
  const followAll = () => {
    for (const connection of connections) follow(connection);
  };
  const cut = () => {
    for (const connection of [...connections]) connection.cut();
  };

  return {
    port,
    cut,
    async close() {
      cut();
      await new Promise((resolve) => server.close(resolve));
    },
    async open() {
      server = await listen(port, accept);
    },
    stall(ways = "replies") {
      held.replying = true;
      held.asking = ways === "both";
      followAll();
    },
    resume() {
      held.replying = false;
      held.asking = false;
      followAll();
    },
    delay(ms) {
      delayMs = ms;
      followAll();
    },
    cutReplyTo(wanted) {
      marker = wanted;
    },
  };
}

async function listen(port: number, accept: (socket: Socket) => void): Promise<Server> {
  const server = createServer({ allowHalfOpen: true }, accept);
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, "127.0.0.1", resolve);
  });
  return server;
}
