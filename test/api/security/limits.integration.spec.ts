import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { z } from "zod";
import type { RoutePlugin } from "../../../src/api/conventions/route-config.ts";
import { type ApiUnderTest, startApi } from "../harness.ts";
import { askRaw, listenOn, openRaw, requestText } from "./raw-http.ts";

const message = z.looseObject({ type: z.string().optional() });
const routes: RoutePlugin[] = [
  (api) => {
    api.route({
      method: "POST",
      url: "/probe/strict",
      schema: { tags: ["Probes"], body: z.strictObject({ name: z.string() }), response: { 204: z.undefined() } },
      handler: (_request, reply) => void reply.code(204).send(),
    });
    api.route({
      method: "POST",
      url: "/probe/loose",
      schema: { tags: ["Probes"], body: message, response: { 200: z.object({ names: z.array(z.string()) }) } },
      handler: async ({ body }) => ({ names: Object.keys(body) }),
    });
    api.route({
      method: "POST",
      url: "/probe/none/:id",
      schema: { tags: ["Probes"], params: z.strictObject({ id: z.string() }), response: { 204: z.undefined() } },
      handler: (_request, reply) => void reply.code(204).send(),
    });
  },
];
const open = { who: "public", key: null } as const;
const policy = { "POST /probe/strict": open, "POST /probe/loose": open, "POST /probe/none/:id": open };
/** Short, so that nobody has to wait for them. */
const limits = { headersMs: 300, requestMs: 2_000, lookEveryMs: 50, connections: 20 };

let app: ApiUnderTest;
let port: number;
beforeAll(async () => {
  app = await startApi({ routes, policy, settings: { limits } });
  port = await listenOn(app);
});
afterAll(() => app.close());

const code = ({ body }: { body: string }): string => JSON.parse(body).code;

describe("sizes", () => {
  it("a body has 1 MiB at most, said before it is sent or not", async () => {
    const most = 1024 * 1024;
    const bodyOf = (bytes: number) => JSON.stringify({ name: "x".repeat(bytes - '{"name":""}'.length) });
    expect((await askRaw(port, "POST", "/probe/strict", bodyOf(most))).status).toBe(204);
    const large = await askRaw(port, "POST", "/probe/strict", bodyOf(most + 1));
    expect([large.status, code(large)]).toEqual([413, "body-too-large"]);

    const promised = await openRaw(port);
    promised.write(
      requestText("POST", "/probe/strict", "", { "content-type": "application/json", "content-length": "2000000" }),
    );
    expect((await promised.reply()).status).toBe(413);
    promised.socket.destroy();

    const chunked = await openRaw(port);
    chunked.write(
      requestText("POST", "/probe/strict", "", { "content-type": "application/json", "transfer-encoding": "chunked" }),
    );
    for (let chunk = 0; chunk < 17; chunk += 1) chunked.write(`10000\r\n${"x".repeat(0x10000)}\r\n`);
    expect((await chunked.reply()).status).toBe(413);
    chunked.socket.destroy();
  });

  it("where none is taken, a KiB at most", async () => {
    expect((await askRaw(port, "POST", "/probe/none/1", "{}")).status).toBe(204);
    expect((await askRaw(port, "POST", "/probe/none/1", JSON.stringify({ a: "x".repeat(900) }))).status).toBe(400);
    expect((await askRaw(port, "POST", "/probe/none/1", JSON.stringify({ a: "x".repeat(1_100) }))).status).toBe(413);
  });

  it("headers have 16 KiB together, the address among them", async () => {
    expect((await askRaw(port, "GET", "/health/live", "", { x: "x".repeat(15_000) })).status).toBe(200);
    const large = await askRaw(port, "GET", "/health/live", "", { x: "x".repeat(17_000) });
    expect([large.status, code(large)]).toEqual([431, "headers-too-large"]);
    expect((await askRaw(port, "GET", `/health/live?${"x".repeat(17_000)}`)).status).toBe(431);
  });

  it("a part of a path has 100 characters: beyond it there is nothing", async () => {
    expect((await askRaw(port, "POST", `/probe/none/${"x".repeat(100)}`)).status).toBe(204);
    const long = await askRaw(port, "POST", `/probe/none/${"x".repeat(101)}`);
    expect([long.status, code(long)]).toEqual([404, "not-found"]);
  });

  it("twenty connections are served, a further one is closed as it comes", async () => {
    const held = await Promise.all(Array.from({ length: limits.connections }, () => openRaw(port)));
    const further = await openRaw(port);
    await further.ended();
    const [one, ...others] = held;
    one?.write(requestText("GET", "/health/live"));
    expect((await one?.reply())?.status).toBe(200);
    for (const { socket } of held) socket.destroy();
    await vi.waitFor(async () => expect((await askRaw(port, "GET", "/health/live")).status).toBe(200));
    expect(others.length).toBe(19);
  });
});

describe("times", () => {
  it("headers that come too slowly are given up, however steadily they come", async () => {
    const began = performance.now();
    const slow = await openRaw(port);
    slow.write("GET /health/live HTTP/1.1\r\nHost: x\r\n");
    let sent = 0;
    const dripping = setInterval(() => slow.write(`X-${++sent}: y\r\n`), 20);
    const reply = await slow.reply();
    clearInterval(dripping);
    expect([reply.status, code(reply)]).toEqual([408, "request-timeout"]);
    await slow.ended();
    expect(sent).toBeGreaterThan(2);
    expect(performance.now() - began).toBeLessThan(limits.requestMs);
  });

  it("so are bodies, which may take longer", async () => {
    const began = performance.now();
    const slow = await openRaw(port);
    slow.write(
      requestText("POST", "/probe/strict", "", { "content-type": "application/json", "content-length": "1000" }),
    );
    const dripping = setInterval(() => slow.write("x"), 20);
    await slow.ended();
    clearInterval(dripping);
    expect(performance.now() - began).toBeGreaterThan(limits.requestMs - limits.lookEveryMs);
  });

  it("a connection on which nothing was ever sent is given up too", async () => {
    await (await openRaw(port)).ended();
  });

  it("who is slow keeps nobody else waiting", async () => {
    const slow = await Promise.all(Array.from({ length: 10 }, () => openRaw(port)));
    for (const { write } of slow) write("POST /probe/strict HTTP/1.1\r\nHost: x\r\n");
    expect((await askRaw(port, "GET", "/health/live")).status).toBe(200);
    await Promise.all(slow.map(({ ended }) => ended()));
  });
});

describe("JSON", () => {
  const deep = (depth: number, inner = "1") => `${"[".repeat(depth)}${inner}${"]".repeat(depth)}`;

  it.each([
    ["arrays in arrays", deep(500_000)],
    ["objects in objects", `${'{"a":'.repeat(150_000)}1${"}".repeat(150_000)}`],
    ["a field that goes deep", `{"name":${deep(500_000)}}`],
    ["another field that does", `{"name":"x","other":${deep(500_000)}}`],
    ["depth without an end", "[".repeat(1_000_000)],
  ])("%s: 400, and the server goes on", async (_, body) => {
    const reply = await askRaw(port, "POST", "/probe/strict", body);
    expect([reply.status, code(reply)]).toEqual([400, "invalid"]);
    expect((await askRaw(port, "GET", "/health/live")).status).toBe(200);
  });

  it("that goes deep where any field may come does no harm", async () => {
    const reply = await askRaw(port, "POST", "/probe/loose", `{"type":"a","other":${deep(300_000)}}`);
    expect([reply.status, JSON.parse(reply.body)]).toEqual([200, { names: ["type", "other"] }]);
  });

  it.each([
    ["__proto__", '{"name":"x","__proto__":{"polluted":"yes"}}'],
    ["constructor", '{"name":"x","constructor":{"prototype":{"polluted":"yes"}}}'],
    ["prototype", '{"name":"x","prototype":{"polluted":"yes"}}'],
  ])("%s is an unknown field like others", async (name, body) => {
    const reply = await askRaw(port, "POST", "/probe/strict", body);
    expect([reply.status, JSON.parse(reply.body).errors]).toEqual([
      400,
      [{ in: "body", path: `/${name}`, message: "unknown field" }],
    ]);
    const loose = await askRaw(port, "POST", "/probe/loose", body);
    expect(loose.status).toBe(200);
    expect(({} as { polluted?: string }).polluted).toBeUndefined();
  });
});

describe("text", () => {
  it("that is not UTF-8 is refused, not made into something else", async () => {
    const utf8 = Buffer.from('{"name":"Zoë"}');
    const bodies = {
      latin1: Buffer.from('{"name":"Zoë"}', "latin1"),
      "cut in a character": Buffer.concat([utf8.subarray(0, utf8.length - 3), Buffer.from('"}')]),
      "a surrogate": Buffer.from([0x22, 0xed, 0xa0, 0x80, 0x22]),
      overlong: Buffer.from([0x22, 0xc0, 0xaf, 0x22]),
      utf16: Buffer.from('{"name":"x"}', "utf16le"),
    };
    for (const [name, bytes] of Object.entries(bodies)) {
      const reply = await app.api.inject({
        method: "POST",
        url: "/probe/strict",
        headers: { "content-type": "application/json" },
        payload: bytes,
      });
      expect([name, reply.statusCode, reply.json().errors]).toEqual([
        name,
        400,
        [{ in: "body", path: "/", message: expect.stringMatching(/^is not valid (UTF-8|JSON)$/) }],
      ]);
    }
    const whole = { method: "POST", url: "/probe/strict", headers: { "content-type": "application/json" } } as const;
    expect((await app.api.inject({ ...whole, payload: utf8 })).statusCode).toBe(204);
  });
});

describe("methods", () => {
  it("that HTTP knows and an address doesn't take: 405 or 404, and nothing is echoed", async () => {
    for (const method of ["TRACE", "PUT", "PATCH", "DELETE", "PROPFIND", "SEARCH"]) {
      const reply = await askRaw(port, method, "/health/live", "", { cookie: "secret" });
      expect([method, [404, 405].includes(reply.status), reply.body.includes("secret")]).toEqual([method, true, false]);
    }
    expect((await askRaw(port, "POST", "/health/live")).headers.allow).toBe("GET, HEAD");
  });

  it("that it doesn't know are no HTTP", async () => {
    expect((await askRaw(port, "FETCH", "/health/live")).status).toBe(400);
  });

  it("are what they are: none is put in another's place by a header or a field", async () => {
    const reply = await askRaw(port, "POST", "/health/live?_method=GET", "", { "x-http-method-override": "GET" });
    expect(reply.status).toBe(405);
  });
});
