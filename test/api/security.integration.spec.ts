import { createHmac } from "node:crypto";
import { createSigner } from "fast-jwt";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { z } from "zod";
import type { RoutePlugin } from "../../src/api/conventions/route-config.ts";
import { type ApiUnderTest, JWT_SECRET, type Signed, startApi } from "./harness.ts";

const answer = z.strictObject({ accountId: z.string().nullable() });

const open =
  (url: string): RoutePlugin =>
  (api) => {
    api.route({
      method: "GET",
      url,
      schema: { tags: ["Probes"], response: { 200: answer } },
      handler: async ({ caller }) => ({ accountId: caller?.accountId ?? null }),
    });
  };

const policy = {
  "GET /for/public": { who: "public", key: null },
  "GET /for/anybody": { who: "anybody", key: "read" },
  "GET /for/account": { who: "account", key: "sell" },
  "GET /for/registered": { who: "registered", key: "manage" },
  "GET /for/auditor": { who: ["auditor", "admin"], key: null },
} as const;
const routes = ["public", "anybody", "account", "registered", "auditor"].map((who) => open(`/for/${who}`));

let app: ApiUnderTest;
let now = Date.now();
beforeAll(async () => {
  app = await startApi({ routes, policy, nowMs: () => now });
});
afterAll(() => app.close());

const get = (url: string, token?: string) => app.call("GET", url, token === undefined ? {} : { token });
const code = async (url: string, token?: string) => (await get(url, token)).json().code ?? "ok";

describe("who may call a route", () => {
  let guest: Signed;
  let person: Signed;
  let admin: Signed;
  beforeAll(async () => {
    [guest, person, admin] = [await app.guest(), await app.signUp(), await app.admin()];
  });

  it.each<[string, string, string, string, string]>([
    ["/for/public", "ok", "ok", "ok", "ok"],
    ["/for/anybody", "ok", "ok", "ok", "ok"],
    ["/for/account", "token-missing", "ok", "ok", "ok"],
    ["/for/registered", "token-missing", "account-required", "ok", "ok"],
    ["/for/auditor", "token-missing", "forbidden", "forbidden", "ok"],
  ])("%s: nobody %s, guest %s, customer %s, admin %s", async (url, nobody, asGuest, asPerson, asAdmin) => {
    const codes = [
      await code(url),
      await code(url, guest.token),
      await code(url, person.token),
      await code(url, admin.token),
    ];
    expect(codes).toEqual([nobody, asGuest, asPerson, asAdmin]);
  });

  it("is known to the route, but not where tokens are not looked at", async () => {
    expect((await get("/for/anybody", person.token)).json()).toEqual({ accountId: person.accountId });
    expect((await get("/for/public", person.token)).json()).toEqual({ accountId: null });
  });

  it("has to be said: without it the API is not built", async () => {
    const silent: RoutePlugin = (api) => {
      api.get("/silent", { schema: { hide: true } }, async () => "");
    };
    await expect(startApi({ routes: [silent], databaseUrl: app.databaseUrl })).rejects.toThrow(
      "no row in security/policy.ts: who may call GET /silent, HEAD /silent?",
    );
  });
});

describe("a token", () => {
  const claims = () => ({ sid: crypto.randomUUID(), sub: crypto.randomUUID(), exp: Math.floor(now / 1000) + 60 });
  const sign = (payload: object, key = JWT_SECRET, algorithm: "HS256" | "HS512" = "HS256") =>
    createSigner({ key, algorithm })(payload);
  const part = (value: unknown) => Buffer.from(JSON.stringify(value)).toString("base64url");

  it("of another kind, by another secret or without a signature is invalid", async () => {
    const unsigned = `${part({ alg: "none", typ: "JWT" })}.${part(claims())}.`;
    const { token } = await app.guest();
    const changed = token.replace(/\.[^.]+\./, `.${part({ ...claims(), exp: 9_999_999_999 })}.`);
    const text = `${part({ alg: "HS256" })}.${Buffer.from("no json").toString("base64url")}`;
    const nonsense = `${text}.${createHmac("sha256", JWT_SECRET).update(text).digest("base64url")}`;
    const tokens = [unsigned, changed, nonsense, sign(claims(), "x".repeat(32)), sign(claims(), JWT_SECRET, "HS512")];
    tokens.push(
      sign({ ...claims(), sub: "me" }),
      sign({ sid: claims().sid, exp: claims().exp }),
      "nonsense",
      "a.b.c",
      "",
    );
    for (const token of tokens) {
      const refused = await get("/for/account", token);
      expect([refused.statusCode, refused.json().code]).toEqual([401, "token-invalid"]);
      expect(refused.headers["www-authenticate"]).toBe("Bearer");
      expect((await get("/for/anybody", token)).statusCode).toBe(401);
      expect((await get("/for/public", token)).statusCode).toBe(200);
    }
  });

  it("of another scheme is invalid; the scheme's case doesn't count", async () => {
    const { token } = await app.guest();
    const by = (authorization: string) => app.call("GET", "/for/account", { headers: { authorization } });
    expect((await by(`Basic ${token}`)).json().code).toBe("token-invalid");
    expect((await by(token)).json().code).toBe("token-invalid");
    expect((await by(`bearer ${token}`)).statusCode).toBe(200);
  });

  it("that was never a session, or is of another account than its session, is of no use", async () => {
    expect(await code("/for/account", sign(claims()))).toBe("session-ended");
    const { token, accountId } = await app.guest();
    await get("/for/account", token); // remembered now
    const { sid } = JSON.parse(Buffer.from(token.split(".")[1] ?? "", "base64url").toString());
    expect(await code("/for/account", sign({ ...claims(), sid, sub: accountId }))).toBe("ok");
    expect(await code("/for/account", sign({ ...claims(), sid }))).toBe("session-ended");
  });

  it("expires after 24 hours, also one that is remembered", async () => {
    const { token } = await app.guest();
    expect(await code("/for/account", token)).toBe("ok");
    const before = now;
    now += 24 * 60 * 60 * 1000 - 2_000;
    expect(await code("/for/account", token)).toBe("ok");
    now += 2_001;
    expect(await code("/for/account", token)).toBe("token-expired");
    now = before;
  });
});

describe("changes made on another node", () => {
  let other: ApiUnderTest;
  beforeAll(async () => {
    other = await startApi({ routes, policy, databaseUrl: app.databaseUrl });
  });
  afterAll(() => other.close());

  const soon = (check: () => Promise<void>) => vi.waitFor(check, { timeout: 10_000, interval: 5 });

  it("count here: an ended session, a role, a suspension", async () => {
    const [person, admin] = [await app.signUp("Elsewhere"), await other.admin()];
    expect(await code("/for/auditor", person.token)).toBe("forbidden");
    const url = `/accounts/${person.accountId}`;
    await other.call("PUT", `${url}/roles`, { token: admin.token, body: { roles: ["auditor"] } });
    await soon(async () => expect(await code("/for/auditor", person.token)).toBe("ok"));
    await other.call("POST", `${url}/suspend`, { token: admin.token });
    await soon(async () => expect(await code("/for/account", person.token)).toBe("account-suspended"));
    await other.call("POST", `${url}/unsuspend`, { token: admin.token });
    await soon(async () => expect(await code("/for/account", person.token)).toBe("ok"));
    await other.call("DELETE", "/sessions/current", { token: person.token });
    await soon(async () => expect(await code("/for/account", person.token)).toBe("session-ended"));
  });

  it("count at once while they can't be heard of, and later again", async () => {
    const person = await app.signUp("Unheard");
    const admin = await other.admin();
    expect(await code("/for/account", person.token)).toBe("ok");
    const lost = () => app.logged.filter(({ msg }) => String(msg).startsWith("not hearing of changed")).length;
    const before = lost();
    await app.pool.query(
      "select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'boxoffice standing changes' and datname = current_database()",
    );
    await soon(async () => expect(lost()).toBeGreaterThan(before));
    const suspend = `/accounts/${person.accountId}/suspend`;
    await other.call("POST", suspend, { token: admin.token });
    expect(await code("/for/account", person.token)).toBe("account-suspended");
    const heard = () => app.logged.filter(({ msg }) => msg === "hearing of changed sessions and roles").length;
    await soon(async () => expect(heard()).toBeGreaterThan(1));
    await other.call("POST", `/accounts/${person.accountId}/unsuspend`, { token: admin.token });
    await soon(async () => expect(await code("/for/account", person.token)).toBe("ok"));
    await other.call("POST", suspend, { token: admin.token });
    await soon(async () => expect(await code("/for/account", person.token)).toBe("account-suspended"));
  });
});

describe("what is remembered", () => {
  it("spares the database: a known session asks nothing", async () => {
    const { token } = await app.guest();
    await get("/for/account", token);
    const queries = vi.spyOn(app.pool, "query");
    for (let i = 0; i < 20; i++) expect((await get("/for/account", token)).statusCode).toBe(200);
    expect(queries).not.toHaveBeenCalled();
    queries.mockRestore();
  });
});

describe("rate limits", () => {
  let limited: ApiUnderTest;
  beforeAll(async () => {
    limited = await startApi({ routes, policy, databaseUrl: app.databaseUrl, settings: { rateLimitPerMinute: 5 } });
  });
  afterAll(() => limited.close());

  const from = (remoteAddress: string, url: string, headers: Record<string, string> = {}) =>
    limited.api.inject({ method: "GET", url, remoteAddress, headers });

  it("count by address without a token, and say when to come again", async () => {
    for (let i = 4; i >= 0; i--) {
      const allowed = await from("192.0.2.1", "/for/public");
      expect(allowed.statusCode).toBe(200);
      expect(allowed.headers).toMatchObject({ "ratelimit-limit": "5", "ratelimit-remaining": String(i) });
    }
    const refused = await from("192.0.2.1", "/for/public");
    expect([refused.statusCode, refused.json().code]).toEqual([429, "rate-limited"]);
    expect(refused.headers["content-type"]).toBe("application/problem+json");
    expect(Number(refused.headers["retry-after"])).toBeGreaterThan(0);
    expect((await from("192.0.2.2", "/for/public")).statusCode).toBe(200);
  });

  it("count by account with one, wherever it comes from", async () => {
    const [one, other] = [await app.signUp("Counted"), await app.signUp("Other")];
    const authorization = `Bearer ${one.token}`;
    for (let i = 0; i < 5; i++) {
      expect((await from(`198.51.100.${i}`, "/for/account", { authorization })).statusCode).toBe(200);
    }
    expect((await from("198.51.100.9", "/for/account", { authorization })).statusCode).toBe(429);
    const another = `Bearer ${other.token}`;
    expect((await from("198.51.100.9", "/for/account", { authorization: another })).statusCode).toBe(200);
  });

  it("count guests by address: whoever wants to be many guests is", async () => {
    for (let i = 0; i < 5; i++) {
      const authorization = `Bearer ${(await app.guest()).token}`;
      expect((await from("198.51.100.200", "/for/account", { authorization })).statusCode).toBe(200);
    }
    const authorization = `Bearer ${(await app.guest()).token}`;
    expect((await from("198.51.100.200", "/for/account", { authorization })).statusCode).toBe(429);
    expect((await from("198.51.100.201", "/for/account", { authorization })).statusCode).toBe(200);
  });

  it("hold for those who try tokens out", async () => {
    const statuses: number[] = [];
    for (let i = 0; i < 7; i++) {
      statuses.push((await from("203.0.113.1", "/for/account", { authorization: `Bearer x.${i}.y` })).statusCode);
    }
    expect(statuses).toEqual([401, 401, 401, 401, 401, 429, 429]);
  });

  it("take the addresses of one IPv6 customer as one", async () => {
    for (let i = 0; i < 5; i++) await from(`2001:db8::${i + 1}`, "/for/public");
    expect((await from("2001:db8::ffff", "/for/public")).statusCode).toBe(429);
    expect((await from("2001:db8:0:1::1", "/for/public")).statusCode).toBe(200);
  });

  it("never hold for health", async () => {
    for (let i = 0; i < 20; i++) expect((await from("192.0.2.7", "/health/live")).statusCode).toBe(200);
  });

  it("count the address that trusted proxies forward", async () => {
    const settings = { rateLimitPerMinute: 1, trustProxy: ["10.0.0.0/8"] };
    const proxied = await startApi({ routes, policy, databaseUrl: app.databaseUrl, settings });
    const call = (remoteAddress: string, client: string) =>
      proxied.api.inject({ method: "GET", url: "/for/public", remoteAddress, headers: { "x-forwarded-for": client } });
    expect((await call("10.1.1.1", "192.0.2.50")).statusCode).toBe(200);
    expect((await call("10.1.1.1", "192.0.2.51")).statusCode).toBe(200);
    expect((await call("10.1.1.2", "192.0.2.51")).statusCode).toBe(429);
    expect((await call("192.0.2.99", "192.0.2.52")).statusCode).toBe(200);
    expect((await call("192.0.2.99", "192.0.2.53")).statusCode).toBe(429);
    await proxied.close();
  });
});
