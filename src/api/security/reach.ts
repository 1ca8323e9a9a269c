import type { FastifyRequest } from "fastify";
import type { Caller } from "../../accounts/caller.ts";
import { callerOf } from "../conventions/commands.ts";
import type { Reach } from "./policy.ts";

/** As what somebody reaches a thing: it is theirs, or it is somebody else's and they have a role for it. */
export type Standing = "own" | Reach["others"][number];

/**
 * As what the caller may do by this route to a thing of an account, by the policy; null: they may not. It is for the route
 * to say so as the policy has it.
 * @throws Error the policy says nothing of whose things the route is about
 */
export function reachOf(request: FastifyRequest, ownerId: string | null): Standing | null {
  const { rule, url } = { ...request.routeOptions.config, url: request.routeOptions.url };
  if (rule?.thing === undefined) throw new Error(`the policy does not say whose things ${url} is about`);
  return reach(rule.thing, callerOf(request), ownerId);
}

/** The same where one only needs to know whether. */
export const reaches = (request: FastifyRequest, ownerId: string): boolean => reachOf(request, ownerId) !== null;

const reach = ({ others }: Reach, { accountId, roles }: Caller, ownerId: string | null): Standing | null =>
  ownerId === accountId ? "own" : (others.find((role) => roles.includes(role)) ?? null);
