import type { FastifyRequest, onRequestHookHandler } from "fastify";
import type { Authenticate, Authentication, AuthenticationFailure } from "../../accounts/authenticate.ts";
import { Problem } from "../problems/problem.ts";

declare module "fastify" {
  interface FastifyRequest {
    /** Why the token that came is of no use; null when it is good, or there is none. */
    authenticationFailure: AuthenticationFailure | null;
    /** Why it can't be told who calls, on a read that everybody may do; null: it can. What is public is read all the same. */
    unknownCaller: Error | null;
  }
}

/** What everybody may read does not wait longer for who reads it. */
const PATIENCE_MS = 500;

/**
 * Finds out who calls, before rate limits, which count by account, and admission, which refuses. It refuses nobody
 * itself, so that those who try tokens out are limited too. Nearly always it is done without waiting.
 *
 * Reads that everybody may do go on while it can't be found out, because the database of accounts is away.
 */
export function authenticateBy(authenticate: Authenticate): onRequestHookHandler {
  /** Whether it took too long, or failed, the last time that it was waited for; then nobody waits until it works again. */
  let isAway = false;

  async function withPatience(asked: Promise<Authentication>): Promise<Authentication> {
    const works = () => {
      isAway = false;
    };
    asked.then(works, () => undefined);
    if (isAway) throw away();
    const tooLong = Promise.withResolvers<never>();
    const timer = setTimeout(() => tooLong.reject(away()), PATIENCE_MS);
    try {
      return await Promise.race([asked, tooLong.promise]);
    } catch (error) {
      isAway = true;
      throw error;
    } finally {
      clearTimeout(timer);
    }
  }

  return (request, _reply, done) => {
    const { authorization } = request.headers;
    if (authorization === undefined) return done();
    const { rule } = request.routeOptions.config;
    if (rule === undefined || rule.who === "public") return done();
    const authentication = authenticate(authorization);
    if (!(authentication instanceof Promise)) {
      settle(request, authentication);
      return done();
    }
    const goesOn = rule.who === "anybody" && request.method === "GET";
    (goesOn ? withPatience(authentication) : authentication).then(
      (settled) => {
        settle(request, settled);
        done();
      },
      (error: Error) => {
        if (!goesOn) return done(error);
        request.unknownCaller = error;
        done();
      },
    );
  };
}

const away = () => new Problem("unavailable", { retryAfterSeconds: 2 });

function settle(request: FastifyRequest, authentication: Authentication): void {
  if (typeof authentication === "string") request.authenticationFailure = authentication;
  else request.caller = authentication;
}
