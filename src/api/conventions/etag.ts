import type { onSendHookHandler } from "fastify";
import { sha256 } from "../../eventstore/envelope.ts";

/** Long enough that two versions of a resource don't share it. */
const TAG_LENGTH = 22;

/** The `ETag` of a text. */
export const tagOf = (text: string): string => `"${sha256(text).slice(0, TAG_LENGTH)}"`;

/**
 * For routes with `config.etag`: a 200 carries the hash of what it says as `ETag`, unless the route has set one that it
 * has kept, and 304 is given to those who have it already (RFC 9110: `If-None-Match` compares weakly, and `*` matches
 * whatever is there).
 */
export const tagResources: onSendHookHandler<unknown> = (request, reply, payload, done) => {
  if (reply.statusCode !== 200 || typeof payload !== "string") return done(null, payload);
  const kept = reply.getHeader("etag");
  const tag = typeof kept === "string" ? kept : tagOf(payload);
  if (kept === undefined) reply.header("etag", tag);
  if (!isKnown(request.headers["if-none-match"], tag)) return done(null, payload);
  reply.code(304).removeHeader("content-type").removeHeader("content-length");
  done(null, request.method === "HEAD" ? payload : null); // of HEAD fastify takes the body away, and wants one for that
};

function isKnown(header: string | undefined, tag: string): boolean {
  if (header === undefined) return false;
  if (header.trim() === "*") return true;
  return header.split(",").some((one) => one.trim().replace(/^W\//, "") === tag);
}
