import type { SwaggerTransform } from "@fastify/swagger";
import type { FastifyContextConfig } from "fastify";
import { jsonSchemaTransform } from "fastify-type-provider-zod";
import { z } from "zod";
import { documentedProblems } from "../problems/of-route.ts";
import type { InputError } from "../problems/problem.ts";
import { headersTaken, type OperationTraits } from "./headers.ts";
import { wrongInput } from "./wrong-input.ts";

/** Where an operation's traits wait until the document is complete; see `document.ts`. */
export const TRAITS = "x-traits";

export interface Traits extends OperationTraits {
  /** For the example of a 400. */
  readonly wrongInput: InputError | null;
  /** It may come without the body that it takes. */
  readonly bodyIsOptional: boolean;
}

/** Too general for every operation's list of errors; the document says once that they exist. */
const EVERYWHERE = new Set(["not-found", "method-not-allowed", "request-timeout", "headers-too-large"]);

/**
 * One route as an OpenAPI operation: the zod schemas as JSON Schema, and what follows from `config`: who may call and the
 * headers it takes. Its errors and the headers it gives are added once all operations are known.
 */
export const operationOf: SwaggerTransform = (route) => {
  const config: FastifyContextConfig = route.route.config ?? {};
  const { schema, url } = jsonSchemaTransform(route);
  if (schema === undefined || schema.hide === true) return { schema, url };
  const codes = [...documentedProblems(route.route)].filter((code) => !EVERYWHERE.has(code));
  const { body } = route.schema ?? {};
  const bodyIsOptional = body instanceof z.ZodType && body.safeParse(undefined).success;
  const traits: Traits = { config, codes, wrongInput: wrongInput(route.schema ?? {}, config), bodyIsOptional };
  const headers = headersTaken(traits);
  return {
    url,
    schema: {
      ...withoutEmptyInput(schema),
      ...(headers === null ? {} : { headers }),
      security: securityOf(config),
      ...(config.rule?.who !== "public" && { "x-scope": config.rule?.key ?? null }),
      ...(typeof config.rule?.who === "object" && { "x-roles": config.rule.who }),
      response: schema.response ?? {},
      [TRAITS]: traits,
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

function securityOf({ rule }: FastifyContextConfig): Record<string, string[]>[] {
  if (rule?.who === "public") return [];
  return rule?.who === "anybody" ? [{}, { token: [] }] : [{ token: [] }];
}
