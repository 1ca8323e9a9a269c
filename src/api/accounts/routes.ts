import { z } from "zod";
import type { Account, Accounts } from "../../accounts/accounts.ts";
import { decodeCursor, pageOf } from "../../projections/cursor.ts";
import { callerOf } from "../conventions/commands.ts";
import { listOf } from "../conventions/lists.ts";
import type { RoutePlugin } from "../conventions/route-config.ts";
import { Problem, refusal } from "../problems/problem.ts";
import { account, accountPath, accountsQuery, newRoles, profileChanges, registration } from "./schemas.ts";

const tags = ["Accounts"];
const adminTags = ["Administration"];

/** Accounts: making one, one's own, and what administrators do with others'. */
export const accountRoutes =
  (accounts: Accounts): RoutePlugin =>
  (api) => {
    api.route({
      method: "POST",
      url: "/accounts",
      schema: {
        tags,
        summary: "Make an account; of a guest, with the guest's token",
        body: registration,
        response: { 201: account },
      },
      config: { problems: ["email-taken", "busy"] },
      handler: async ({ body, caller }, reply) => {
        const registered = await accounts.register(body, caller?.guest ? caller.accountId : undefined);
        if ("accepted" in registered) throw refusal(registered);
        reply.code(201).header("location", "/accounts/me");
        return published(registered);
      },
    });

    api.route({
      method: "GET",
      url: "/accounts/me",
      schema: { tags, summary: "One's own account", response: { 200: account } },
      config: { etag: true, problems: ["account-not-found"] },
      handler: async (request) => found(await accounts.find(callerOf(request).accountId)),
    });

    api.route({
      method: "PATCH",
      url: "/accounts/me",
      schema: { tags, summary: "Change one's name", body: profileChanges, response: { 200: account } },
      config: { problems: ["account-not-found"] },
      handler: async (request) => found(await accounts.rename(callerOf(request).accountId, request.body.name)),
    });

    api.route({
      method: "DELETE",
      url: "/accounts/me",
      schema: { tags, summary: "Erase the person; bookings stay under the id", response: { 204: z.undefined() } },
      handler: async (request, reply) => {
        await accounts.erase(callerOf(request).accountId);
        reply.code(204);
      },
    });

    api.route({
      method: "GET",
      url: "/accounts",
      schema: {
        tags: adminTags,
        summary: "All accounts, guests too, newest first",
        querystring: accountsQuery,
        response: { 200: listOf(account) },
      },
      handler: async ({ query: { q = null, role = null, limit, cursor } }) => {
        const after = cursor === undefined ? null : decodeCursor(cursor).id;
        const found = await accounts.list({ q, role, after, limit });
        const cursorOf = ({ createdAt, accountId }: Account) => ({ createdAtMs: Date.parse(createdAt), id: accountId });
        const { items, next } = pageOf(found, limit, cursorOf);
        return { items: items.map(published), next };
      },
    });

    api.route({
      method: "GET",
      url: "/accounts/:accountId",
      schema: {
        tags: adminTags,
        summary: "An account, by the id that bookings and events carry",
        params: accountPath,
        response: { 200: account },
      },
      config: { etag: true, problems: ["account-not-found"] },
      handler: async ({ params }) => found(await accounts.find(params.accountId)),
    });

    api.route({
      method: "PUT",
      url: "/accounts/:accountId/roles",
      schema: {
        tags: adminTags,
        summary: "Replace the roles",
        params: accountPath,
        body: newRoles,
        response: { 200: account },
      },
      config: { problems: ["account-not-found"] },
      handler: async ({ params, body }) => found(await accounts.setRoles(params.accountId, body.roles)),
    });

    for (const [action, suspended] of [
      ["suspend", true],
      ["unsuspend", false],
    ] as const) {
      api.route({
        method: "POST",
        url: `/accounts/:accountId/${action}`,
        schema: {
          tags: adminTags,
          summary: suspended ? "Lock out" : "Let in again",
          params: accountPath,
          response: { 200: account },
        },
        config: { problems: ["account-not-found"] },
        handler: async ({ params }) => found(await accounts.setSuspended(params.accountId, suspended)),
      });
    }
  };

function found(account: Account | null) {
  if (account === null) throw new Problem("account-not-found");
  return published(account);
}

const published = (account: Account) => ({ ...account, roles: [...account.roles] });
