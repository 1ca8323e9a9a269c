import type { RouteOptions } from "fastify";
import { z } from "zod";
import type { Api } from "./route-config.ts";

/** What a route without a body or query takes: nothing; unknown fields are refused there too. */
const nothing = z.strictObject({});
const noBody = nothing.optional();

/** JSON and nothing else; the text is kept, because an `Idempotency-Key` covers the bytes that came. */
export function parseBodies(api: Api): void {
  const parse = api.getDefaultJsonParser("error", "error");
  api.removeAllContentTypeParsers();
  api.addContentTypeParser("application/json", { parseAs: "string" }, (request, text, done) => {
    request.rawBody = text as string;
    if (text.length === 0)
      done(null, undefined); // many clients send the header with every POST
    else parse(request, text as string, done);
  });
}

/** Has the route refuse a body or a query that it has no schema for. */
export function refuseUnknownInput(route: RouteOptions): void {
  const schema = route.schema ?? {};
  schema.querystring ??= nothing;
  if (route.method !== "GET" && route.method !== "HEAD") schema.body ??= noBody;
  route.schema = schema;
}
