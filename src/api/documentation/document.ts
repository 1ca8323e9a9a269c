import swagger from "@fastify/swagger";
import swaggerUi from "@fastify/swagger-ui";
import { jsonSchemaTransformObject } from "fastify-type-provider-zod";
import type { Api } from "../conventions/route-config.ts";
import { asPages, docsPolicy } from "../security/secure-headers.ts";
import { componentsOnce } from "./components.ts";
import { headersOfAnswer, notModified } from "./headers.ts";
import { operationOf, TRAITS, type Traits } from "./operations.ts";
import { type DocumentedResponse, problemResponses, problemSchema } from "./problem-responses.ts";
import recorded from "./recorded-replies.json" with { type: "json" };

const JSON_TYPE = "application/json";

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
    transformObject: (document) => completed(jsonSchemaTransformObject(document) as OpenApiDocument) as never,
  });

  let text: string | undefined;
  api.route({
    method: "GET",
    url: "/openapi.json",
    schema: { hide: true },
    config: { etag: true },
    handler: (_request, reply) => {
      text ??= JSON.stringify(api.swagger());
      void reply.type("application/json; charset=utf-8").send(text);
    },
  });

  api.route({
    method: "GET",
    url: "/",
    schema: { hide: true },
    handler: (_request, reply) => void reply.redirect("/docs"),
  });

  const page = {
    routePrefix: "/docs",
    uiConfig: { persistAuthorization: true, tryItOutEnabled: true, displayRequestDuration: true },
    staticCSP: docsPolicy(publicUrl),
  };
  await api.register(asPages(publicUrl, async (pages) => void (await pages.register(swaggerUi, page))));
}

interface OpenApiDocument {
  readonly paths?: Paths;
  readonly components?: { readonly schemas?: Readonly<Record<string, unknown>> };
}

interface Schema {
  readonly $ref?: string;
  readonly anyOf?: readonly Schema[];
}

type Paths = Readonly<Record<string, Readonly<Record<string, Operation>>>>;
type Responses = Readonly<Record<string, DocumentedResponse>>;

interface Operation {
  readonly requestBody?: object;
  readonly responses?: Responses;
  readonly [TRAITS]?: Traits;
}

/** Puts what follows from the traits of each operation into it, and every component into its place once. */
function completed(document: OpenApiDocument): OpenApiDocument {
  const readable = whatIsRead(document.paths ?? {});
  const { paths, schemas } = componentsOnce({
    paths: mapValues(document.paths ?? {}, (operations, path) =>
      mapValues(operations, ({ [TRAITS]: traits, ...operation }, method) =>
        traits === undefined
          ? operation
          : completedOperation(operation, traits, readable, repliesOf(`${method.toUpperCase()} ${path}`)),
      ),
    ),
    schemas: { ...document.components?.schemas, Problem: problemSchema },
  });
  return { ...document, paths, components: { ...document.components, schemas } };
}

function completedOperation(
  operation: Omit<Operation, typeof TRAITS>,
  traits: Traits,
  readable: ReadonlySet<string>,
  replies: Replies,
): Operation {
  const { requestBody, responses = {} } = operation;
  return {
    ...operation,
    ...(requestBody !== undefined && { requestBody: { ...requestBody, required: !traits.bodyIsOptional } }),
    responses: allResponses(responses, traits, readable, replies),
  };
}

/** What the generator says of a reply that nobody has described. */
const UNTOLD = "Default Response";
const WHAT_IT_MEANS: Readonly<Record<string, string>> = {
  200: "It is done, or this is it",
  201: "It is made",
  202: "It is taken up; this is how far it has come",
  204: "It is done, and there is nothing to say",
  503: "Not now",
};

/** Of these a client is told where what it made is read; 202: as far as it has come. */
const MAKING: ReadonlySet<string> = new Set(["201", "202"]);

function allResponses(said: Responses, traits: Traits, readable: ReadonlySet<string>, replies: Replies): Responses {
  const withHeaders = Object.entries(said).map(([status, response]): [string, DocumentedResponse] => {
    const isLocated = traits.config.located === true || readable.has(componentOf(response) ?? "");
    const made = MAKING.has(status) && isLocated;
    const { description } = response;
    const told = description === UNTOLD ? (WHAT_IT_MEANS[status] ?? "The answer") : description;
    const headers = headersOfAnswer(traits, made);
    return [status, { ...withExample(response, replies[status]), description: told, headers }];
  });
  return {
    ...problemResponses(traits, traits.wrongInput),
    ...Object.fromEntries(withHeaders),
    ...(traits.config.etag === true && { 304: notModified(traits) }),
  };
}

/** Bodies of successes, by their status. */
type Replies = Readonly<Record<string, unknown>>;

/** What `npm run examples` has recorded of an operation. */
const repliesOf = (route: string): Replies => (recorded as Readonly<Record<string, Replies>>)[route] ?? {};

function withExample(response: DocumentedResponse, example: unknown): DocumentedResponse {
  const json = response.content?.[JSON_TYPE];
  if (json === undefined || example === undefined) return response;
  return { ...response, content: { ...response.content, [JSON_TYPE]: { ...json, example } } };
}

/** The components that some GET answers: what makes one of them says by `Location` where. */
function whatIsRead(paths: Paths): ReadonlySet<string> {
  const read = Object.values(paths).map(({ get }) => componentOf(get?.responses?.[200]));
  return new Set(read.filter((name) => name !== undefined));
}

/** What it answers; of several shapes, the first. */
function componentOf(response: DocumentedResponse | undefined): string | undefined {
  const { $ref, anyOf } = (response?.content?.[JSON_TYPE]?.schema ?? {}) as Schema;
  return $ref ?? anyOf?.[0]?.$ref;
}

const mapValues = <From, To>(
  record: Readonly<Record<string, From>>,
  change: (value: From, key: string) => To,
): Record<string, To> => Object.fromEntries(Object.entries(record).map(([key, value]) => [key, change(value, key)]));
