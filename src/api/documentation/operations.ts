import type { SwaggerTransform } from "@fastify/swagger";
import type { FastifyContextConfig } from "fastify";
import { jsonSchemaTransform } from "fastify-type-provider-zod";
import { documentedProblems } from "../problems/of-route.ts";

/** Where an operation's codes wait until the document is complete; see `document.ts`. */
export const CODES = "x-problem-codes";

/** Too general for every operation's list of errors; the document says once that they exist. */
const EVERYWHERE = new Set(["not-found", "method-not-allowed", "request-timeout", "headers-too-large"]);

/**
 * One route as an OpenAPI operation: the zod schemas as JSON Schema, and what follows from `config`: who may call, the
 * headers it takes and gives, and all of its errors.
 */
export const operationOf: SwaggerTransform = (route) => {
  const config: FastifyContextConfig = route.route.config ?? {};
  const { schema, url } = jsonSchemaTransform(route);
  if (schema === undefined || schema.hide === true) return { schema, url };
  const codes = [...documentedProblems(route.route)].filter((code) => !EVERYWHERE.has(code));
  const headers = headersTaken(config);
  return {
    url,
    schema: {
      ...withoutEmptyInput(schema),
      ...(headers === null ? {} : { headers }),
      security: securityOf(config),
      response: withHeaders((schema.response ?? {}) as Record<string, object>, config),
      [CODES]: codes,
    },
  };
};

/** Every route refuses what it has no schema for, and an empty body or query is nothing to document. */
function withoutEmptyInput<Schema extends { body?: unknown; querystring?: unknown }>(schema: Schema): Schema {
  const { body, querystring, ...rest } = schema;
  const kept = { ...(isEmpty(body) ? {} : { body }), ...(isEmpty(querystring) ? {} : { querystring }) };
  return { ...rest, ...kept } as Schema;
}

function isEmpty(schema: unknown): boolean {
  if (typeof schema !== "object" || schema === null) return true;
  return "properties" in schema && Object.keys(schema.properties as object).length === 0;
}

function securityOf({ access }: FastifyContextConfig): Record<string, string[]>[] {
  if (access === "public") return [];
  return access === "anybody" ? [{}, { token: [] }] : [{ token: [] }];
}

function headersTaken({ idempotent, minPosition, etag }: FastifyContextConfig): object | null {
  const properties = {
    ...(idempotent && {
      "Idempotency-Key": { type: "string", maxLength: 255, description: "Repeats with the same key have one effect" },
    }),
    ...(minPosition && {
      "Boxoffice-Min-Position": { type: "string", description: "Answer only from what includes this position" },
    }),
    ...(etag && { "If-None-Match": { type: "string", description: "An `ETag`: 304 when nothing has changed" } }),
  };
  return Object.keys(properties).length === 0 ? null : { type: "object", properties };
}

/** The headers of successes. */
function withHeaders(responses: Record<string, object>, config: FastifyContextConfig): Record<string, object> {
  const text = (description: string) => ({ type: "string", description });
  const headers = {
    "X-Request-Id": text("To be named when you ask for help"),
    ...(config.idempotent && {
      "Boxoffice-Position": text("Where in the log this is recorded"),
      "Idempotency-Replayed": text("`true` when this is the first answer again"),
    }),
    ...(config.etag && { ETag: text("For `If-None-Match`") }),
  };
  return Object.fromEntries(
    Object.entries(responses).map(([status, response]) => [
      status,
      Number(status) < 300 ? { ...response, headers } : response,
    ]),
  );
}
