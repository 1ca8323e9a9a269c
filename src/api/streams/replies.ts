import type { Writable } from "node:stream";
import type { FastifyReply, FastifyRequest } from "fastify";
import { z } from "zod";
import { comeBackAfter } from "./event-text.ts";
import { leaveHttp } from "./leave-http.ts";

const EVENT_STREAM = "text/event-stream";

/** Headers that a stream has its own of. */
const STREAMED = ["content-type", "cache-control"];

/** Those whose connection was lost come back after this and up to three times this: not all in the same second. */
const COME_BACK_MS = 1_000;

/** For `schema.response[200]` of a route that streams. */
export const eventStream = (example: string) => ({
  description: "Server-sent events, until one side ends it",
  content: { [EVENT_STREAM]: { schema: z.string().meta({ examples: [example] }) } },
});

/** The revision that `Last-Event-ID` tells; null without one, or with one that was not given here. */
export function lastEventId({ headers }: Pick<FastifyRequest, "headers">): number | null {
  const text = String(headers["last-event-id"] ?? "");
  return /^\d{1,15}$/.test(text) ? Number(text) : null;
}

/** Takes the connection out of fastify's hands and writes the head, with the headers that the reply has by now. */
export function beginStream(reply: Pick<FastifyReply, "hijack" | "raw" | "getHeaders">): Writable {
  const given = Object.entries(reply.getHeaders()).flatMap(([name, value]) => {
    return value === undefined || STREAMED.includes(name) ? [] : [name, String(value)];
  });
  reply.hijack();
  const connection = leaveHttp(reply.raw, 200, [
    ...given,
    ...["content-type", `${EVENT_STREAM}; charset=utf-8`],
    ...["cache-control", "no-store, no-transform"], // compressing proxies would hold back what is small
    ...["x-accel-buffering", "no"], // nginx would, too
  ]);
  connection.write(comeBackAfter(COME_BACK_MS * (1 + 2 * Math.random())));
  return connection;
}
