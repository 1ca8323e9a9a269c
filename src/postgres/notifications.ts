import { setTimeout as sleep } from "node:timers/promises";
import type { Pool, PoolClient } from "pg";

export interface HearingOptions {
  /** Takes one connection of it for good. Not a replica: those don't pass notifications on. */
  readonly pool: Pool;
  readonly channel: string;
  readonly log: { warn(details: object, message: string): void };
  readonly onNotification: (payload: string) => void;
  /** Each time that it hears again: what was said before then was missed. It hears once this has resolved. */
  readonly onListening: () => Promise<void> | void;
  /** Each time that a connection is lost, or could not be made to hear: what is said from now on is missed. */
  readonly onLost?: () => void;
  /** Each time that the connection was seen to be alive; what was said before that was heard. */
  readonly onAlive?: () => void;
}

const RECONNECT_MS = 500;
/** A connection that died without a word is noticed after this, and as long again for the answer that doesn't come. */
const HEARTBEAT_MS = 1_000;
const ANSWER_WITHIN_MS = 2_000;

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
  const over = new AbortController();
  const ended = Promise.withResolvers<void>();
  ended.promise.catch(() => undefined);
  const onStop = () => ended.resolve();
  client.on("error", ended.reject);
  client.on("end", () => ended.reject(new Error("the connection was closed")));
  client.on("notification", ({ payload }) => options.onNotification(payload ?? ""));
  stop.addEventListener("abort", onStop);
  try {
    if (stop.aborted) return;
    await client.query(answered(`listen ${options.channel}`));
    await options.onListening();
    seeThatItLives(client, options, over.signal).catch(ended.reject);
    await ended.promise;
  } finally {
    stop.removeEventListener("abort", onStop);
    over.abort();
    client.release(true);
    options.onLost?.();
  }
}

async function seeThatItLives(client: PoolClient, { onAlive }: HearingOptions, over: AbortSignal): Promise<void> {
  for (;;) {
    await sleep(HEARTBEAT_MS, undefined, { signal: over, ref: false }).catch(() => undefined);
    if (over.aborted) return;
    await client.query(answered("select 1"));
    onAlive?.();
  }
}

/** node-postgres takes a time for each query, which its types don't know of. */
const answered = (text: string) => ({ text, query_timeout: ANSWER_WITHIN_MS });
