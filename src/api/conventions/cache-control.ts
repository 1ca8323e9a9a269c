import type { FastifyRequest, onRequestHookHandler, RouteOptions } from "fastify";

/**
 * What caches between us and the reader may do with public things:
 *
 * - for a second nobody asks again: a crowd of any size costs a CDN's node one request a second and event;
 * - in the second after it the old answer is given once more while the new one is fetched, so that nobody waits for it;
 *   counts are thus at most 2 s old, and whoever buys is told the truth by the purchase;
 * - while we give errors, or can't be reached, the last answer is given on for an hour, as we would do ourselves.
 */
export const SHARED_EVENT = "public, max-age=1, stale-while-revalidate=1, stale-if-error=3600";

/** What is found changes slowly, and finding costs more. */
export const SHARED_SEARCH = "public, max-age=3, stale-while-revalidate=10, stale-if-error=3600";

/** A cache must not give what is public to whoever is known, or asked for a position, since they may be told other things. */
const VARY = "Authorization, Boxoffice-Min-Position";

/** Only what these helpers need of a reply, so that it takes replies of every route's own type. */
interface HeaderReply {
  header(name: string, value: string): unknown;
  getHeader(name: string): unknown;
}

/** Lets caches share this answer, unless it was asked for by somebody, or with a position. */
export function shareWithCaches({ headers }: Pick<FastifyRequest, "headers">, reply: HeaderReply, how: string): void {
  const other = reply.getHeader("vary");
  reply.header("vary", typeof other === "string" && other !== "" ? `${other}, ${VARY}` : VARY);
  if (headers.authorization === undefined && headers["boxoffice-min-position"] === undefined) {
    reply.header("cache-control", how);
  }
}

/**
 * What no cache is allowed unless its route says otherwise: nothing is stored of what is about persons, and errors are
 * not either, since what is missing now may be there in a moment. A browser may keep single resources to ask whether they
 * have changed (`ETag`).
 */
export function keepFromCaches({ config, method }: Pick<RouteOptions, "config" | "method">): onRequestHookHandler {
  const isRead = [method].flat().every((one) => one === "GET" || one === "HEAD");
  const isResource = isRead && config?.etag === true;
  const scope = config?.rule?.who === "public" ? "" : "private, ";
  const value = `${scope}${isResource ? "no-cache" : "no-store"}`;
  return (_request, reply, done) => {
    reply.header("cache-control", value);
    done();
  };
}
