import { timingSafeEqual } from "node:crypto";
import { once } from "node:events";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { ZodError } from "zod";
import type { Log } from "../../ports.ts";
import { INSTANCE_HEADER } from "./address.ts";
import type { Route } from "./calls.ts";
import type { Faults } from "./faults.ts";
import { TooManyWrites } from "./group-commit.ts";

const MAX_BODY_BYTES = 16 * 1024;
const MAX_CONNECTIONS = 2_000;
/** What is under way may take so long to be answered at the end. */
const GRACE_MS = 2_000;
/** Nodes end idle connections before that, so that none is closed under a request. */
const KEEP_ALIVE_MS = 120_000;

export interface HttpServer {
  readonly server: Server;
  /** Answers what is under way, takes no more. */
  close(): Promise<void>;
}

export interface HttpParts {
  readonly routes: ReadonlyMap<string, Route>;
  readonly apiToken: string;
  readonly instance: string;
  readonly faults: Faults;
  readonly log: Log;
}

/**
 * The provider's API. Plain node:http: at 2,000 calls a second beside everything else every layer costs.
 *
 * `GET /watch` is answered by a head and then nothing: nodes see by its end that this process is gone.
 */
export function httpServer({ routes, apiToken, instance, faults, log }: HttpParts): HttpServer {
  const watchers = new Set<ServerResponse>();
  const server = createServer({ keepAliveTimeout: KEEP_ALIVE_MS }, (request, response) => {
    answer(request, response).catch((error: unknown) => {
      if (response.headersSent || response.destroyed) return;
      send(response, statusOf(error), { code: codeOf(error) });
      if (statusOf(error) === 500) log.error({ err: error }, "a call failed");
    });
  });
  server.maxConnections = MAX_CONNECTIONS;

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { key, attemptId, query } = taken(request);
    if (key === "GET /watch") {
      watchers.add(response);
      response.on("close", () => watchers.delete(response));
      return response.writeHead(200, { [INSTANCE_HEADER]: instance }).flushHeaders();
    }
    const text = await bodyOf(request);
    const route = routes.get(key);
    if (route === undefined) return send(response, 404, { code: "no-such-route" });
    if (route.open !== true && !isToken(request.headers.authorization, apiToken)) {
      return send(response, 401, { code: "wrong-token" });
    }
    if (route.faulty === true && (await faults.before())) return send(response, 500, { code: "injected" });
    const { status, body } = await route.run({ attemptId, query, body: text === "" ? undefined : JSON.parse(text) });
    if (route.faulty === true && faults.answerLost()) response.destroy();
    else send(response, status, body);
  }

  return {
    server,
    async close() {
      if (!server.listening) return;
      const closed = once(server, "close");
      server.close();
      for (const watcher of watchers) watcher.end();
      const late = setTimeout(() => server.closeAllConnections(), GRACE_MS);
      await closed;
      clearTimeout(late);
    },
  };
}

/** `POST /charges/4711/capture?x=1` is `POST /charges/:id/capture`, for 4711. */
function taken({ method = "", url = "/" }: IncomingMessage) {
  const [path = "", search = ""] = url.split("?", 2);
  const [, resource, attemptId, ...rest] = path.split("/");
  const key =
    attemptId === undefined ? `${method} /${resource}` : `${method} ${["", resource, ":id", ...rest].join("/")}`;
  return { key, attemptId: attemptId ?? "", query: new URLSearchParams(search) };
}

class BodyTooLarge extends Error {
  override readonly name = "BodyTooLarge";
}

function bodyOf(request: IncomingMessage): Promise<string> {
  return new Promise((resolve, reject) => {
    let text = "";
    request.setEncoding("utf8");
    request.on("data", (part: string) => {
      if (text.length <= MAX_BODY_BYTES) text += part; // the rest is let go by: nobody has shown a token yet
      if (text.length > MAX_BODY_BYTES) reject(new BodyTooLarge());
    });
    request.on("end", () => resolve(text));
    request.on("error", reject);
  });
}

function isToken(given: string | undefined, apiToken: string): boolean {
  const [expected, got] = [Buffer.from(`Bearer ${apiToken}`), Buffer.from(given ?? "")];
  return expected.length === got.length && timingSafeEqual(expected, got);
}

function statusOf(error: unknown): number {
  if (error instanceof ZodError || error instanceof SyntaxError) return 400;
  if (error instanceof BodyTooLarge) return 413;
  return error instanceof TooManyWrites ? 503 : 500;
}

function codeOf(error: unknown): string {
  if (error instanceof ZodError) {
    const [issue] = error.issues;
    return `invalid: ${issue?.path.join(".")} ${issue?.message}`;
  }
  return { 400: "not-json", 413: "too-large", 503: "busy" }[statusOf(error)] ?? "internal";
}

function send(response: ServerResponse, status: number, body: object): void {
  const text = JSON.stringify(body);
  response.writeHead(status, { "content-type": "application/json", "content-length": Buffer.byteLength(text) });
  response.end(text);
}
