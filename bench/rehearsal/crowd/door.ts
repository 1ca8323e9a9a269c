import { setTimeout as pause } from "node:timers/promises";
import type { HttpCall, HttpClient, HttpMethod, HttpReply } from "../../../test/system/http-client.ts";
import { codeOf } from "../../../test/system/shop.ts";
import type { Asked, Latencies } from "./latencies.ts";

/** Where buyers ask: every answer is timed and counted, and what is to be asked again is asked again. */
export interface Door {
  /** @throws Error broken off; or {@link NoAnswer} */
  ask(asked: Asked, method: HttpMethod, path: string, call: HttpCall): Promise<HttpReply>;
  /** @throws Error broken off */
  rest(ms: number): Promise<void>;
}

/** Connections of those in the line, and of those who have been let in. */
export interface Doors {
  readonly line: HttpClient;
  readonly shop: HttpClient;
}

/** Nothing that could be used was answered, however often it was asked for. */
export class NoAnswer extends Error {
  override readonly name = "NoAnswer";
}

const TRIES = 20;
const PATIENCE_MS = 60_000;

/** @param signal breaks everything off */
export function openDoor({ line, shop }: Doors, latencies: Latencies, signal: AbortSignal): Door {
  const once = async (asked: Asked, method: HttpMethod, path: string, call: HttpCall): Promise<HttpReply | null> => {
    const client = asked === "enter" || asked === "place" ? line : shop;
    const atMs = Date.now();
    const begunMs = performance.now();
    const took = (outcome: string) => latencies.take(asked, atMs, performance.now() - begunMs, outcome);
    try {
      const reply = await client.call(method, path, { ...call, patienceMs: PATIENCE_MS });
      const code = reply.status >= 400 ? codeOf(reply) : null;
      took(code === null ? String(reply.status) : `${reply.status} ${code}`);
      return reply;
    } catch (error) {
      if (signal.aborted) throw signal.reason;
      took(`no answer (${error instanceof Error ? error.message : String(error)})`);
      return null;
    }
  };
  // Not by the signal: a hundred thousand who listen to one take turns at a list.
  const rest = async (ms: number): Promise<void> => {
    await pause(ms, undefined, { ref: false });
    signal.throwIfAborted();
  };
  return {
    rest,
    async ask(asked, method, path, call) {
      for (let tried = 1; tried <= TRIES; tried += 1) {
        signal.throwIfAborted();
        const reply = await once(asked, method, path, call);
        if (reply !== null && !isPassing(reply)) return reply;
        await rest(1_000 * Number(reply?.headers["retry-after"] ?? 1));
      }
      throw new NoAnswer(`${method} ${path}`);
    },
  };
}

/** It says itself that it should be asked again. */
const isPassing = ({ status }: HttpReply): boolean => status === 429 || status === 503;
