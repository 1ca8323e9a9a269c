import { once } from "node:events";
import { Agent, request } from "node:http";
import { connect } from "node:net";
import { PassThrough } from "node:stream";
import { text } from "node:stream/consumers";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { z } from "zod";
import type { RoutePlugin } from "../../src/api/conventions/route-config.ts";
import { catalogue } from "../../src/api/problems/catalogue.ts";
import { closeGracefully } from "../../src/api/server/close-gracefully.ts";
import { type ApiUnderTest, startApi } from "./harness.ts";

let app: ApiUnderTest;
let ready: () => Promise<{ ready: boolean; projectionLagMs: number | null; checks: Record<string, string> }>;
beforeAll(async () => {
  app = await startApi({ health: { readiness: () => ready() }, logLevel: "debug" });
});
afterAll(() => app.close());

describe("health", () => {
  it("says that the process lives, whatever the token", async () => {
    const live = await app.call("GET", "/health/live", { token: "nonsense" });
    expect([live.statusCode, live.json()]).toEqual([200, { status: "live" }]);
  });

  it("says whether requests should be sent here", async () => {
    ready = async () => ({ ready: true, projectionLagMs: 12, checks: { postgres: "up" } });
    const good = await app.call("GET", "/health/ready");
    expect([good.statusCode, good.json()]).toEqual([
      200,
      { status: "ready", projectionLagMs: 12, checks: { postgres: "up" } },
    ]);
    ready = async () => ({ ready: false, projectionLagMs: null, checks: { postgres: "down" } });
    const bad = await app.call("GET", "/health/ready");
    expect([bad.statusCode, bad.json().status]).toEqual([503, "not-ready"]);
  });

  it("is not ready when the probe fails or takes too long", async () => {
    ready = async () => Promise.reject(new Error("connect ECONNREFUSED 10.0.0.7"));
    const failed = await app.call("GET", "/health/ready");
    expect([failed.statusCode, failed.json()]).toEqual([
      503,
      { status: "not-ready", projectionLagMs: null, checks: {} },
    ]);
    ready = () => new Promise(() => {});
    expect((await app.call("GET", "/health/ready")).statusCode).toBe(503);
  });
});

describe("the documentation", () => {
  interface Operation {
    summary?: string;
    tags?: string[];
    security?: object[];
    requestBody?: object;
    parameters?: { name: string; in: string }[];
    responses: Record<string, { content?: Record<string, { examples?: object }>; headers?: object }>;
  }
  let document: { openapi: string; paths: Record<string, Record<string, Operation>>; components: { schemas: object } };
  beforeAll(async () => {
    document = (await app.call("GET", "/openapi.json")).json();
  });

  it("is OpenAPI 3.1 of every route, each with a summary, a tag and who may call", () => {
    expect(document.openapi).toBe("3.1.0");
    expect(Object.keys(document.paths)).toEqual(
      expect.arrayContaining([
        "/accounts",
        "/accounts/me",
        "/accounts/{accountId}/roles",
        "/sessions",
        "/health/ready",
      ]),
    );
    for (const operation of Object.values(document.paths).flatMap((path) => Object.values(path))) {
      expect(operation).toMatchObject({ summary: expect.any(String), tags: [expect.any(String)] });
      expect(operation.security).toBeDefined();
    }
    expect(document.paths["/accounts/me"]?.get?.security).toEqual([{ token: [] }]);
    expect(document.paths["/accounts"]?.post?.security).toEqual([{}, { token: [] }]);
    expect(document.paths["/sessions"]?.post?.security).toEqual([]);
  });

  it("lists every error with its code, as problem+json", () => {
    const responses = document.paths["/accounts"]?.post?.responses ?? {};
    expect(Object.keys(responses).sort()).toEqual([
      "201",
      "400",
      "401",
      "403",
      "409",
      "413",
      "415",
      "429",
      "500",
      "503",
    ]);
    expect(responses["409"]?.content?.["application/problem+json"]?.examples).toHaveProperty("email-taken");
    expect(Object.keys(responses["503"]?.content?.["application/problem+json"]?.examples ?? {}).sort()).toEqual([
      "busy",
      "unavailable",
    ]);
    expect(document.components.schemas).toHaveProperty("Problem");
  });

  it("tells the headers that a route takes and gives, and no body where there is none", () => {
    const me = document.paths["/accounts/me"]?.get;
    expect(me?.parameters).toEqual([expect.objectContaining({ name: "If-None-Match", in: "header" })]);
    expect(me?.responses["200"]?.headers).toHaveProperty("ETag");
    expect(document.paths["/accounts/{accountId}/suspend"]?.post).not.toHaveProperty("requestBody");
    expect(document.paths["/sessions"]?.post).toHaveProperty("requestBody");
  });

  it("has no reference to what isn't there", () => {
    const text = JSON.stringify(document);
    const references = new Set([...text.matchAll(/"#\/components\/schemas\/(\w+)"/g)].map((match) => match[1]));
    expect(references.size).toBeGreaterThan(0);
    for (const name of references) expect(document.components.schemas).toHaveProperty(String(name));
    expect(text).not.toContain("x-problem-codes");
  });

  it("is a page that needs nothing from elsewhere", async () => {
    expect((await app.call("GET", "/")).headers.location).toBe("/docs");
    const page = await app.call("GET", "/docs/");
    expect(page.statusCode).toBe(200);
    const own = [...page.body.matchAll(/(?:src|href)="([^"]+)"/g)].map((match) => String(match[1]));
    expect(own.length).toBeGreaterThan(3);
    for (const url of own) {
      expect(url).not.toMatch(/^(https?:)?\/\//);
      expect((await app.call("GET", new URL(url, "http://x/docs/").pathname)).statusCode).toBe(200);
    }
  });

  it.each([
    "/docs/static/nothing.js",
    "/docs/static//etc/passwd",
    "/docs/static/../../../package.json",
    "/docs/static/%2e%2e/%2e%2e/package.json",
  ])("has nothing else: %s", async (url) => {
    const missing = await app.call("GET", url);
    expect([missing.statusCode, missing.json().code]).toEqual([404, "not-found"]);
  });

  it.each([
    ["if-match", '"another"'],
    ["if-unmodified-since", "Mon, 01 Jan 2024 00:00:00 GMT"],
    ["range", "bytes=99999999-"],
  ])("refuses what its files can't give: %s", async (name, value) => {
    const refused = await app.call("GET", "/docs/static/swagger-ui.css", { headers: { [name]: value } });
    expect([refused.statusCode, refused.json().code]).toEqual([400, "invalid"]);
  });

  it("has a page for every problem", async () => {
    for (const [code, { title }] of Object.entries(catalogue)) {
      const page = await app.call("GET", `/problems/${code}`);
      expect(page.statusCode).toBe(200);
      expect(page.headers["content-type"]).toBe("text/html; charset=utf-8");
      expect(page.body).toContain(`<h1>${title}</h1>`);
    }
    expect((await app.call("GET", "/problems")).body).toContain('href="/problems/sold-out"');
    expect((await app.call("GET", "/problems/none")).statusCode).toBe(404);
    expect((await app.call("GET", "/problems/constructor")).statusCode).toBe(404);
  });
});

describe("requests", () => {
  it("have ids that differ, in the reply and in the log, whatever the client says", async () => {
    const replies = await Promise.all(
      [1, 2].map(() => app.call("GET", "/health/live", { headers: { "x-request-id": "mine" } })),
    );
    const ids = replies.map(({ headers }) => headers["x-request-id"]);
    expect(new Set(ids).size).toBe(2);
    expect(ids).not.toContain("mine");
    const line = app.logged.find(({ requestId, msg }) => requestId === ids[0] && msg === "request");
    expect(line).toMatchObject({ level: 20, method: "GET", url: "/health/live", statusCode: 200 });
  });

  it("leave no password and no token in the log", async () => {
    const { token, email } = await app.signUp("Logged");
    await app.call("POST", "/sessions", { body: { email, password: "not the right one" } });
    await app.call("GET", "/accounts/me", { token });
    const log = JSON.stringify(app.logged);
    for (const secret of [token, "not the right one", "a good password"]) expect(log).not.toContain(secret);
  });
});

describe("a server on a socket", () => {
  let slow: PromiseWithResolvers<void>;
  let begun: PromiseWithResolvers<void>;
  const policy = { "GET /slow": { who: "public", key: null }, "GET /streamed": { who: "public", key: null } } as const;
  const slowRoute: RoutePlugin = (api) => {
    api.route({
      method: "GET",
      url: "/slow",
      schema: { tags: ["Probes"], response: { 200: z.strictObject({ done: z.boolean() }) } },
      handler: async () => {
        begun.resolve();
        await slow.promise;
        return { done: true };
      },
    });
    api.route({
      method: "GET",
      url: "/streamed",
      schema: { hide: true },
      handler: async (_request, reply) => {
        const stream = new PassThrough();
        stream.write("begun, ");
        void slow.promise.then(() => stream.end("done"));
        begun.resolve();
        return reply.type("text/plain").send(stream);
      },
    });
  };

  async function listening() {
    slow = Promise.withResolvers();
    begun = Promise.withResolvers();
    const server = await startApi({ routes: [slowRoute], policy, databaseUrl: app.databaseUrl });
    await server.api.listen({ host: "127.0.0.1", port: 0 });
    const address = server.api.server.address();
    return { server, port: typeof address === "object" && address !== null ? address.port : 0 };
  }

  async function raw(port: number, bytes: string): Promise<string> {
    const socket = connect(port, "127.0.0.1");
    socket.write(bytes);
    return text(socket);
  }

  it("answers what is not HTTP, and headers that are too large, by problems too", async () => {
    const { server, port } = await listening();
    const nonsense = await raw(port, "nonsense\r\n\r\n");
    expect(nonsense).toMatch(/^HTTP\/1\.1 400 /);
    expect(nonsense).toContain("Content-Type: application/problem+json");
    expect(JSON.parse(nonsense.split("\r\n\r\n")[1] ?? "")).toMatchObject({
      code: "invalid",
      errors: [{ in: "header" }],
    });
    const large = await raw(port, `GET / HTTP/1.1\r\nHost: x\r\nX: ${"x".repeat(20_000)}\r\n\r\n`);
    expect(large).toMatch(/^HTTP\/1\.1 431 /);
    await server.close();
  });

  it("ends in order: requests under way are answered, kept connections end", async () => {
    const { server, port } = await listening();
    const agent = new Agent({ keepAlive: true });
    const get = async (path: string, over: Agent | false = agent) => {
      const [response] = await once(request({ port, host: "127.0.0.1", path, agent: over }).end(), "response");
      return { status: response.statusCode, body: await text(response) };
    };
    expect((await get("/health/live")).status).toBe(200); // leaves an idle connection
    const underWay = get("/slow");
    await begun.promise;
    const closing = closeGracefully(server.api, 10_000);
    slow.resolve();
    expect(await underWay).toEqual({ status: 200, body: '{"done":true}' });
    const began = performance.now();
    expect(await closing).toBe(true);
    expect(performance.now() - began).toBeLessThan(5_000);
    await expect(get("/health/live", false)).rejects.toThrow("ECONNREFUSED");
    agent.destroy();
    await server.close();
  });

  it("ends a connection that it had promised to keep, when the answer is given", async () => {
    const { server, port } = await listening();
    const agent = new Agent({ keepAlive: true });
    const asked = request({ port, host: "127.0.0.1", path: "/streamed", agent }).end();
    const [response] = await once(asked, "response");
    expect(response.headers.connection).toBe("keep-alive");
    const closing = closeGracefully(server.api, 10_000);
    slow.resolve();
    expect(await text(response)).toBe("begun, done");
    expect(await closing).toBe(true);
    agent.destroy();
    await server.close();
  });

  it("cuts off what isn't done in time", async () => {
    const { server, port } = await listening();
    const underWay = once(request({ port, host: "127.0.0.1", path: "/slow" }).end(), "response");
    await begun.promise;
    const [cut, closed] = await Promise.allSettled([underWay, closeGracefully(server.api, 100)]);
    expect(cut.status).toBe("rejected");
    expect(closed).toEqual({ status: "fulfilled", value: false });
    slow.resolve();
    await server.close();
  });
});
