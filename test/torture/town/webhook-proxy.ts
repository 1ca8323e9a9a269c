import { Agent, createServer, type IncomingHttpHeaders, request } from "node:http";
import type { AddressInfo } from "node:net";
import { setTimeout as pause } from "node:timers/promises";
import type { Chance } from "../../model/chance.ts";

/** How a network that somebody else runs delivers: late, in another order, and more than once. */
export interface Unruly {
  readonly chance: Chance;
  /** Of messages that come again, so much later at most. */
  readonly repeat: number;
  readonly repeatWithinMs: number;
  /** Of messages that others overtake, by so much at most. */
  readonly holdBack: number;
  readonly holdBackMs: number;
}

/** Stands before a node where the payment provider posts to it. */
export interface WebhookProxy {
  readonly url: string;
  /** Messages that were held back or sent again. */
  readonly meddled: number;
  /** null: everything goes on as it comes. */
  setUnruly(unruly: Unruly | null): void;
  close(): Promise<void>;
}

const MOST_BYTES = 1024 * 1024;

export async function openWebhookProxy(target: { readonly port: number }): Promise<WebhookProxy> {
  const agent = new Agent({ keepAlive: false });
  let unruly: Unruly | null = null;
  let meddled = 0;

  const server = createServer(async (asked, reply) => {
    const chunks: Buffer[] = [];
    let bytes = 0;
    try {
      for await (const chunk of asked as AsyncIterable<Buffer>) {
        bytes += chunk.length;
        if (bytes > MOST_BYTES) return void asked.destroy();
        chunks.push(chunk);
      }
    } catch {
      return; // whoever sent it is gone
    }
    const body = Buffer.concat(chunks);
    const pass = () => post(asked.url ?? "/", asked.headers, body);
    const now = unruly;
    if (now?.chance.is(now.holdBack)) {
      meddled += 1;
      await pause(now.chance.below(now.holdBackMs));
    }
    const status = await pass();
    if (status === null) reply.destroy();
    else reply.writeHead(status).end();
    if (!now?.chance.is(now.repeat)) return;
    meddled += 1;
    await pause(now.chance.below(now.repeatWithinMs), undefined, { ref: false });
    await pass();
  });

  /** @returns null: nobody there */
  function post(path: string, headers: IncomingHttpHeaders, body: Buffer): Promise<number | null> {
    return new Promise((resolve) => {
      const asking = request(
        { agent, host: "127.0.0.1", port: target.port, method: "POST", path, headers, timeout: 10_000 },
        (answer) => {
          answer.resume().once("end", () => resolve(answer.statusCode ?? 500));
          answer.once("error", () => resolve(null));
        },
      );
      asking.on("timeout", () => asking.destroy());
      asking.on("error", () => resolve(null));
      asking.end(body);
    });
  }

  await new Promise<void>((listening, failed) => {
    server.once("error", failed).listen(0, "127.0.0.1", listening);
  });
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    get meddled() {
      return meddled;
    },
    setUnruly(to) {
      unruly = to;
    },
    async close() {
      server.closeAllConnections();
      await new Promise((closed) => server.close(closed));
    },
  };
}
