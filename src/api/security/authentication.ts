import type { FastifyRequest, onRequestHookHandler } from "fastify";
import type { Authenticate, Authentication, AuthenticationFailure } from "../../accounts/authenticate.ts";

declare module "fastify" {
  interface FastifyRequest {
    /** Why the token that came is of no use; null when it is good, or there is none. */
    authenticationFailure: AuthenticationFailure | null;
  }
}

/**
 * Finds out who calls, before rate limits, which count by account, and admission, which refuses. It refuses nobody
 * itself, so that those who try tokens out are limited too. Nearly always it is done without waiting.
 */
export const authenticateBy =
  (authenticate: Authenticate): onRequestHookHandler =>
  (request, _reply, done) => {
    const { rule } = request.routeOptions.config;
    const { authorization } = request.headers;
    if (authorization === undefined || rule === undefined || rule.who === "public") return done();
    const authentication = authenticate(authorization);
    if (!(authentication instanceof Promise)) {
      settle(request, authentication);
      return done();
    }
    authentication.then((settled) => {
      settle(request, settled);
      done();
    }, done);
  };

function settle(request: FastifyRequest, authentication: Authentication): void {
  if (typeof authentication === "string") request.authenticationFailure = authentication;
  else request.caller = authentication;
}
