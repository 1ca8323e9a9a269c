import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type ApiUnderTest, type Signed, startApi } from "./harness.ts";

let app: ApiUnderTest;
let admin: Signed;
beforeAll(async () => {
  app = await startApi();
  admin = await app.admin();
});
afterAll(() => app.close());

const password = "a good password";

async function register(name: string, email: string): Promise<string> {
  const made = await app.call("POST", "/accounts", { body: { email, password, name } });
  expect(made.statusCode, made.body).toBe(201);
  return made.json().accountId;
}

async function listed(query: Record<string, string>): Promise<{ ids: string[]; next: string | null }> {
  const reply = await app.call("GET", `/accounts?${new URLSearchParams(query)}`, { token: admin.token });
  expect(reply.statusCode, reply.body).toBe(200);
  const { items, next } = reply.json();
  return { ids: items.map(({ accountId }: { accountId: string }) => accountId), next };
}

describe("the list of accounts", () => {
  it("finds by a part of e-mail or name, whatever its case, and by id", async () => {
    const grace = await register("Grace Hopper", "compiler@navy.example");
    const percent = await register("100% sure_", "odd\\one@example.org".replace("\\", "."));
    for (const q of ["GRACE", "ace hop", "Compiler@", "navy.ex", grace, grace.toUpperCase()]) {
      expect((await listed({ q })).ids, q).toEqual([grace]);
    }
    // What means something to the database means itself here.
    expect((await listed({ q: "100% s" })).ids).toEqual([percent]);
    expect((await listed({ q: "sure_" })).ids).toEqual([percent]);
    for (const q of ["G%r", "gr_ce", "\\", "no such person"]) expect((await listed({ q })).ids, q).toEqual([]);
  });

  it("shows accounts as their owners see them, guests too, and nobody who was erased", async () => {
    const session = await app.call("POST", "/sessions/guest", { body: { email: "listed-guest@example.org" } });
    const { token, accountId } = session.json();
    const me = (await app.call("GET", "/accounts/me", { token })).json();
    const reply = await app.call("GET", "/accounts?q=listed-guest", { token: admin.token });
    expect(reply.json()).toEqual({ items: [me], next: null });
    await app.call("DELETE", "/accounts/me", { token });
    expect((await listed({ q: "listed-guest" })).ids).toEqual([]);
    expect((await listed({ q: accountId })).ids).toEqual([]);
  });

  it("finds by role", async () => {
    const accountId = await register("Auditor", "auditor@example.org");
    await app.call("PUT", `/accounts/${accountId}/roles`, { token: admin.token, body: { roles: ["auditor"] } });
    expect((await listed({ role: "auditor" })).ids).toEqual([accountId]);
    expect((await listed({ role: "admin" })).ids).toEqual([admin.accountId]);
    expect((await listed({ role: "admin", q: "auditor" })).ids).toEqual([]);
    expect((await listed({ role: "analyst" })).ids).toEqual([]);
  });

  it("goes on where it was left, newest first, each once, whatever comes or goes meanwhile", async () => {
    const made: string[] = [];
    for (let i = 0; i < 7; i += 1) made.unshift(await register(`Paged ${i}`, `paged-${i}@example.org`));
    // As many made within one microsecond would be: only their ids order them.
    await app.pool.query(
      "update accounts.account set created_at = '2030-01-01T00:00:00.123456Z' where name like 'Paged%'",
    );
    const inOrder = made.toSorted().reverse();
    const seen: string[] = [];
    let page = await listed({ q: "paged", limit: "2" });
    seen.push(...page.ids);
    await register("Paged later", "paged-later@example.org");
    await app.pool.query("update accounts.account set created_at = '2031-01-01' where name = 'Paged later'");
    // The one that the list was left off at is erased: the list goes on from there all the same.
    const email = `paged-${made.length - 1 - made.indexOf(page.ids[1] as string)}@example.org`;
    const { token } = (await app.call("POST", "/sessions", { body: { email, password } })).json();
    expect((await app.call("DELETE", "/accounts/me", { token })).statusCode).toBe(204);
    while (page.next !== null) {
      page = await listed({ q: "paged", limit: "2", cursor: page.next });
      seen.push(...page.ids);
    }
    expect(seen).toEqual(inOrder);
  });

  it("is for administrators", async () => {
    expect((await app.call("GET", "/accounts")).statusCode).toBe(401);
    for (const { token } of [await app.guest(), await app.signUp()]) {
      expect((await app.call("GET", "/accounts", { token })).json().code).toBe("forbidden");
    }
  });

  it("refuses what it doesn't know", async () => {
    for (const query of [
      "role=organizer",
      "limit=201",
      "limit=0",
      "cursor=x",
      "q=",
      "name=x",
      `q=${"x".repeat(201)}`,
    ]) {
      const refused = await app.call("GET", `/accounts?${query}`, { token: admin.token });
      expect([query, refused.statusCode, refused.json().code]).toEqual([query, 400, "invalid"]);
    }
  });
});
