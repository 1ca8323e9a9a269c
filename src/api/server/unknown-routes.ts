import type { FastifyReply, FastifyRequest, RouteOptions } from "fastify";
import type { Api } from "../conventions/route-config.ts";
import { Problem } from "../problems/problem.ts";

/**
 * 405 with `Allow` for an address that takes other methods, 404 for one that there isn't; after `limitRates`, whose limit holds for
 * them too.
 */
export function answerUnknownRoutes(api: Api): void {
  const routes: { readonly pattern: RegExp; readonly methods: readonly string[] }[] = [];
  api.addHook("onRoute", (route: RouteOptions) => {
    routes.push({ pattern: patternOf(route.url), methods: [route.method].flat() });
  });

  const preHandler = api.hasDecorator("rateLimit") ? [api.rateLimit()] : [];
  api.setNotFoundHandler({ preHandler }, (request: FastifyRequest, reply: FastifyReply) => {
    const [path = ""] = request.url.split("?", 1);
    const allowed = new Set(routes.filter(({ pattern }) => pattern.test(path)).flatMap(({ methods }) => methods));
    if (allowed.size === 0 || allowed.has(request.method)) throw new Problem("not-found");
    reply.header("allow", [...allowed].join(", "));
    throw new Problem("method-not-allowed");
  });
}

/** `/events/:eventId` as an expression; `*` is the rest of a path. */
const patternOf = (url: string): RegExp =>
  new RegExp(
    `^${url
      .replace(/[.+^${}()|[\]\\]/g, "\\$&")
      .replaceAll("*", ".*")
      .replace(/:\w+/g, "[^/]+")}$`,
  );
