import Ajv2020Module, { type ValidateFunction } from "ajv/dist/2020.js";
import addFormatsModule from "ajv-formats";
import { replyCheckerOf } from "./contract/replies.ts";
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
  /** One of them has to be the caller's. */
  readonly "x-roles"?: readonly string[];
}

export interface Parameter {
  readonly name: string;
  readonly in: "path" | "query" | "header";
  readonly required?: boolean;
  readonly schema: JsonSchema;
}

export interface Response {
  readonly description: string;
  readonly content?: Readonly<Record<string, Content>>;
  readonly headers?: Readonly<Record<string, { readonly required?: boolean; readonly schema?: JsonSchema }>>;
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
  readonly allOf?: readonly JsonSchema[];
  readonly oneOf?: readonly JsonSchema[];
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
  const ajv = new Ajv2020Module.default({ strict: false, allErrors: true, validateSchema: false });
  addFormatsModule.default(ajv);
  ajv.addSchema({ components: document.components }, "document");
  const compiled = new Map<string, ValidateFunction>();
  return (schema, value) => {
    const text = JSON.stringify(schema).replaceAll('"#/components/', '"document#/components/');
    const validate = compiled.get(text) ?? ajv.compile(JSON.parse(text));
    compiled.set(text, validate);
    return validate(value) ? null : ajv.errorsText(validate.errors);
  };
}

/**
 * Says what is wrong with a reply by the document, or null.
 * @param path as the document has it, e.g. `/events/{eventId}`
 */
export function replyChecker(document: OpenApi): (method: Method, path: string, reply: Reply) => string | null {
  const check = replyCheckerOf(document);
  return (method, path, reply) => {
    const operation = document.paths[path]?.[method.toLowerCase()];
    return operation === undefined ? "no such operation" : check.ofOperation({ method, path, operation }, reply);
  };
}
