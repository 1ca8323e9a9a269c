import type { IncomingMessage, ServerResponse } from "node:http";
import type { InjectOptions, LightMyRequestResponse } from "fastify";
import type { Api } from "../../../src/api/conventions/route-config.ts";
import type { Policy } from "../../../src/api/security/policy.ts";
import type { OpenApi } from "../openapi-document.ts";
import { finderOf } from "./finding.ts";
import { type AnyReply, replyCheckerOf } from "./replies.ts";

/** What an API's document says of its replies. */
export interface Contract {
  /** Says how a reply breaks it, or null. */
  brokenBy(method: string, url: string, reply: AnyReply): string | null;
}

/** A reply is not as the document has it. */
export class ContractBroken extends Error {
  override readonly name = "ContractBroken";
}

/** What is told to those who ask for nothing that there is. */
const NOT_THERE: ReadonlySet<number> = new Set([400, 404, 405, 408, 413, 415, 429, 431, 500, 503]);

/** @param isPage whether a request is for one of the pages, about which the document says nothing */
export function contractOf(document: OpenApi, isPage: (method: string, url: string) => boolean): Contract {
  const find = finderOf(document);
  const check = replyCheckerOf(document);
  return {
    brokenBy(method, url, reply) {
      const found = find(method, url);
      if (found !== null) return check.ofOperation(found, reply);
      if (isPage(method, url) && reply.statusCode < 400) return null;
      if (method === "OPTIONS" && reply.statusCode === 204) return null; // browsers ask so what they may send
      if (!NOT_THERE.has(reply.statusCode))
        return `${reply.statusCode}, and there is no such operation in the document`;
      return method === "HEAD" ? null : check.ofNothing(reply);
    },
  };
}

/** Whether a request is for a route that is in the policy and not in the document: a page for people. */
export function pagesOf(policy: Policy, document: OpenApi): (method: string, url: string) => boolean {
  const pages = Object.keys(policy).filter((row) => {
    const [method = "", url = ""] = row.split(" ");
    return document.paths[url.replace(/:(\w+)/g, "{$1}")]?.[method.toLowerCase()] === undefined;
  });
  const patterns = pages.map((row) => new RegExp(`^${row.replace("/*", "(/.*)?").replace(/:\w+/g, "[^/?]*")}(\\?|$)`));
  return (method, url) => patterns.some((pattern) => pattern.test(`${method === "HEAD" ? "GET" : method} ${url}`));
}

/** From now on every reply of an API, to `inject` or over a socket, is held against the API's own OpenAPI document. */
export interface Keeping {
  /** `inject` as it was: for specs of how an API answers that breaks its own contract. */
  readonly unchecked: Api["inject"];
  /** @throws ContractBroken a reply over a socket was not as the document has it */
  check(): void;
}

/**
 * `inject` then fails with {@link ContractBroken}, so that a spec fails at the call; what went over a socket nobody can be
 * told of at once, and `check` is for the end.
 */
export function keepContract(api: Api, policy: Policy): Keeping {
  const broken: string[] = [];
  let contract: Contract | undefined;
  const complaint = (method: string, url: string, reply: AnyReply): string | null => {
    if (contract === undefined) {
      const document = JSON.parse(JSON.stringify(api.swagger())) as OpenApi;
      contract = contractOf(document, pagesOf(policy, document));
    }
    const wrong = contract.brokenBy(method, url, reply);
    return wrong === null ? null : `${method} ${url}: ${wrong}\n${reply.statusCode} ${reply.body.slice(0, 2_000)}`;
  };

  const inject = api.inject.bind(api) as (options: InjectOptions) => Promise<LightMyRequestResponse>;
  const checked = async (options: InjectOptions): Promise<LightMyRequestResponse> => {
    const reply = await inject(options);
    const wrong = complaint(options.method ?? "GET", String(options.url), reply);
    if (wrong !== null) throw new ContractBroken(wrong);
    return reply;
  };
  api.inject = checked as Api["inject"];

  api.server.prependListener("request", (request: IncomingMessage, response: ServerResponse) => {
    const { method = "", url = "" } = request;
    watch(response, (reply) => {
      const wrong = complaint(method, url, reply);
      if (wrong !== null) broken.push(wrong);
    });
  });

  return {
    unchecked: inject as Api["inject"],
    check() {
      if (broken.length > 0) throw new ContractBroken(broken.join("\n\n"));
    },
  };
}

/** Hands on what went out, once all of it has. */
function watch(response: ServerResponse, done: (reply: AnyReply) => void): void {
  const pieces: Buffer[] = [];
  let headers: Readonly<Record<string, unknown>> = {};
  const { writeHead, write, end } = response;
  const keep = (piece: unknown): void => {
    // A stream may go on for long, and nobody reads it here.
    if (String(headers["content-type"]).startsWith("text/event-stream")) return;
    if (typeof piece === "string" || piece instanceof Uint8Array) pieces.push(Buffer.from(piece as string));
  };
  // Headers that are given here alone, the response itself does not remember.
  response.writeHead = function (this: ServerResponse, ...args: unknown[]) {
    headers = { ...this.getHeaders(), ...fieldsOf(args.at(-1)) };
    return writeHead.apply(this, args as never);
  } as typeof writeHead;
  response.write = function (this: ServerResponse, ...args: unknown[]) {
    keep(args[0]);
    return write.apply(this, args as never);
  } as typeof write;
  response.end = function (this: ServerResponse, ...args: unknown[]) {
    keep(args[0]);
    return end.apply(this, args as never);
  } as typeof end;
  response.on("finish", () => {
    const body = Buffer.concat(pieces).toString("utf8");
    done({ statusCode: response.statusCode, headers: { ...response.getHeaders(), ...headers }, body });
  });
}

/** Headers as `writeHead` takes them: an object, or names and values by turns. */
function fieldsOf(given: unknown): Record<string, unknown> {
  if (typeof given !== "object" || given === null) return {};
  const pairs = Array.isArray(given)
    ? given.flatMap((name, i) => (i % 2 === 0 ? [[name, given[i + 1]] as const] : []))
    : Object.entries(given);
  return Object.fromEntries(pairs.map(([name, value]) => [String(name).toLowerCase(), value]));
}
