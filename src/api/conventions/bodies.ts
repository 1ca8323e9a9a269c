import { isUtf8 } from "node:buffer";
import type { RouteOptions } from "fastify";
import { z } from "zod";
import { invalid } from "../problems/problem.ts";
import type { Api } from "./route-config.ts";

/** What a route without a body or query takes: nothing; unknown fields are refused there too. */
const nothing = z.strictObject({});
const noBody = nothing.optional();

/**
 * JSON and nothing else; the text is kept, because an `Idempotency-Key` covers the bytes that came. Fastify's own parser
 * looks for `__proto__` too, for 0.8 µs: here every body goes through a strict schema, which refuses it as unknown. JSON is
 * UTF-8 (RFC 8259, 8.1): other bytes are refused rather than replaced, since nobody wrote U+FFFD into their name.
 */
export function parseBodies(api: Api): void {
  api.removeAllContentTypeParsers();
  api.addContentTypeParser("application/json", { parseAs: "buffer" }, (request, bytes, done) => {
    if (!isUtf8(bytes as Buffer)) return done(invalid("body", "/", "is not valid UTF-8"), undefined);
    const text = bytes.toString();
    request.rawBody = text;
    if (text.length === 0) return done(null, undefined); // many clients send the header with every POST
    let body: unknown;
    try {
      body = JSON.parse(text);
    } catch {
      return done(invalid("body", "/", "is not valid JSON"), undefined);
    }
    done(null, body);
  });
}

/** Has the route refuse a body or a query that it has no schema for. */
export function refuseUnknownInput(route: RouteOptions): void {
  const schema = route.schema ?? {};
  schema.querystring ??= nothing;
  if (route.method !== "GET" && route.method !== "HEAD") schema.body ??= noBody;
  route.schema = schema;
}
