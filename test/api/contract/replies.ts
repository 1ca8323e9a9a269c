import Ajv2020Module, { type ValidateFunction } from "ajv/dist/2020.js";
import addFormatsModule from "ajv-formats";
import type { JsonSchema, OpenApi, Response } from "../openapi-document.ts";
import type { Found } from "./finding.ts";

/** A reply, however it came. */
export interface AnyReply {
  readonly statusCode: number;
  readonly headers: Readonly<Record<string, unknown>>;
  readonly body: string;
}

/** Each says what is wrong with a reply by the document, or null. */
export interface ReplyChecker {
  ofOperation(found: Found, reply: AnyReply): string | null;
  /** An error that comes before it is known what was asked for. */
  ofNothing(reply: AnyReply): string | null;
}

const PROBLEM = "application/problem+json";
const ANY_PROBLEM = "/components/schemas/Problem";

/** Errors of HTTP itself, which the document does not list for each operation. */
const EVERYWHERE: Readonly<Record<string, number>> = {
  "not-found": 404,
  "method-not-allowed": 405,
  "request-timeout": 408,
  "headers-too-large": 431,
};

/** What HTTP, caches and browsers are told, which is the same for every operation; clients of the API need none of it. */
const OF_HTTP = new Set([
  ...["allow", "cache-control", "connection", "content-disposition", "content-length", "content-type", "date"],
  ...[
    "keep-alive",
    "origin-agent-cluster",
    "referrer-policy",
    "strict-transport-security",
    "transfer-encoding",
    "vary",
  ],
  "x-accel-buffering", // asks proxies to pass streams on as they come
]);
const OF_BROWSERS =
  /^(access-control-|content-security-policy|cross-origin-|x-(content-type|dns|download|frame|perm|xss))/;

/** Streams have no end that could be waited for, and their lines are described in words. */
const UNREAD = new Set(["text/event-stream", "application/x-ndjson"]);

export function replyCheckerOf(document: OpenApi): ReplyChecker {
  const validate = validatorsOf(document);

  function wrongBody(at: string, documented: Response, reply: AnyReply): string | null {
    const type = typeOf(reply);
    const content = documented.content?.[type];
    if (content === undefined) return `${reply.statusCode} as ${type || "nothing"} is not in the document`;
    if (UNREAD.has(type)) return null;
    const body = type.endsWith("json") ? parsed(reply.body) : reply.body;
    if (body === undefined) return "the body is not JSON";
    if (type !== PROBLEM) return validate.at(`${at}/content/${step(type)}/schema`, body);
    // What its schema says, without compiling hundreds that are alike.
    if (content.examples?.[body.code] === undefined) return `${body.code} is not in the document`;
    return validate.at(ANY_PROBLEM, body);
  }

  function wrongHeader(documented: Response, { headers }: AnyReply): string | null {
    const said = Object.entries(documented.headers ?? {});
    for (const [name, { required = false, schema = {} }] of said) {
      const value = headers[name.toLowerCase()];
      if (value === undefined && required) return `the header ${name} is missing`;
      if (value === undefined) continue;
      const wrong = validate.by(schema, schema.type === "integer" ? Number(value) : String(value));
      if (wrong !== null) return `the header ${name}: ${wrong}`;
    }
    const known = new Set(said.map(([name]) => name.toLowerCase()));
    const unknown = Object.keys(headers).find(
      (name) => !known.has(name) && !OF_HTTP.has(name) && !OF_BROWSERS.test(name) && headers[name] !== undefined,
    );
    return unknown === undefined ? null : `the header ${unknown} is not in the document`;
  }

  function ofNothing(reply: AnyReply): string | null {
    if (typeOf(reply) !== PROBLEM) return `${reply.statusCode} as ${typeOf(reply) || "nothing"}`;
    return validate.at(ANY_PROBLEM, parsed(reply.body));
  }

  function ofOperation({ method, path, operation }: Found, reply: AnyReply): string | null {
    const { statusCode: status } = reply;
    const isHead = method === "HEAD";
    if (typeOf(reply) === PROBLEM) {
      if (isHead && Object.values(EVERYWHERE).includes(status)) return null; // without a body there is no code
      if (EVERYWHERE[parsed(reply.body)?.code] === status) return ofNothing(reply);
    }
    const documented = operation.responses[String(status)];
    if (documented === undefined) return `${status} is not in the document`;
    const at = `/paths/${step(path)}/${isHead ? "get" : method.toLowerCase()}/responses/${status}`;
    const bare = isHead || status === 204 || status === 304;
    if (bare && reply.body !== "") return `${status} to ${method} with a body`;
    return (bare ? null : wrongBody(at, documented, reply)) ?? wrongHeader(documented, reply);
  }

  return { ofOperation, ofNothing };
}

const typeOf = ({ headers }: AnyReply): string => String(headers["content-type"] ?? "").split(";", 1)[0] as string;

// biome-ignore lint/suspicious/noExplicitAny: any JSON
function parsed(text: string): any {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** A step of a JSON pointer in the fragment of a URI. */
const step = (name: string): string => encodeURIComponent(name.replaceAll("~", "~0").replaceAll("/", "~1"));

interface Validators {
  /** By the schema at a JSON pointer into the document. */
  at(pointer: string, value: unknown): string | null;
  /** By a small schema, of which there are few. */
  by(schema: JsonSchema, value: unknown): string | null;
}

/** Each schema is compiled when it is first needed: a document has 500, and all of them would take 3 s. */
function validatorsOf(document: OpenApi): Validators {
  // Both are CommonJS: what TypeScript calls the default is one level further down for Node. Whether the document is a
  // valid one has a spec of its own, and is not asked again in every file of specs.
  const ajv = new Ajv2020Module.default({ strict: false, validateSchema: false });
  addFormatsModule.default(ajv);
  ajv.addSchema(document, "document");
  const compiled = new Map<string, ValidateFunction>();
  const run = (key: string, compile: () => ValidateFunction | undefined, value: unknown): string | null => {
    let validate = compiled.get(key);
    if (validate === undefined) {
      validate = compile();
      if (validate === undefined) throw new Error(`the document has no schema at ${key}`);
      compiled.set(key, validate);
    }
    return validate(value) ? null : ajv.errorsText(validate.errors, { dataVar: "it" });
  };
  return {
    at: (pointer, value) => run(pointer, () => ajv.getSchema(`document#${pointer}`), value),
    by: (schema, value) => run(JSON.stringify(schema), () => ajv.compile(schema), value),
  };
}
