import { once } from "node:events";
import { createServer, type Socket } from "node:net";

/**
 * Speaks as much of Redis's protocol as rate limits need, and fails as it is told: real ones can't be made to hang.
 *
 * - `answers`: counts as the script would
 * - `hangs`: takes commands and says nothing
 * - `errs`: answers every command with an error
 */
export type Manner = "answers" | "hangs" | "errs";

export interface RedisStandIn {
  readonly url: string;
  behave(manner: Manner): void;
  /** Cuts every connection; new ones are taken. */
  cut(): void;
  /** Connections that are open. */
  readonly connections: number;
  /** Counts that were asked for. */
  readonly asked: number;
  close(): Promise<void>;
}

export async function startRedisStandIn(): Promise<RedisStandIn> {
  const counts = new Map<string, number>();
  const sockets = new Set<Socket>();
  let manner: Manner = "answers";
  let asked = 0;

  function reply([command = "", ...args]: readonly string[]): string {
    if (command.toUpperCase() === "SCRIPT") return "$4\r\nsha1\r\n";
    if (command.toUpperCase() !== "EVALSHA") return "+OK\r\n";
    asked += 1;
    const [, , key = "", windowMs] = args;
    counts.set(key, (counts.get(key) ?? 0) + 1);
    return `*2\r\n:${counts.get(key)}\r\n:${windowMs}\r\n`;
  }

  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on("close", () => sockets.delete(socket));
    socket.on("error", () => {});
    let text = "";
    socket.on("data", (chunk) => {
      text += chunk.toString("latin1");
      for (let next = commandIn(text); next !== null; next = commandIn(text)) {
        text = text.slice(next.length);
        if (manner !== "hangs") socket.write(manner === "errs" ? "-ERR out of order\r\n" : reply(next.words));
      }
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  const cut = () => {
    for (const socket of sockets) socket.destroy();
  };
  return {
    url: `redis://127.0.0.1:${port}`,
    behave(next) {
      manner = next;
    },
    cut,
    get connections() {
      return sockets.size;
    },
    get asked() {
      return asked;
    },
    async close() {
      cut();
      server.close();
      await once(server, "close");
    },
  };
}

/** The first command of a stream of `*2\r\n$3\r\nGET\r\n$1\r\na\r\n`, if all of it is there. */
function commandIn(text: string): { words: string[]; length: number } | null {
  const head = /^\*(\d+)\r\n/.exec(text);
  if (head === null) return null;
  let at = head[0].length;
  const words: string[] = [];
  for (let word = 0; word < Number(head[1]); word += 1) {
    const size = /^\$(\d+)\r\n/.exec(text.slice(at));
    if (size === null) return null;
    const from = at + size[0].length;
    const to = from + Number(size[1]);
    if (text.length < to + 2) return null;
    words.push(text.slice(from, to));
    at = to + 2;
  }
  return { words, length: at };
}
