import { setTimeout as sleep } from "node:timers/promises";
import type { Pool, PoolClient } from "pg";

export interface HearingOptions {
  /** Takes one connection of it for good. Not a replica: those don't pass notifications on. */
  readonly pool: Pool;
  readonly channel: string;
  readonly log: { warn(details: object, message: string): void };
  readonly onNotification: (payload: string) => void;
  /** Each time that it hears again: what was said before then was missed. */
  readonly onListening: () => void;
}

const RECONNECT_MS = 500;

/** Hears what is notified on a channel, and connects again for as long as it takes when the connection breaks. */
export function hearNotifications(options: HearingOptions): { close(): Promise<void> } {
  const stop = new AbortController();
  const stopped = hear(options, stop.signal);
  return {
    close() {
      stop.abort();
      return stopped;
    },
  };
}

async function hear(options: HearingOptions, stop: AbortSignal): Promise<void> {
  while (!stop.aborted) {
    try {
      await hearOn(await options.pool.connect(), options, stop);
    } catch (error) {
      if (stop.aborted) return;
      options.log.warn({ err: error, channel: options.channel }, "notifications are missed until the next connection");
      await sleep(RECONNECT_MS, undefined, { signal: stop }).catch(() => undefined);
    }
  }
}

/** Returns when stopped, throws when the connection breaks. */
async function hearOn(client: PoolClient, options: HearingOptions, stop: AbortSignal): Promise<void> {
  const ended = Promise.withResolvers<void>();
  ended.promise.catch(() => undefined);
  const onStop = () => ended.resolve();
  client.on("error", ended.reject);
  client.on("end", () => ended.reject(new Error("the connection was closed")));
  client.on("notification", ({ payload }) => options.onNotification(payload ?? ""));
  stop.addEventListener("abort", onStop);
  try {
    if (stop.aborted) return;
    await client.query(`listen ${options.channel}`);
    options.onListening();
    await ended.promise;
  } finally {
    stop.removeEventListener("abort", onStop);
    client.release(true);
  }
}
