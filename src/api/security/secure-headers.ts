import helmet from "@fastify/helmet";
import type { Api, RoutePlugin } from "../conventions/route-config.ts";

const YEAR_SECONDS = 31_536_000;

/**
 * What browsers are told with every reply, for when somebody opens one as a page: it is what it says it is, it may do
 * nothing, and no page may show it inside of itself. helmet on every reply would make a bare GET three times as dear; what
 * it says besides is about pages, see {@link asPages}.
 */
export function secureReplies(api: Api, publicUrl: string | null): void {
  const headers = {
    "x-content-type-options": "nosniff",
    "content-security-policy": "default-src 'none'; frame-ancestors 'none'",
    ...(isHttps(publicUrl) && { "strict-transport-security": `max-age=${YEAR_SECONDS}` }),
  };
  api.addHook("onRequest", (_request, reply, done) => {
    reply.headers(headers);
    done();
  });
}

/** Problem pages have a style of their own, links, and nothing else. */
const PAGE_POLICY = {
  "default-src": ["'none'"],
  "style-src": ["'unsafe-inline'"],
  "base-uri": ["'none'"],
  "form-action": ["'none'"],
  "frame-ancestors": ["'none'"],
};

/** Of the docs: all of it is our own, and calls can be tried at the public address too. */
export function docsPolicy(publicUrl: string | null): string {
  const tried = publicUrl === null ? "'self'" : `'self' ${new URL(publicUrl).origin}`;
  const own = "default-src 'self'; base-uri 'self'; object-src 'none'; form-action 'self'; frame-ancestors 'none'";
  return `${own}; img-src 'self' data:; style-src 'self' 'unsafe-inline'; connect-src ${tried}`;
}

/** Routes that answer pages: with all that helmet has to say. A page that needs more says its own policy. */
export const asPages =
  (publicUrl: string | null, routes: RoutePlugin) =>
  async (pages: Api): Promise<void> => {
    pages.addHook("onRequest", (_request, reply, done) => {
      reply.removeHeader("content-security-policy"); // that of replies; the page gets another
      done();
    });
    await pages.register(helmet, {
      contentSecurityPolicy: { useDefaults: false, directives: PAGE_POLICY },
      strictTransportSecurity: isHttps(publicUrl) && { maxAge: YEAR_SECONDS, includeSubDomains: false },
      frameguard: { action: "deny" },
    });
    await routes(pages);
  };

const isHttps = (publicUrl: string | null): boolean => publicUrl?.startsWith("https:") ?? false;
