import { createHash } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { z } from "zod";
import { MOST_KEYS } from "../../src/accounts/api-keys.ts";
import { createKeyUse } from "../../src/accounts/key-use.ts";
import type { RoutePlugin } from "../../src/api/conventions/route-config.ts";
import { type ApiUnderTest, type Signed, startApi } from "./harness.ts";

const probe =
  (name: string): RoutePlugin =>
  (api) => {
    api.route({
      method: "GET",
      url: `/for/${name}`,
      schema: { tags: ["Probes"], response: { 200: z.strictObject({ accountId: z.string().nullable() }) } },
      handler: async ({ caller }) => ({ accountId: caller?.accountId ?? null }),
    });
  };
const policy = {
  "GET /for/reading": { who: "account", key: "read" },
  "GET /for/selling": { who: "account", key: "sell" },
  "GET /for/managing": { who: "registered", key: "manage" },
  "GET /for/anybody": { who: "anybody", key: "read" },
  "GET /for/public": { who: "public", key: null },
  "GET /for/people": { who: "account", key: null },
  "GET /for/auditors": { who: ["auditor"], key: "read" },
} as const;
const routes = ["reading", "selling", "managing", "anybody", "public", "people", "auditors"].map(probe);

let app: ApiUnderTest;
beforeAll(async () => {
  app = await startApi({ routes, policy, logLevel: "debug" });
});
afterAll(() => app.close());

const make = ({ token }: Signed, scopes: string[] = ["read"], name = "Till") =>
  app.call("POST", "/api-keys", { token, body: { name, scopes } });
const keyOf = async (person: Signed, scopes?: string[]): Promise<{ keyId: string; key: string }> => {
  const made = await make(person, scopes);
  expect(made.statusCode, made.body).toBe(201);
  return made.json();
};
const list = async ({ token }: Signed, query = "") => (await app.call("GET", `/api-keys${query}`, { token })).json();
const outcome = async (url: string, token: string, on = app) => {
  const reply = await on.call("GET", url, { token });
  return reply.statusCode === 200 ? "ok" : reply.json().code;
};
const soon = (check: () => Promise<void>) => vi.waitFor(check, { timeout: 10_000, interval: 5 });

describe("making a key", () => {
  it("shows it once, and keeps only its hash", async () => {
    const person = await app.signUp();
    const made = await make(person, ["sell", "read", "sell"]);
    expect(made.statusCode).toBe(201);
    const { key, ...shown } = made.json();
    expect(made.headers.location).toBe(`/api-keys/${shown.keyId}`);
    expect(key).toMatch(/^bk_[\w-]{43}$/);
    expect(shown).toMatchObject({ name: "Till", scopes: ["sell", "read"], hint: key.slice(-4), lastUsedAt: null });
    expect(await list(person)).toEqual({ items: [shown], next: null });
    const { rows } = await app.pool.query("select to_jsonb(k) as row from accounts.api_key k where key_id = $1", [
      shown.keyId,
    ]);
    expect(rows[0].row.key_hash).toBe(createHash("sha256").update(key).digest("base64url"));
    expect(JSON.stringify(rows)).not.toContain(key);
    expect(JSON.stringify(app.logged)).not.toContain(key);
  });

  it("says where it is read, without its text, by nobody else", async () => {
    const owner = await app.signUp();
    const made = await make(owner, ["read"]);
    const { key, ...shown } = made.json();
    const url = String(made.headers.location);
    expect((await app.call("GET", url, { token: owner.token })).json()).toEqual(shown);
    for (const [by, path] of [
      [await app.signUp(), url],
      [owner, "/api-keys/x"],
    ] as const) {
      const reply = await app.call("GET", path, { token: by.token });
      expect([reply.statusCode, reply.json().code]).toEqual([404, "api-key-not-found"]);
    }
  });

  it("takes a name and scopes that there are", async () => {
    const person = await app.signUp();
    for (const body of [{}, { name: "x" }, { name: "x", scopes: [] }, { name: "x", scopes: ["all"] }, { name: "" }]) {
      const refused = await app.call("POST", "/api-keys", { token: person.token, body });
      expect([refused.statusCode, refused.json().code]).toEqual([400, "invalid"]);
    }
    expect((await list(person)).items).toEqual([]);
  });

  it(`stops at ${MOST_KEYS}, also when many are asked for at once`, async () => {
    const person = await app.signUp();
    const replies = await Promise.all(Array.from({ length: MOST_KEYS + 5 }, () => make(person)));
    const refused = replies.filter(({ statusCode }) => statusCode !== 201);
    expect(refused.map((reply) => reply.json().code)).toEqual(Array.from({ length: 5 }, () => "too-many-api-keys"));
    const page = await list(person, "?limit=200");
    expect([page.items.length, page.next]).toEqual([MOST_KEYS, null]);
    const some = page.items[7].keyId;
    expect((await app.call("DELETE", `/api-keys/${some}`, { token: person.token })).statusCode).toBe(204);
    expect((await make(person)).statusCode).toBe(201);
  });

  it("is not for guests, nor for keys", async () => {
    expect((await make(await app.guest())).json().code).toBe("account-required");
    const { key } = await keyOf(await app.signUp(), ["read", "sell", "manage"]);
    for (const [method, url] of [
      ["POST", "/api-keys"],
      ["GET", "/api-keys"],
      ["DELETE", "/api-keys/7d9f5f0e-0000-4000-8000-000000000000"],
    ] as const) {
      const body = method === "POST" ? { name: "x", scopes: ["read"] } : undefined;
      const refused = await app.call(method, url, { token: key, body });
      expect([refused.statusCode, refused.json().code, refused.json().scope]).toEqual([403, "scope-missing", null]);
    }
  });
});

describe("the list of keys", () => {
  it("goes on where it was left, newest first, and has nobody else's", async () => {
    const [person, other] = [await app.signUp(), await app.signUp()];
    const made: string[] = [];
    for (let i = 0; i < 5; i += 1) made.unshift((await keyOf(person)).keyId);
    await keyOf(other);
    const seen: string[] = [];
    let query = "?limit=2";
    for (;;) {
      const { items, next } = await list(person, query);
      seen.push(...items.map(({ keyId }: { keyId: string }) => keyId));
      if (next === null) break;
      query = `?limit=2&cursor=${next}`;
    }
    expect(seen).toEqual(made);
    const refused = await app.call("GET", "/api-keys?cursor=x", { token: person.token });
    expect([refused.statusCode, refused.json().errors[0].path]).toEqual([400, "/cursor"]);
  });
});

describe("a key", () => {
  it("does what its scopes say, and nothing that is for people", async () => {
    const person = await app.signUp();
    const table = {
      "/for/reading": { read: "ok", sell: "scope-missing", manage: "scope-missing" },
      "/for/selling": { read: "scope-missing", sell: "ok", manage: "scope-missing" },
      "/for/managing": { read: "scope-missing", sell: "scope-missing", manage: "ok" },
      "/for/anybody": { read: "ok", sell: "scope-missing", manage: "scope-missing" },
      "/for/public": { read: "ok", sell: "ok", manage: "ok" },
      "/for/people": { read: "scope-missing", sell: "scope-missing", manage: "scope-missing" },
      "/for/auditors": { read: "forbidden", sell: "forbidden", manage: "forbidden" },
    };
    const keys = { read: "", sell: "", manage: "" };
    for (const scope of ["read", "sell", "manage"] as const) keys[scope] = (await keyOf(person, [scope])).key;
    for (const [url, expected] of Object.entries(table)) {
      for (const scope of ["read", "sell", "manage"] as const) {
        expect([url, scope, await outcome(url, keys[scope])]).toEqual([url, scope, expected[scope]]);
      }
    }
    const refused = await app.call("GET", "/for/selling", { token: keys.read });
    expect(refused.json()).toMatchObject({ code: "scope-missing", scope: "sell" });
  });

  it("acts as its account, with the account's roles as they are at the moment", async () => {
    const [person, admin] = [await app.signUp(), await app.admin()];
    const { key } = await keyOf(person);
    expect((await app.call("GET", "/for/reading", { token: key })).json()).toEqual({ accountId: person.accountId });
    expect(await outcome("/for/auditors", key)).toBe("forbidden");
    const url = `/accounts/${person.accountId}`;
    await app.call("PUT", `${url}/roles`, { token: admin.token, body: { roles: ["auditor"] } });
    expect(await outcome("/for/auditors", key)).toBe("ok");
    await app.call("POST", `${url}/suspend`, { token: admin.token });
    expect(await outcome("/for/reading", key)).toBe("account-suspended");
    await app.call("POST", `${url}/unsuspend`, { token: admin.token });
    expect(await outcome("/for/reading", key)).toBe("ok");
  });

  it("is of no use once it is revoked, at once, which only its owner can", async () => {
    const [person, other] = [await app.signUp(), await app.signUp()];
    const { keyId, key } = await keyOf(person);
    expect(await outcome("/for/reading", key)).toBe("ok");
    const strange = await app.call("DELETE", `/api-keys/${keyId}`, { token: other.token });
    expect([strange.statusCode, strange.json().code]).toEqual([404, "api-key-not-found"]);
    expect(await outcome("/for/reading", key)).toBe("ok");
    expect((await app.call("DELETE", `/api-keys/${keyId}`, { token: person.token })).statusCode).toBe(204);
    expect(await outcome("/for/reading", key)).toBe("token-invalid");
    const again = await app.call("DELETE", `/api-keys/${keyId}`, { token: person.token });
    expect(again.statusCode).toBe(404);
    expect((await app.call("DELETE", "/api-keys/nonsense", { token: person.token })).statusCode).toBe(404);
  });

  it("that nobody gave out is not valid", async () => {
    const { key } = await keyOf(await app.signUp());
    for (const wrong of ["bk_", `${key}x`, key.slice(0, -1), `bk_${"x".repeat(43)}`, key.toUpperCase()]) {
      const refused = await app.call("GET", "/for/reading", { token: wrong });
      expect([refused.statusCode, refused.json().code]).toEqual([401, "token-invalid"]);
    }
  });

  it("outlasts signing out everywhere and a new password, and ends with its person", async () => {
    const person = await app.signUp();
    const { key } = await keyOf(person);
    await app.call("POST", "/password-resets", { body: { email: person.email } });
    const reset = await app.accounts.passwordResets.toMail(app.mails.at(-1)?.resetId ?? "");
    await app.call("POST", `/password-resets/${reset?.token}`, { body: { password: "a new password" } });
    expect(await outcome("/for/reading", key)).toBe("ok");
    const body = { email: person.email, password: "a new password" };
    const { token } = (await app.call("POST", "/sessions", { body })).json();
    await app.call("DELETE", "/accounts/me", { token });
    expect(await outcome("/for/reading", key)).toBe("token-invalid");
    const { rows } = await app.pool.query("select 1 from accounts.api_key where account_id = $1", [person.accountId]);
    expect(rows).toEqual([]);
  });

  it("is limited with its account", async () => {
    const limited = await startApi({
      routes,
      policy,
      databaseUrl: app.databaseUrl,
      settings: { rateLimitPerMinute: 3 },
    });
    const person = await app.signUp();
    const { key } = await keyOf(person);
    expect(await outcome("/for/reading", key, limited)).toBe("ok");
    expect(await outcome("/for/reading", person.token, limited)).toBe("ok");
    expect(await outcome("/for/reading", key, limited)).toBe("ok");
    expect(await outcome("/for/reading", person.token, limited)).toBe("rate-limited");
    expect(await outcome("/for/reading", key, limited)).toBe("rate-limited");
    await limited.close();
  });

  it("that is known asks the database nothing; revoked on another node it is refused here", async () => {
    const person = await app.signUp();
    const { keyId, key } = await keyOf(person);
    await outcome("/for/reading", key);
    const queries = vi.spyOn(app.pool, "query");
    for (let i = 0; i < 20; i += 1) expect(await outcome("/for/reading", key)).toBe("ok");
    expect(queries).not.toHaveBeenCalled();
    queries.mockRestore();
    const other = await startApi({ routes, policy, databaseUrl: app.databaseUrl });
    expect(await outcome("/for/reading", key, other)).toBe("ok");
    await other.call("DELETE", `/api-keys/${keyId}`, { token: person.token });
    expect(await outcome("/for/reading", key, other)).toBe("token-invalid");
    await soon(async () => expect(await outcome("/for/reading", key)).toBe("token-invalid"));
    await other.close();
  });
});

describe("when a key was used last", () => {
  it("is written down once in a while and at the end, whatever is going on", async () => {
    const person = await app.signUp();
    const used = await keyOf(person);
    const unused = await keyOf(person);
    const other = await startApi({ routes, policy, databaseUrl: app.databaseUrl });
    const before = Date.now();
    for (let i = 0; i < 50; i += 1) await outcome("/for/reading", used.key, other);
    expect((await list(person)).items[1].lastUsedAt).toBeNull();
    await other.close();
    const { items } = await list(person);
    expect(items.map(({ keyId }: { keyId: string }) => keyId)).toEqual([unused.keyId, used.keyId]);
    expect(items[0].lastUsedAt).toBeNull();
    expect(Date.parse(items[1].lastUsedAt)).toBeGreaterThanOrEqual(before);
    expect(Date.parse(items[1].lastUsedAt)).toBeLessThanOrEqual(Date.now());
  });

  it("takes one statement for all keys, waits for nobody, and never goes back", async () => {
    const person = await app.signUp();
    const keys = [await keyOf(person), await keyOf(person)];
    let now = Date.parse("2030-01-01T00:00:00.000Z");
    const queries = vi.spyOn(app.pool, "query");
    const use = createKeyUse(app.pool, () => now);
    await use.flush();
    expect(queries).toHaveBeenCalledTimes(0);
    for (let i = 0; i < 1_000; i += 1) for (const { keyId } of keys) use.note(keyId);
    // Another node is writing to one of them.
    const holder = await app.pool.connect();
    await holder.query("begin");
    await holder.query("select 1 from accounts.api_key where key_id = $1 for update", [keys[0]?.keyId]);
    queries.mockClear();
    await use.flush();
    expect(queries).toHaveBeenCalledTimes(1);
    queries.mockRestore();
    await holder.query("commit");
    holder.release();
    const times = async () =>
      (await list(person)).items.map(({ lastUsedAt }: { lastUsedAt: string | null }) => lastUsedAt).reverse();
    expect(await times()).toEqual([null, "2030-01-01T00:00:00.000Z"]);
    now -= 60_000;
    for (const { keyId } of keys) use.note(keyId);
    await use.flush();
    expect(await times()).toEqual(["2029-12-31T23:59:00.000Z", "2030-01-01T00:00:00.000Z"]);
  });
});
