import { type ClientRequest, type IncomingMessage, request } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";

/** A server-sent event as it came. */
export interface Told {
  /** null: a message without a name. */
  readonly event: string | null;
  readonly id: string | null;
  readonly data: Record<string, unknown>;
}

/** One who listens to a stream over a connection of its own. */
export interface Listening {
  readonly status: number;
  readonly headers: IncomingMessage["headers"];
  /** All that was told so far. */
  readonly told: readonly Told[];
  /** How many comments came. */
  readonly comments: () => number;
  /** Resolves when something was told for which this holds. */
  until(holds: (told: Told) => boolean): Promise<Told>;
  /** Resolves when the server has ended it: whether in order. */
  readonly ended: Promise<boolean>;
  /** Takes nothing from the connection any more, until it is let. */
  pause(): void;
  resume(): void;
  close(): void;
}

export interface ListenOptions {
  readonly port: number;
  readonly path: string;
  readonly headers?: Record<string, string>;
}

const WITHIN_MS = 10_000;

/** Resolves when the head of the reply is there. */
export async function listenTo({ port, path, headers = {} }: ListenOptions): Promise<Listening> {
  const asked = request({ host: "127.0.0.1", port, path, headers, agent: false });
  const reply = await replyTo(asked);
  const told: Told[] = [];
  const ended = Promise.withResolvers<boolean>();
  let text = "";
  let comments = 0;
  reply.setEncoding("utf8").on("data", (some: string) => {
    text += some;
    const blocks = text.split("\n\n");
    text = blocks.pop() ?? "";
    for (const block of blocks) {
      if (block.startsWith(":")) comments += 1;
      else if (!block.startsWith("retry:")) told.push(parsed(block));
    }
  });
  reply.on("end", () => ended.resolve(true));
  reply.on("close", () => ended.resolve(false));
  reply.on("error", () => ended.resolve(false));
  return {
    status: reply.statusCode ?? 0,
    headers: reply.headers,
    told,
    comments: () => comments,
    async until(holds) {
      for (const startedMs = performance.now(); ; await sleep(5)) {
        const found = told.find(holds);
        if (found !== undefined) return found;
        if (performance.now() - startedMs > WITHIN_MS) throw new Error(`not told: ${JSON.stringify(told)}`);
      }
    },
    ended: ended.promise,
    pause: () => void reply.pause(),
    resume: () => void reply.resume(),
    close: () => asked.destroy(),
  };
}

function replyTo(asked: ClientRequest): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    asked.on("response", resolve);
    asked.on("error", reject);
    asked.end();
  });
}

function parsed(block: string): Told {
  const fields = new Map(block.split("\n").map((line) => line.split(/: (.*)/s) as [string, string]));
  return {
    event: fields.get("event") ?? null,
    id: fields.get("id") ?? null,
    data: JSON.parse(fields.get("data") ?? "{}"),
  };
}
