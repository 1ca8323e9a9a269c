import { once } from "node:events";
import { connect, type Socket } from "node:net";
import type { ApiUnderTest } from "../harness.ts";

/** Has a server listen on a free port of this machine. */
export async function listenOn({ api }: ApiUnderTest): Promise<number> {
  await api.listen({ host: "127.0.0.1", port: 0 });
  const address = api.server.address();
  return typeof address === "object" && address !== null ? address.port : 0;
}

export interface RawReply {
  readonly status: number;
  /** By their names in small letters. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** A connection over which bytes are sent as they are. */
export interface RawConnection {
  readonly socket: Socket;
  write(text: string): void;
  /** The next reply. @throws Error the connection ended before */
  reply(): Promise<RawReply>;
  /** Resolves when the server has ended it. */
  ended(): Promise<void>;
}

export async function openRaw(port: number): Promise<RawConnection> {
  const socket = connect({ port, host: "127.0.0.1", noDelay: true });
  await once(socket, "connect");
  let received = "";
  let over = false;
  let more = Promise.withResolvers<void>();
  const told = () => {
    more.resolve();
    more = Promise.withResolvers();
  };
  socket.on("error", () => {});
  socket.on("data", (chunk) => {
    received += chunk.toString("latin1");
    told();
  });
  const closed = once(socket, "close").then(() => {
    over = true;
    told();
  });
  return {
    socket,
    write: (text) => void socket.write(text, "latin1"),
    ended: () => closed,
    async reply() {
      for (;;) {
        const reply = replyIn(received);
        if (reply !== null) {
          received = received.slice(reply.length);
          return reply;
        }
        if (over) throw new Error(`the connection ended after ${JSON.stringify(received)}`);
        await more.promise;
      }
    },
  };
}

/** Replies with a length, which are all that are asked for here. */
function replyIn(text: string): (RawReply & { length: number }) | null {
  const end = text.indexOf("\r\n\r\n");
  if (end < 0) return null;
  const [first = "", ...lines] = text.slice(0, end).split("\r\n");
  const headers = Object.fromEntries(
    lines.map((line) => [line.slice(0, line.indexOf(":")).toLowerCase(), line.slice(line.indexOf(":") + 1).trim()]),
  );
  const length = end + 4 + Number(headers["content-length"] ?? 0);
  if (text.length < length) return null;
  return { status: Number(first.split(" ")[1]), headers, body: text.slice(end + 4, length), length };
}

/** A request as bytes. */
export function requestText(method: string, path: string, body = "", headers: Record<string, string> = {}): string {
  const lines = Object.entries({
    host: "x",
    ...(body !== "" && { "content-type": "application/json", "content-length": String(Buffer.byteLength(body)) }),
    ...headers,
  }).map(([name, value]) => `${name}: ${value}\r\n`);
  return `${method} ${path} HTTP/1.1\r\n${lines.join("")}\r\n${body}`;
}

/** Asks once, over a connection of its own. */
export async function askRaw(port: number, ...request: Parameters<typeof requestText>): Promise<RawReply> {
  const connection = await openRaw(port);
  connection.write(requestText(...request));
  const reply = await connection.reply();
  connection.socket.destroy();
  return reply;
}
