import Ajv2020Module, { type ValidateFunction } from "ajv/dist/2020.js";
import addFormatsModule from "ajv-formats";
import type { Method, NodeUnderTest, Reply } from "./events-node.ts";

/** The parts of an OpenAPI document that the specs look at. */
export interface OpenApi {
  readonly openapi: string;
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: { readonly schemas: Readonly<Record<string, JsonSchema>> };
}

export interface Operation {
  readonly parameters?: readonly Parameter[];
  readonly requestBody?: { readonly required?: boolean; readonly content: Readonly<Record<string, Content>> };
  readonly responses: Readonly<Record<string, Response>>;
  readonly security?: readonly object[];
}

export interface Parameter {
  readonly name: string;
  readonly in: "path" | "query" | "header";
  readonly required?: boolean;
  readonly schema: JsonSchema;
}

interface Response {
  readonly content?: Readonly<Record<string, Content>>;
  readonly headers?: Readonly<Record<string, object>>;
}

interface Content {
  readonly schema: JsonSchema;
  /** The only one. */
  readonly example?: unknown;
  readonly examples?: Readonly<Record<string, { readonly value: ProblemExample }>>;
}

interface ProblemExample {
  readonly code?: string;
  readonly errors?: readonly { readonly in: string; readonly path: string; readonly message: string }[];
}

/** What zod writes of JSON Schema. */
export interface JsonSchema {
  readonly $ref?: string;
  readonly type?: string;
  readonly anyOf?: readonly JsonSchema[];
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly required?: readonly string[];
  readonly items?: JsonSchema;
  readonly minItems?: number;
  readonly maxItems?: number;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly pattern?: string;
  readonly format?: string;
  readonly examples?: readonly unknown[];
}

export const documentOf = async (node: NodeUnderTest): Promise<OpenApi> =>
  (await node.call("GET", "/openapi.json")).json();

/** Every operation with its method and path, e.g. `GET /events/{eventId}`. */
export const operationsOf = (document: OpenApi): [string, Operation][] =>
  Object.entries(document.paths).flatMap(([path, operations]) =>
    Object.entries(operations).map(([method, operation]): [string, Operation] => [
      `${method.toUpperCase()} ${path}`,
      operation,
    ]),
  );

/** The codes of an operation's errors, by their examples. */
export const codesOf = ({ responses }: Operation): string[] =>
  Object.values(responses).flatMap(({ content }) => Object.keys(content?.["application/problem+json"]?.examples ?? {}));

/** Checks values against schemas of the document. */
export function validatorOf(document: OpenApi): (schema: JsonSchema, value: unknown) => string | null {
  // Both are CommonJS: what TypeScript calls the default is one level further down for Node.
  const ajv = new Ajv2020Module.default({ strict: false, allErrors: true });
  addFormatsModule.default(ajv);
  const compiled = new Map<JsonSchema, ValidateFunction>();
  return (schema, value) => {
    let validate = compiled.get(schema);
    if (validate === undefined) {
      validate = ajv.compile({ ...schema, components: document.components });
      compiled.set(schema, validate);
    }
    return validate(value) ? null : ajv.errorsText(validate.errors);
  };
}

/** Errors of HTTP itself, which the document does not list for each operation. */
const EVERYWHERE: Readonly<Record<string, number>> = { "not-found": 404, "method-not-allowed": 405 };

/** Headers that clients rely on, as replies spell them. */
const RELIED_ON = ["boxoffice-position", "etag", "idempotency-replayed", "location", "retry-after", "www-authenticate"];
/** In the document this is said of the replies to repetitions only. */
const ONLY_AT_TIMES = new Set(["idempotency-replayed"]);

/** Says which header a reply has that the document doesn't, or lacks that it has; null when there is none. */
function wrongHeader(documented: Response, { headers }: Reply): string | null {
  const said = new Set(Object.keys(documented.headers ?? {}).map((name) => name.toLowerCase()));
  for (const name of RELIED_ON) {
    if (headers[name] !== undefined && !said.has(name)) return `the header ${name} is not in the document`;
    if (said.has(name) && headers[name] === undefined && !ONLY_AT_TIMES.has(name))
      return `the header ${name} is missing`;
  }
  return null;
}

/**
 * Says what is wrong with a reply by the document, or null.
 * @param path as the document has it, e.g. `/events/{eventId}`
 */
export function replyChecker(document: OpenApi): (method: Method, path: string, reply: Reply) => string | null {
  const check = validatorOf(document);
  return (method, path, reply) => {
    const { statusCode: status, headers } = reply;
    const type = String(headers["content-type"] ?? "").split(";")[0] as string;
    const documented = document.paths[path]?.[method.toLowerCase()]?.responses[String(status)];
    if (status === 304 || status === 204) {
      if (documented === undefined) return `${status} is not in the document`;
      return reply.body === "" ? wrongHeader(documented, reply) : `${status} with a body`;
    }
    const problem = document.components.schemas.Problem as JsonSchema;
    const body = reply.json();
    if (type === "application/problem+json" && EVERYWHERE[body.code] === status) return check(problem, body);
    const content = documented?.content?.[type];
    if (documented === undefined || content === undefined) return `${status} ${type} is not in the document`;
    if (status >= 400 && content.examples?.[body.code] === undefined) return `${body.code} is not in the document`;
    return wrongHeader(documented, reply) ?? check(content.schema, body);
  };
}
