import { setTimeout as pause } from "node:timers/promises";
import { createHttpClient, type HttpCall, type HttpClient, type HttpReply } from "../http-client.ts";

/** Longer than any recovery takes: who gets no answer for so long never will. */
const PATIENCE_MS = 300_000;
const FIRST_PAUSE_MS = 20;
const LONGEST_PAUSE_MS = 500;

/** Asks an installation whose nodes come and go, with the same key, until there is an answer that says something. */
export class Asking {
  /** Requests whose answer was lost, or that were told to come again. */
  lost = 0;
  readonly #clients: readonly HttpClient[];
  #turn = 0;

  constructor(ports: readonly number[], connections: number) {
    this.#clients = ports.map((port) => createHttpClient(port, connections));
  }

  /**
   * @returns anything but 500 and 503
   * @throws Error there was no such answer for five minutes
   */
  async until(method: "GET" | "POST" | "PUT" | "DELETE", path: string, call: HttpCall = {}): Promise<HttpReply> {
    const sinceMs = performance.now();
    this.#turn += 1;
    for (let attempt = 0; ; attempt += 1) {
      const client = this.#clients[(this.#turn + attempt) % this.#clients.length] as HttpClient;
      const reply = await client.call(method, path, call).catch((error: Error) => error);
      if (!(reply instanceof Error) && reply.status !== 503 && reply.status !== 500) return reply;
      this.lost += 1;
      if (performance.now() - sinceMs > PATIENCE_MS) {
        const last = reply instanceof Error ? reply.message : `${reply.status} ${JSON.stringify(reply.body)}`;
        throw new Error(`${method} ${path}: no answer for ${PATIENCE_MS} ms, ${last} at last`);
      }
      if (!(reply instanceof Error) && reply.status === 500) this.failures.push(`${method} ${path}: 500`);
      await pause(Math.random() * Math.min(FIRST_PAUSE_MS * 2 ** attempt, LONGEST_PAUSE_MS));
    }
  }

  /** Answers of 500: a fault, however it ends. */
  readonly failures: string[] = [];

  close(): void {
    for (const client of this.#clients) client.close();
  }
}
