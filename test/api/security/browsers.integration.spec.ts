import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { z } from "zod";
import type { RoutePlugin } from "../../../src/api/conventions/route-config.ts";
import { type ApiUnderTest, startApi } from "../harness.ts";

const SHOP = "https://shop.example.org";
const CHECKOUT = "https://checkout.example.org:8443";

let app: ApiUnderTest;
let closed: ApiUnderTest;
let open: ApiUnderTest;
beforeAll(async () => {
  closed = await startApi();
  const { databaseUrl } = closed;
  app = await startApi({ databaseUrl, settings: { corsOrigins: [SHOP, CHECKOUT] } });
  open = await startApi({ databaseUrl, settings: { corsOrigins: ["*"] } });
});
afterAll(async () => {
  await Promise.all([app, open].map((one) => one.close()));
  await closed.close();
});

const preflight = (node: ApiUnderTest, origin: string, url = "/events", method = "POST") =>
  node.api.inject({
    method: "OPTIONS",
    url,
    headers: {
      origin,
      "access-control-request-method": method,
      "access-control-request-headers": "authorization,idempotency-key",
    },
  });
const listed = (header: unknown): string[] =>
  String(header)
    .toLowerCase()
    .split(/\s*,\s*/)
    .sort();

describe("pages of origins that may call", () => {
  it.each([SHOP, CHECKOUT])("are told so before they do: %s", async (origin) => {
    const reply = await preflight(app, origin);
    expect([reply.statusCode, reply.body]).toEqual([204, ""]);
    expect(reply.headers["access-control-allow-origin"]).toBe(origin);
    expect(reply.headers.vary).toBe("Origin");
    expect(listed(reply.headers["access-control-allow-methods"])).toEqual([
      "delete",
      "get",
      "head",
      "patch",
      "post",
      "put",
    ]);
    expect(listed(reply.headers["access-control-allow-headers"])).toEqual([
      "admission-token",
      "authorization",
      "boxoffice-min-position",
      "content-type",
      "entry-token",
      "idempotency-key",
      "if-match",
      "if-none-match",
      "last-event-id",
    ]);
    expect(Number(reply.headers["access-control-max-age"])).toBeGreaterThan(0);
    expect(reply.headers["access-control-allow-credentials"]).toBeUndefined();
  });

  it("may read what replies say by headers, those of errors too", async () => {
    for (const [method, url, status] of [
      ["POST", "/sessions/guest", 201],
      ["GET", "/accounts/me", 401],
      ["GET", "/none", 404],
      ["POST", "/health/live", 405],
    ] as const) {
      const reply = await app.call(method, url, { headers: { origin: SHOP } });
      expect([reply.statusCode, reply.headers["access-control-allow-origin"], reply.headers.vary]).toEqual([
        status,
        SHOP,
        "Origin",
      ]);
      expect(listed(reply.headers["access-control-expose-headers"])).toEqual([
        "boxoffice-position",
        "boxoffice-stale",
        "etag",
        "idempotency-replayed",
        "location",
        "ratelimit-limit",
        "ratelimit-remaining",
        "ratelimit-reset",
        "retry-after",
        "x-request-id",
      ]);
    }
  });

  it("may be all of them", async () => {
    for (const reply of [
      await preflight(open, "https://any.example"),
      await open.call("GET", "/problems", { headers: { origin: "https://any.example" } }),
    ]) {
      expect(reply.headers["access-control-allow-origin"]).toBe("*");
      expect(reply.headers["access-control-allow-credentials"]).toBeUndefined();
    }
  });
});

describe("pages of other origins", () => {
  it.each(["https://evil.example.org", "http://shop.example.org", `${SHOP}:444`, `${SHOP}.evil.example`, "null"])(
    "are not let in: %s",
    async (origin) => {
      for (const reply of [await preflight(app, origin), await app.call("GET", "/problems", { headers: { origin } })]) {
        expect(reply.headers["access-control-allow-origin"]).toBeUndefined();
      }
    },
  );

  it("are none while no origin is configured", async () => {
    const asked = await preflight(closed, SHOP, "/health/live");
    expect([asked.statusCode, asked.headers["access-control-allow-origin"]]).toEqual([405, undefined]);
    const reply = await closed.call("GET", "/problems", { headers: { origin: SHOP } });
    expect(reply.headers["access-control-allow-origin"]).toBeUndefined();
  });

  it("leave unknown addresses what they are", async () => {
    expect((await app.call("GET", "/none")).statusCode).toBe(404);
    const wrong = await app.call("DELETE", "/health/live");
    expect([wrong.statusCode, wrong.headers.allow]).toEqual([405, "GET, HEAD"]);
  });
});

describe("replies", () => {
  it.each([
    ["GET", "/health/live"],
    ["GET", "/accounts/me"],
    ["POST", "/sessions/guest"],
    ["GET", "/openapi.json"],
    ["GET", "/none"],
  ] as const)("say what browsers may do with them: %s %s", async (method, url) => {
    const { headers } = await closed.call(method, url);
    expect(headers).toMatchObject({
      "x-content-type-options": "nosniff",
      "content-security-policy": "default-src 'none'; frame-ancestors 'none'",
    });
    expect(headers["strict-transport-security"]).toBeUndefined();
    expect(headers["x-powered-by"]).toBeUndefined();
  });

  it("have browsers keep to https where the public address is one", async () => {
    const settings = { publicUrl: "https://tickets.example.org" };
    const node = await startApi({ databaseUrl: closed.databaseUrl, settings });
    for (const url of ["/health/live", "/problems"]) {
      expect((await node.call("GET", url)).headers["strict-transport-security"]).toBe("max-age=31536000");
    }
    await node.close();
  });
});

/** The sources of a policy by directive. */
const directives = (policy: unknown): Map<string, string[]> =>
  new Map(
    String(policy)
      .split(";")
      .flatMap((directive) => {
        const [name = "", ...sources] = directive.trim().split(/\s+/);
        return name === "" ? [] : [[name, sources] as const];
      }),
  );

describe("pages", () => {
  it.each(["/docs/", "/problems", "/problems/sold-out", "/password-resets/a-token"])(
    "%s has what helmet says, and a policy under which it works",
    async (url) => {
      const page = await closed.call("GET", url);
      expect([page.statusCode, page.headers["content-type"]]).toEqual([200, expect.stringContaining("text/html")]);
      expect(page.headers).toMatchObject({
        "x-content-type-options": "nosniff",
        "x-frame-options": "DENY",
        "referrer-policy": "no-referrer",
        "cross-origin-opener-policy": "same-origin",
      });
      const policy = directives(page.headers["content-security-policy"]);
      expect(policy.get("frame-ancestors")).toEqual(["'none'"]);
      const allows = (kind: string, source: string) =>
        (policy.get(kind) ?? policy.get("default-src"))?.includes(source);
      const scripts = [...page.body.matchAll(/<script([^>]*)>([\s\S]*?)<\/script>/g)];
      for (const [, attributes = "", text = ""] of scripts) {
        expect(attributes).toContain("src="); // none stands in the page itself
        expect(text.trim()).toBe("");
        expect(allows("script-src", "'self'")).toBe(true);
      }
      expect(allows("script-src", "'unsafe-inline'")).toBe(false);
      if (/<style|style="/.test(page.body)) expect(allows("style-src", "'unsafe-inline'")).toBe(true);
      if (/rel="stylesheet"/.test(page.body)) expect(allows("style-src", "'self'")).toBe(true);
      expect(page.body).not.toMatch(/\son\w+="/);
    },
  );

  it("the docs may call the API here and at its public address, and load nothing from elsewhere", async () => {
    const settings = { publicUrl: "https://tickets.example.org/shop" };
    const node = await startApi({ databaseUrl: closed.databaseUrl, settings });
    const policy = directives((await node.call("GET", "/docs/")).headers["content-security-policy"]);
    await node.close();
    expect(policy.get("connect-src")).toEqual(["'self'", "https://tickets.example.org"]);
    expect(policy.has("upgrade-insecure-requests")).toBe(false); // they are opened by http too, in a private network
    const elsewhere = [...policy.entries()].filter(
      ([kind, sources]) => kind !== "connect-src" && sources.some((source) => !/^('.*'|data:)$/.test(source)),
    );
    expect(elsewhere).toEqual([]);
  });

  it("the form for a new password calls where it came from", async () => {
    const policy = directives((await closed.call("GET", "/password-resets/a")).headers["content-security-policy"]);
    expect([policy.get("connect-src"), policy.get("form-action")]).toEqual([["'self'"], ["'none'"]]);
  });
});

describe("an address behind proxies", () => {
  const probe: RoutePlugin = (api) => {
    api.route({
      method: "GET",
      url: "/probe",
      schema: {
        tags: ["Probes"],
        response: { 200: z.object({ ip: z.string(), protocol: z.string(), host: z.string() }) },
      },
      handler: async ({ ip, protocol, host }) => ({ ip, protocol, host }),
    });
    api.route({
      method: "POST",
      url: "/probe",
      schema: { tags: ["Probes"], response: { 201: z.object({}) } },
      handler: async (_request, reply) => {
        reply.code(201).header("location", "/probe/1");
        return {};
      },
    });
  };
  const policy = { "GET /probe": { who: "public", key: null }, "POST /probe": { who: "public", key: null } } as const;
  const forwarded = {
    host: "inside.example",
    "x-forwarded-for": "203.0.113.7, 10.0.0.9",
    "x-forwarded-proto": "https",
    "x-forwarded-host": "tickets.example.org",
  };
  let proxied: ApiUnderTest;
  beforeAll(async () => {
    const settings = { trustProxy: ["10.0.0.0/8", "::1"], publicUrl: "https://tickets.example.org/shop" };
    proxied = await startApi({ databaseUrl: closed.databaseUrl, routes: [probe], policy, settings });
  });
  afterAll(() => proxied.close());
  const seen = async (remoteAddress: string) =>
    (await proxied.api.inject({ method: "GET", url: "/probe", remoteAddress, headers: forwarded })).json();

  it("is what they forward, as far as they are trusted", async () => {
    const real = { ip: "203.0.113.7", protocol: "https", host: "tickets.example.org" };
    expect(await seen("10.1.2.3")).toEqual(real);
    expect(await seen("::1")).toEqual(real);
  });

  it("is their own for everybody else, whatever they send", async () => {
    for (const stranger of ["192.0.2.1", "11.0.0.1", "::2"]) {
      expect(await seen(stranger)).toEqual({ ip: stranger, protocol: "http", host: "inside.example" });
    }
  });

  it("that has a path has it in locations, too", async () => {
    expect((await proxied.unchecked("POST", "/probe")).headers.location).toBe("/shop/probe/1");
    expect((await proxied.call("GET", "/")).headers.location).toBe("/shop/docs");
    expect((await closed.call("GET", "/")).headers.location).toBe("/docs");
  });
});
