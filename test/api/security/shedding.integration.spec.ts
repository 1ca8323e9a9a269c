import { PassThrough } from "node:stream";
import { text } from "node:stream/consumers";
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { z } from "zod";
import type { RoutePlugin } from "../../../src/api/conventions/route-config.ts";
import { type ApiUnderTest, startApi } from "../harness.ts";
import { askRaw, listenOn, openRaw, type RawConnection, requestText } from "./raw-http.ts";

const nothing = { 204: z.undefined() };
let waiting: PromiseWithResolvers<void>;
let begun = 0;
let made = 0;

/** Routes that answer when they are told to, of several kinds. */
const routes: RoutePlugin[] = [
  (api) => {
    for (const [method, url] of [
      ["GET", "/slow"],
      ["POST", "/slow"],
      ["POST", "/purchases"],
    ] as const) {
      api.route({
        method,
        url,
        schema: { tags: ["Probes"], response: nothing },
        handler: async (_request, reply) => {
          begun += 1;
          await waiting.promise;
          return reply.code(204).send();
        },
      });
    }
    api.route({
      method: "GET",
      url: "/public/:id",
      schema: { hide: true },
      config: { etag: true },
      handler: (_request, reply) => {
        made += 1;
        void reply.header("cache-control", "public, max-age=600").type("application/json").send(`{"made":${made}}`);
      },
    });
    api.route({
      method: "GET",
      url: "/slow/stream",
      schema: { hide: true },
      handler: (_request, reply) => {
        begun += 1;
        const stream = new PassThrough();
        stream.write("data: 1\n\n");
        void reply.header("content-type", "text/event-stream").send(stream);
      },
    });
  },
];
const anybody = { who: "public", key: null } as const;
const policy = {
  "GET /slow": anybody,
  "POST /slow": anybody,
  "POST /purchases": anybody,
  "GET /slow/stream": anybody,
  "GET /public/:id": { who: "anybody", key: "read" },
} as const;
const IN_FLIGHT = 3;
/** What stands for no time at all counts: a spec has no time. */
const settings = {
  load: { inFlight: IN_FLIGHT, standingMs: 0, turnMs: 10_000 },
  corsOrigins: ["https://shop.example.org"],
};

let app: ApiUnderTest;
let port: number;
beforeAll(async () => {
  app = await startApi({ routes, policy, settings });
  port = await listenOn(app);
});
afterAll(() => app.close());

let opened: RawConnection[];
beforeEach(() => {
  waiting = Promise.withResolvers();
  begun = 0;
  opened = [];
});

/** Sends a request that is not answered yet. */
async function begin(method: string, path: string): Promise<RawConnection> {
  const connection = await openRaw(port);
  opened.push(connection);
  const before = begun;
  connection.write(requestText(method, path));
  await vi.waitFor(() => expect(begun).toBe(before + 1));
  return connection;
}

/** As many reads and writes as there may be, and one more request, after which it is known that it stands. */
async function overload(): Promise<void> {
  for (let request = 0; request < IN_FLIGHT; request += 1) await begin("GET", "/slow");
  for (let request = 0; request < IN_FLIGHT; request += 1) await begin("POST", "/slow");
  await vi.waitFor(async () => expect((await askRaw(port, "GET", "/problems")).status).toBe(503));
}

async function relax(): Promise<void> {
  waiting.resolve();
  for (const { socket } of opened) socket.destroy();
  await vi.waitFor(async () => expect((await askRaw(port, "GET", "/problems")).status).toBe(200));
}

describe("more than can be served", () => {
  it("is refused as busy, with all that other problems have, and when to come back", async () => {
    await overload();
    const refused = await Promise.all([1, 2, 3, 4].map(() => askRaw(port, "GET", "/problems")));
    for (const { status, headers, body } of refused) {
      expect([status, headers["content-type"]]).toEqual([503, "application/problem+json"]);
      expect(JSON.parse(body)).toEqual({
        type: "/problems/busy",
        title: "Busy",
        status: 503,
        detail: expect.any(String),
        code: "busy",
        requestId: headers["x-request-id"],
      });
    }
    const after = refused.map(({ headers }) => Number(headers["retry-after"]));
    expect(after.every((seconds) => seconds >= 1 && seconds <= 3)).toBe(true);
    expect(new Set(after).size).toBe(3); // not all at once
    expect(new Set(refused.map(({ headers }) => headers["x-request-id"])).size).toBe(4);
    await relax();
  });

  it("is refused before anything is done: a bad token, a wrong body and an unknown address are not looked at", async () => {
    await overload();
    expect((await askRaw(port, "GET", "/accounts/me", "", { authorization: "Bearer x" })).status).toBe(503);
    expect((await askRaw(port, "POST", "/sessions", "{")).status).toBe(503);
    expect((await askRaw(port, "GET", "/none")).status).toBe(503);
    await relax();
  });

  it("keeps the connection: the next request on it may go through", async () => {
    await overload();
    const connection = await openRaw(port);
    connection.write(requestText("POST", "/slow", JSON.stringify({ a: "x".repeat(100_000) })));
    expect((await connection.reply()).status).toBe(503);
    await relax();
    connection.write(requestText("GET", "/health/live"));
    expect((await connection.reply()).status).toBe(200);
    connection.socket.destroy();
  });

  it("has no body in reply to HEAD", async () => {
    await overload();
    const { socket } = await openRaw(port);
    socket.write(requestText("HEAD", "/problems") + requestText("GET", "/health/live", "", { connection: "close" }));
    expect(await text(socket)).toMatch(/^HTTP\/1\.1 503 .*\r\n(?:.+\r\n)+\r\nHTTP\/1\.1 200 /);
    await relax();
  });

  it("can be read by pages of the origins that may call", async () => {
    await overload();
    const ask = (origin: string) => askRaw(port, "GET", "/problems", "", { origin });
    const { headers } = await ask("https://shop.example.org");
    expect(headers).toMatchObject({
      "access-control-allow-origin": "https://shop.example.org",
      "access-control-expose-headers": expect.stringContaining("Retry-After"),
      vary: "Origin",
    });
    expect((await ask("https://other.example.org")).headers["access-control-allow-origin"]).toBeUndefined();
    await relax();
  });
});

describe("under overload", () => {
  it("health answers", async () => {
    await overload();
    expect((await askRaw(port, "GET", "/health/live")).status).toBe(200);
    expect((await askRaw(port, "GET", "/health/ready")).status).toBe(200);
    await relax();
  });

  it("what finishes something is let in, and takes no place of others", async () => {
    await overload();
    for (let purchase = 0; purchase < IN_FLIGHT; purchase += 1) await begin("POST", "/purchases");
    await relax();
    waiting = Promise.withResolvers();
    for (let purchase = 0; purchase < IN_FLIGHT; purchase += 1) await begin("POST", "/purchases");
    expect((await askRaw(port, "GET", "/problems")).status).toBe(200);
    await relax();
  });

  it("what any cache may give is given from memory, to whom a cache may give it", async () => {
    await overload();
    opened[0]?.socket.destroy();
    await vi.waitFor(async () => expect((await askRaw(port, "GET", "/public/1")).status).toBe(200)); // there is room
    await begin("GET", "/slow");
    await vi.waitFor(async () => expect((await askRaw(port, "GET", "/problems")).status).toBe(503));
    const before = made;
    const ask = (url: string, headers: Record<string, string> = {}) => askRaw(port, "GET", url, "", headers);

    const given = await ask("/public/1", { origin: "https://shop.example.org" });
    expect([given.status, JSON.parse(given.body), given.headers.age]).toEqual([200, { made: before }, "0"]);
    expect(given.headers).toMatchObject({
      "content-type": expect.stringContaining("application/json"),
      "cache-control": "public, max-age=600",
      "x-content-type-options": "nosniff",
      "access-control-allow-origin": "https://shop.example.org",
    });
    const again = await ask("/public/1", { "if-none-match": String(given.headers.etag) });
    expect([again.status, again.body, again.headers.etag]).toEqual([304, "", given.headers.etag]);
    expect(again.headers["x-request-id"]).not.toBe(given.headers["x-request-id"]);
    expect(made).toBe(before);

    expect((await ask("/public/2")).status).toBe(503);
    expect((await ask("/public/1", { authorization: "Bearer x" })).status).toBe(503);
    expect((await ask("/public/1", { "boxoffice-min-position": "1" })).status).toBe(503);
    await relax();
    const afterwards = await ask("/public/1");
    expect([JSON.parse(afterwards.body), afterwards.headers.age]).toEqual([{ made: before + 1 }, undefined]);
  });

  it("of writes alone, reads go on", async () => {
    for (let request = 0; request < IN_FLIGHT; request += 1) await begin("POST", "/slow");
    await vi.waitFor(async () => expect((await askRaw(port, "POST", "/sessions", "{")).status).toBe(503));
    expect((await askRaw(port, "GET", "/problems")).status).toBe(200);
    await relax();
  });

  it("whoever goes away makes room", async () => {
    await overload();
    opened[0]?.socket.destroy();
    await vi.waitFor(async () => expect((await askRaw(port, "GET", "/problems")).status).toBe(200));
    await relax();
  });

  it("listeners to streams don't count", async () => {
    for (let listener = 0; listener < 2 * IN_FLIGHT; listener += 1) await begin("GET", "/slow/stream");
    expect((await askRaw(port, "GET", "/problems")).status).toBe(200);
    await relax();
  });

  it("the operator is told, once in a while", async () => {
    const lines = () => app.logged.filter(({ msg }) => String(msg).startsWith("more comes than can be served"));
    await overload();
    await vi.waitFor(() => expect(lines().length).toBe(1), { timeout: 20_000, interval: 100 });
    expect(lines()[0]).toMatchObject({ level: 40, refused: expect.any(Number), dropped: 0 });
    await relax();
  });
});
