import { z } from "zod";
import type { ApiKey, ApiKeys } from "../../accounts/api-keys.ts";
import { SCOPES } from "../../accounts/scopes.ts";
import { decodeCursor, pageOf } from "../../projections/cursor.ts";
import { callerOf } from "../conventions/commands.ts";
import { id, idParam, text, time } from "../conventions/fields.ts";
import { listOf, listQuery } from "../conventions/lists.ts";
import type { RoutePlugin } from "../conventions/route-config.ts";
import { Problem, refusal } from "../problems/problem.ts";

const tags = ["API keys"];
const keyPath = z.strictObject({ keyId: idParam("api-key-not-found") });
const scopes = z.array(z.enum(SCOPES)).min(1).max(SCOPES.length);

const newKey = z
  .strictObject({ name: text(1, 100), scopes })
  .meta({ examples: [{ name: "Till at the door", scopes: ["read", "sell"] }] });

const shown = {
  keyId: id,
  name: z.string(),
  scopes,
  hint: z.string().meta({ description: "The key's last characters" }),
  createdAt: time,
  lastUsedAt: time.nullable().meta({ description: "To within half a minute; null: never" }),
};
const apiKey = z.strictObject(shown).meta({ id: "ApiKey" });
const madeKey = z
  .strictObject({
    ...shown,
    key: z.string().meta({ description: "For `Authorization: Bearer`; shown here and never again" }),
  })
  .meta({ id: "NewApiKey" });

/** Keys that servers act with for an account. */
export const keyRoutes =
  (keys: ApiKeys): RoutePlugin =>
  (api) => {
    api.route({
      method: "POST",
      url: "/api-keys",
      schema: {
        tags,
        summary: "Make a key for a server; it is shown once",
        description:
          "`read`: look at what the account may look at. `sell`: hold, buy and cancel tickets, and wait for them. `manage`: " +
          "events, refunds by the organizer, operations. `x-scope` of an operation says which one it takes.",
        body: newKey,
        response: { 201: madeKey },
      },
      config: { problems: ["too-many-api-keys", "account-not-found"], located: true },
      handler: async (request, reply) => {
        const made = await keys.make(callerOf(request).accountId, request.body);
        if ("accepted" in made) throw refusal(made);
        reply.code(201).header("location", `/api-keys/${made.keyId}`);
        return { ...published(made), key: made.key };
      },
    });

    api.route({
      method: "GET",
      url: "/api-keys",
      schema: {
        tags,
        summary: "One's own keys, newest first",
        querystring: z.strictObject(listQuery),
        response: { 200: listOf(apiKey) },
      },
      handler: async (request) => {
        const { limit, cursor } = request.query;
        const after = cursor === undefined ? null : decodeCursor(cursor).id;
        const found = await keys.list(callerOf(request).accountId, { after, limit });
        const cursorOf = ({ createdAt, keyId }: ApiKey) => ({ createdAtMs: Date.parse(createdAt), id: keyId });
        const { items, next } = pageOf(found, limit, cursorOf);
        return { items: items.map(published), next };
      },
    });

    api.route({
      method: "GET",
      url: "/api-keys/:keyId",
      schema: { tags, summary: "One of one's own keys", params: keyPath, response: { 200: apiKey } },
      config: { problems: ["api-key-not-found"], etag: true },
      handler: async (request) => {
        const found = await keys.find(callerOf(request).accountId, request.params.keyId);
        if (found === null) throw new Problem("api-key-not-found");
        return published(found);
      },
    });

    api.route({
      method: "DELETE",
      url: "/api-keys/:keyId",
      schema: { tags, summary: "Revoke a key, at once", params: keyPath, response: { 204: z.undefined() } },
      config: { problems: ["api-key-not-found"] },
      handler: async (request, reply) => {
        const revoked = await keys.revoke(callerOf(request).accountId, request.params.keyId);
        if (!revoked) throw new Problem("api-key-not-found");
        reply.code(204);
      },
    });
  };

const published = ({ keyId, name, scopes, hint, createdAt, lastUsedAt }: ApiKey) => ({
  keyId,
  name,
  scopes: [...scopes],
  hint,
  createdAt,
  lastUsedAt,
});
