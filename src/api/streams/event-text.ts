/** What is sent to a listener, made once for all of them. */
export interface Version {
  /** Grows; the `id` that a listener tells by `Last-Event-ID` when it comes back. */
  readonly revision: number;
  readonly bytes: Buffer;
  /** The same for a listener that has an earlier revision; null: it gets `bytes`. Absent: so do all. */
  since?(revision: number): Buffer | null;
}

/** A version as server-sent events have it (WHATWG HTML, 9.2). JSON has no line breaks, so that it is one `data` line. */
export function versionOf(revision: number, data: unknown): Version {
  return { revision, bytes: Buffer.from(`id: ${revision}\ndata: ${JSON.stringify(data)}\n\n`) };
}

/** The last that a listener is told: there will be nothing new. Those that listen again get 204, which ends it. */
export const lastWords = (data: unknown): Buffer => Buffer.from(`event: end\ndata: ${JSON.stringify(data)}\n\n`);

/** Nothing, said to keep the connection open; proxies end those that are silent for a minute. */
export const HEARTBEAT = Buffer.from(": \n\n");

/** How long a listener that lost its connection shall wait before it listens again, in milliseconds. */
export const comeBackAfter = (ms: number): string => `retry: ${Math.round(ms)}\n\n`;
