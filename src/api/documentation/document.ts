import swagger from "@fastify/swagger";
import swaggerUi from "@fastify/swagger-ui";
import { jsonSchemaTransformObject } from "fastify-type-provider-zod";
import type { Api } from "../conventions/route-config.ts";
import type { ProblemCode } from "../problems/catalogue.ts";
import { CODES, operationOf } from "./operations.ts";
import { problemResponses, problemSchema } from "./problem-responses.ts";

const DESCRIPTION = `
Tickets that can't be oversold. Every error is \`application/problem+json\` with a stable \`code\`; \`/problems\` lists them.

To try it: get a token from \`POST /sessions/guest\` or \`POST /sessions\`, and put it under "Authorize".
`.trim();

/** `/openapi.json`, generated from the routes' schemas, and `/docs`, where every call can be tried, also offline. */
export async function documentApi(api: Api, publicUrl: string | null): Promise<void> {
  await api.register(swagger, {
    openapi: {
      openapi: "3.1.0",
      info: { title: "Boxoffice", version: "0.1.0", description: DESCRIPTION },
      ...(publicUrl === null ? {} : { servers: [{ url: publicUrl }] }),
      components: { securitySchemes: { token: { type: "http", scheme: "bearer", bearerFormat: "JWT" } } },
    },
    transform: operationOf,
    transformObject: (document) => withProblems(jsonSchemaTransformObject(document) as OpenApiDocument) as never,
  });

  let text: string | undefined;
  api.route({
    method: "GET",
    url: "/openapi.json",
    schema: { hide: true },
    config: { access: "public", etag: true },
    handler: (_request, reply) => {
      text ??= JSON.stringify(api.swagger());
      void reply.type("application/json; charset=utf-8").send(text);
    },
  });

  api.route({
    method: "GET",
    url: "/",
    schema: { hide: true },
    config: { access: "public" },
    handler: (_request, reply) => void reply.redirect("/docs"),
  });

  await api.register(async (docs) => {
    // The plugin's own routes can't say who may call them.
    docs.addHook("onRoute", (route) => {
      route.config = { ...route.config, access: "public" };
    });
    await docs.register(swaggerUi, {
      routePrefix: "/docs",
      uiConfig: { persistAuthorization: true, tryItOutEnabled: true, displayRequestDuration: true },
      staticCSP: true,
    });
  });
}

interface OpenApiDocument {
  readonly paths?: Record<string, Record<string, Operation>>;
  readonly components?: { readonly schemas?: Record<string, unknown> };
}

interface Operation {
  readonly responses?: Record<string, unknown>;
  readonly [CODES]?: readonly ProblemCode[];
}

/** Puts the errors of each operation beside its successes, with one schema for all of them. */
function withProblems(document: OpenApiDocument): OpenApiDocument {
  const paths = mapValues(document.paths ?? {}, (operations) =>
    mapValues(operations, ({ [CODES]: codes = [], ...operation }) => ({
      ...operation,
      responses: { ...problemResponses(codes), ...operation.responses },
    })),
  );
  const schemas = { ...document.components?.schemas, Problem: problemSchema };
  return { ...document, paths, components: { ...document.components, schemas } };
}

const mapValues = <From, To>(record: Record<string, From>, change: (value: From) => To): Record<string, To> =>
  Object.fromEntries(Object.entries(record).map(([key, value]) => [key, change(value)]));
