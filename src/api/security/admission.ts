import type { FastifyRequest, onRequestHookHandler } from "fastify";
import type { ProblemCode } from "../problems/catalogue.ts";
import { Problem } from "../problems/problem.ts";

/** The one place that decides by a route's `access` whether a request goes on. */
export const admit: onRequestHookHandler = (request, _reply, done) => {
  const refused = refusedAccess(request);
  return refused === null ? done() : done(new Problem(refused));
};

function refusedAccess(request: FastifyRequest): ProblemCode | null {
  const { access } = request.routeOptions.config;
  if (access === "public") return null;
  if (request.authenticationFailure !== null) return request.authenticationFailure;
  if (access === "anybody") return null;
  const { caller } = request;
  if (caller === null) return "token-missing";
  if (access === "account") return null;
  if (access === "registered") return caller.guest ? "account-required" : null;
  // A route without access can't be: building the API fails. If it could, it would be closed.
  return access?.some((role) => caller.roles.includes(role)) ? null : "forbidden";
}
