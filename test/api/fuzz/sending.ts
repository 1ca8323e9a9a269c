import type { Readable } from "node:stream";
import type { InjectOptions } from "fastify";
import type { Api } from "../../../src/api/conventions/route-config.ts";
import type { AnyReply } from "../contract/replies.ts";
import type { Request } from "./asking.ts";

/** Longer than what a request may wait for: a payment 3 s, read models 2 s. What is long has to go on within it. */
const ANSWER_WITHIN_MS = 20_000;

/** Sends a request past the network. Of a stream of events only the beginning is read. */
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
    return await Promise.race([reply(inject, options as InjectOptions, () => timer.refresh()), answer.promise]);
  } finally {
    clearTimeout(timer);
  }
}

async function reply(inject: Api["inject"], options: InjectOptions, onPiece: () => void): Promise<AnyReply> {
  const got = await inject(options);
  const { statusCode, headers } = got;
  const stream: Readable = got.stream();
  if (String(headers["content-type"]).startsWith("text/event-stream")) {
    stream.on("error", () => {});
    stream.destroy();
    return { statusCode, headers, body: "" };
  }
  const pieces: Buffer[] = [];
  for await (const piece of stream) {
    pieces.push(piece as Buffer);
    onPiece();
  }
  return { statusCode, headers, body: Buffer.concat(pieces).toString() };
}
