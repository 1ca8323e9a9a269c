import type { Readable } from "node:stream";
import { text } from "node:stream/consumers";
import type { InjectOptions } from "fastify";
import type { Api } from "../../../src/api/conventions/route-config.ts";
import type { AnyReply } from "../contract/replies.ts";
import type { Request } from "./asking.ts";

/** Longer than what a request may wait for: a payment 3 s, read models 2 s. */
const ANSWER_WITHIN_MS = 20_000;

/** Sends a request past the network. Of a stream only the beginning is read. */
export async function send(inject: Api["inject"], request: Request): Promise<AnyReply> {
  const { method, url, headers, payload, remoteAddress } = request;
  const options = {
    method,
    url,
    headers,
    remoteAddress,
    payloadAsStream: true,
    ...(payload !== undefined && { payload }),
  };
  const answer = Promise.withResolvers<never>();
  const timer = setTimeout(() => answer.reject(new Error("no answer")), ANSWER_WITHIN_MS);
  try {
    return await Promise.race([reply(inject, options as InjectOptions), answer.promise]);
  } finally {
    clearTimeout(timer);
  }
}

async function reply(inject: Api["inject"], options: InjectOptions): Promise<AnyReply> {
  const got = await inject(options);
  const { statusCode, headers } = got;
  const stream: Readable = got.stream();
  if (String(headers["content-type"]).startsWith("text/event-stream")) {
    stream.on("error", () => {});
    stream.destroy();
    return { statusCode, headers, body: "" };
  }
  return { statusCode, headers, body: await text(stream) };
}
