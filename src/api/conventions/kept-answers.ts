import type { FastifyReply, FastifyRequest } from "fastify";
import { shareWithCaches } from "./cache-control.ts";
import { tagOf } from "./etag.ts";

/** A reply as far as these helpers need it, so that they take replies of every route's own type. */
export type KeptReply = Pick<FastifyReply, "header" | "getHeader"> & {
  serialize(view: never): unknown;
  send(text: never): unknown;
};

interface KeptAnswer {
  readonly body: string;
  readonly tag: string;
}

/** Below this nobody needs to be told that what he reads is not the newest. */
const TOLD_FROM_MS = 1_000;

/**
 * Answers made once for each value and given as often as it is asked for: JSON and `ETag` live as long as the value.
 * @param viewOf what is answered, which the route's schema describes
 * @param how `Cache-Control` for who asks without a token
 */
export function keptAnswers<Value extends { readonly event: object; readonly staleForMs: number }>(
  viewOf: (value: Value) => unknown,
  how: string,
): (request: FastifyRequest, reply: KeptReply, value: Value) => void {
  const answers = new WeakMap<object, KeptAnswer>();
  return (request, reply, value) => {
    let answer = answers.get(value.event);
    if (answer === undefined) {
      const body = String(reply.serialize(viewOf(value) as never));
      answer = { body, tag: tagOf(body) };
      answers.set(value.event, answer);
    }
    if (value.staleForMs >= TOLD_FROM_MS) reply.header("boxoffice-stale", String(Math.floor(value.staleForMs / 1_000)));
    shareWithCaches(request, reply, how);
    reply.header("etag", answer.tag);
    reply.header("content-type", "application/json; charset=utf-8");
    reply.send(answer.body as never);
  };
}
