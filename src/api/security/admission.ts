import type { FastifyRequest, onRequestHookHandler } from "fastify";
import type { Caller } from "../../accounts/caller.ts";
import type { ProblemCode } from "../problems/catalogue.ts";
import { Problem } from "../problems/problem.ts";
import type { Access, Rule } from "./policy.ts";

/** The one place that decides by a route's rule whether a request goes on; what it is about is for `reach.ts`. */
export const admit: onRequestHookHandler = (request, _reply, done) => {
  const refused = refusalOf(request);
  return refused === null ? done() : done(refused);
};

function refusalOf({ routeOptions, authenticationFailure, caller }: FastifyRequest): Problem | null {
  const { rule } = routeOptions.config;
  // A route without a rule can't be: building the API fails. If it could, it would be closed.
  if (rule === undefined) return new Problem("forbidden");
  if (rule.who === "public") return null;
  if (authenticationFailure !== null) return new Problem(authenticationFailure);
  if (caller === null) return rule.who === "anybody" ? null : new Problem("token-missing");
  const refused = refusedTo(caller, rule.who);
  if (refused !== null) return new Problem(refused);
  return hasScope(caller, rule) ? null : new Problem("scope-missing", { members: { scope: rule.key } });
}

function refusedTo({ guest, roles }: Caller, who: Access): ProblemCode | null {
  if (typeof who === "object") return who.some((role) => roles.includes(role)) ? null : "forbidden";
  return who === "registered" && guest ? "account-required" : null;
}

const hasScope = ({ apiKey }: Caller, { key }: Rule): boolean =>
  apiKey === null || (key !== null && apiKey.scopes.includes(key));
