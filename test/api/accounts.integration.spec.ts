import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ADMIN, type ApiUnderTest, startApi } from "./harness.ts";

let app: ApiUnderTest;
beforeAll(async () => {
  app = await startApi();
});
afterAll(() => app.close());

const password = "a good password";

describe("making an account", () => {
  it("answers what a GET of it answers, and where it is", async () => {
    const made = await app.call("POST", "/accounts", { body: { email: "Ada@Example.org", password, name: " Ada " } });
    expect(made.statusCode).toBe(201);
    expect(made.headers.location).toBe("/accounts/me");
    expect(made.json()).toMatchObject({ email: "Ada@Example.org", name: "Ada", roles: ["customer"], guest: false });
    const session = await app.call("POST", "/sessions", { body: { email: "ada@example.ORG", password } });
    expect(session.statusCode).toBe(201);
    const me = await app.call("GET", "/accounts/me", { token: session.json().token });
    expect(me.json()).toEqual(made.json());
  });

  it("refuses an e-mail that has one, whatever its case", async () => {
    await app.call("POST", "/accounts", { body: { email: "twice@example.org", password, name: "One" } });
    const again = await app.call("POST", "/accounts", { body: { email: "TWICE@example.org", password, name: "Two" } });
    expect(again.statusCode).toBe(409);
    expect(again.json().code).toBe("email-taken");
  });

  it("names each wrong field", async () => {
    const refused = await app.call("POST", "/accounts", {
      body: { email: "no", password: "short", name: " ", age: 3 },
    });
    expect(refused.statusCode).toBe(400);
    expect(
      refused
        .json()
        .errors.map((error: { path: string }) => error.path)
        .sort(),
    ).toEqual(["/age", "/email", "/name", "/password"]);
  });

  it("takes passwords of 8 to 200 characters", async () => {
    const statuses = [7, 8, 200, 201].map(async (length) => {
      const body = { email: `length-${length}@example.org`, password: "x".repeat(length), name: "X" };
      return (await app.call("POST", "/accounts", { body })).statusCode;
    });
    expect(await Promise.all(statuses)).toEqual([400, 201, 201, 400]);
  });
});

describe("guests", () => {
  it("buy without an account, and may leave an e-mail", async () => {
    const session = await app.call("POST", "/sessions/guest", { body: { email: "guest@example.org" } });
    expect(session.statusCode).toBe(201);
    const me = await app.call("GET", "/accounts/me", { token: session.json().token });
    expect(me.json()).toMatchObject({ guest: true, email: "guest@example.org", name: null });
  });

  it("become an account under the same id, with the token they have", async () => {
    const guest = await app.guest();
    await app.call("GET", "/accounts/me", { token: guest.token }); // remembered as a guest now
    const body = { email: "was-guest@example.org", password, name: "Grace" };
    const made = await app.call("POST", "/accounts", { token: guest.token, body });
    expect(made.json()).toMatchObject({ accountId: guest.accountId, guest: false });
    const me = await app.call("GET", "/accounts/me", { token: guest.token });
    expect(me.json()).toEqual(made.json());
    const session = await app.call("POST", "/sessions", { body: { email: body.email, password } });
    expect(session.json().accountId).toBe(guest.accountId);
  });

  it("stay guests when the e-mail is taken", async () => {
    const guest = await app.guest();
    const { email } = await app.signUp("Taken");
    const refused = await app.call("POST", "/accounts", { token: guest.token, body: { email, password, name: "X" } });
    expect(refused.json().code).toBe("email-taken");
    expect((await app.call("GET", "/accounts/me", { token: guest.token })).json().guest).toBe(true);
  });

  it("make one account of a guest when two are asked for at once", async () => {
    const guest = await app.guest();
    const asked = ["a", "b"].map((name) =>
      app.call("POST", "/accounts", {
        token: guest.token,
        body: { email: `${name}-race@example.org`, password, name },
      }),
    );
    const ids = (await Promise.all(asked)).map((made) => made.json().accountId);
    expect(ids.filter((accountId) => accountId === guest.accountId)).toHaveLength(1);
  });
});

describe("signing in", () => {
  it("says the same for a wrong password and an unknown e-mail", async () => {
    const { email } = await app.signUp("Wrong");
    const wrong = await app.call("POST", "/sessions", { body: { email, password: "not the password" } });
    const unknown = await app.call("POST", "/sessions", { body: { email: "nobody@example.org", password } });
    for (const refused of [wrong, unknown]) {
      expect(refused.statusCode).toBe(401);
      expect(refused.json()).toMatchObject({ code: "bad-credentials" });
    }
  });

  it("pauses after ten wrong passwords for one account from one address, also for the right one", async () => {
    const { email } = await app.signUp("Guessed");
    const guess = (secret: string) =>
      app.call("POST", "/sessions", { body: { email: email.toUpperCase(), password: secret } });
    const guesses = await Promise.all(Array.from({ length: 12 }, (_, i) => guess(`guess number ${i}`)));
    expect(guesses.filter((one) => one.statusCode === 401)).toHaveLength(10);
    const paused = await guess(password);
    expect(paused.statusCode).toBe(429);
    expect(paused.json().code).toBe("rate-limited");
    expect(Number(paused.headers["retry-after"])).toBeGreaterThan(0);
    await expect(app.admin()).resolves.toHaveProperty("token"); // others are not meant
  });

  it("ends with the session, at once", async () => {
    const { token } = await app.signUp("Leaving");
    expect((await app.call("DELETE", "/sessions/current", { token })).statusCode).toBe(204);
    const refused = await app.call("GET", "/accounts/me", { token });
    expect(refused.statusCode).toBe(401);
    expect(refused.json().code).toBe("session-ended");
  });
});

describe("one's own account", () => {
  it("changes its name and nothing else", async () => {
    const { token } = await app.signUp("Renamed");
    const renamed = await app.call("PATCH", "/accounts/me", { token, body: { name: "New" } });
    expect(renamed.json().name).toBe("New");
    const refused = await app.call("PATCH", "/accounts/me", { token, body: { name: "New", roles: ["admin"] } });
    expect(refused.json()).toMatchObject({ code: "invalid", errors: [{ path: "/roles", message: "unknown field" }] });
  });

  it("is erased with everything personal, and its sessions end", async () => {
    const { token, accountId, email } = await app.signUp("Erased");
    expect((await app.call("DELETE", "/accounts/me", { token })).statusCode).toBe(204);
    expect((await app.call("GET", "/accounts/me", { token })).json().code).toBe("session-ended");
    const rows = await app.pool.query("select * from accounts.account where account_id = $1", [accountId]);
    expect(rows.rows[0]).toMatchObject({ email: null, name: null, password_hash: null });
    expect((await app.call("POST", "/sessions", { body: { email, password } })).statusCode).toBe(401);
    const again = await app.call("POST", "/accounts", { body: { email, password, name: "New person" } });
    expect(again.statusCode).toBe(201);
    expect(again.json().accountId).not.toBe(accountId);
  });
});

describe("administration", () => {
  it("gives roles that count from the next request on", async () => {
    const [admin, person] = [await app.admin(), await app.signUp("Promoted")];
    const other = await app.signUp("Other");
    const url = `/accounts/${other.accountId}/roles`;
    const before = await app.call("PUT", url, { token: person.token, body: { roles: ["auditor"] } });
    expect(before.statusCode).toBe(403);
    const body = { roles: ["admin"] };
    const given = await app.call("PUT", `/accounts/${person.accountId}/roles`, { token: admin.token, body });
    expect(given.json().roles).toEqual(["customer", "admin"]);
    expect((await app.call("PUT", url, { token: person.token, body: { roles: ["auditor"] } })).statusCode).toBe(200);
    await app.call("PUT", `/accounts/${person.accountId}/roles`, { token: admin.token, body: { roles: [] } });
    expect((await app.call("PUT", url, { token: person.token, body: { roles: [] } })).json().code).toBe("forbidden");
  });

  it("locks out and lets in again, with the token that was there", async () => {
    const [admin, person] = [await app.admin(), await app.signUp("Suspended")];
    const suspended = await app.call("POST", `/accounts/${person.accountId}/suspend`, { token: admin.token });
    expect(suspended.json().suspended).toBe(true);
    const refused = await app.call("GET", "/accounts/me", { token: person.token });
    expect([refused.statusCode, refused.json().code]).toEqual([403, "account-suspended"]);
    const signIn = await app.call("POST", "/sessions", { body: { email: person.email, password } });
    expect([signIn.statusCode, signIn.json().code]).toEqual([403, "account-suspended"]);
    await app.call("POST", `/accounts/${person.accountId}/unsuspend`, { token: admin.token });
    expect((await app.call("GET", "/accounts/me", { token: person.token })).statusCode).toBe(200);
  });

  it("knows no account by an unknown id, or one that is no id", async () => {
    const { token } = await app.admin();
    for (const accountId of ["7d9f5f0e-0000-4000-8000-000000000000", "nobody", "x".repeat(150)]) {
      const refused = await app.call("POST", `/accounts/${accountId}/suspend`, { token });
      expect(refused.statusCode).toBe(404);
    }
  });

  it("has its first admin from the start, who is not made of an account that was there", async () => {
    const again = await startApi({ databaseUrl: app.databaseUrl });
    expect((await again.admin()).accountId).toBe((await app.admin()).accountId);
    await again.close();
    await app.pool.query("update accounts.account set roles = '{customer}' where email = $1", [ADMIN.email]);
    const third = await startApi({ databaseUrl: app.databaseUrl });
    const { token } = await third.admin();
    expect((await third.call("GET", "/accounts/me", { token })).json().roles).toEqual(["customer"]);
    expect(third.logged.map(({ msg }) => msg)).toContain(
      "ADMIN_EMAIL belongs to an account that is no admin: it was left as it is",
    );
    await third.close();
    await app.pool.query("update accounts.account set roles = '{customer,admin}' where email = $1", [ADMIN.email]);
  });
});
