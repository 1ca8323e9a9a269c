import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { MOST_OF_BOTH } from "../../src/accounts/sign-in-attempts.ts";
import { type ApiUnderTest, type Signed, startApi } from "./harness.ts";

let app: ApiUnderTest;
let clock = 1_900_000_000_000;
beforeAll(async () => {
  app = await startApi({ nowMs: () => clock, logLevel: "debug" });
});
afterAll(() => app.close());
beforeEach(() => {
  app.mails.length = 0;
  clock += 24 * 60 * 60 * 1000; // what was counted of the address before is forgotten
});

const OLD = "a good password";
const NEW = "a better password";
const ask = (email: string) => app.call("POST", "/password-resets", { body: { email } });
const choose = (token: string, password = NEW) => app.call("POST", `/password-resets/${token}`, { body: { password } });
const signIn = (email: string, password: string) => app.call("POST", "/sessions", { body: { email, password } });
const mailsTo = ({ accountId }: Signed) => app.mails.filter((mail) => mail.accountId === accountId);

/** The token as the mail would have it. */
async function tokenOf(resetId: string | undefined): Promise<string> {
  const reset = await app.accounts.passwordResets.toMail(resetId ?? "");
  return reset?.token ?? "";
}

async function asked(person: Signed): Promise<string> {
  expect((await ask(person.email)).statusCode).toBe(202);
  return tokenOf(mailsTo(person).at(-1)?.resetId);
}

const refusedAs = async (reply: Awaited<ReturnType<typeof choose>>) => [reply.statusCode, reply.json().code];
const NOT_FOUND = [404, "password-reset-not-found"];

describe("asking for a new password", () => {
  it("has a mail sent to the account, whatever the e-mail's case", async () => {
    const person = await app.signUp();
    const reply = await ask(person.email.toUpperCase());
    expect([reply.statusCode, reply.json()]).toEqual([202, { email: person.email.toUpperCase() }]);
    expect(mailsTo(person)).toMatchObject([{ kind: "password-reset" }]);
  });

  it("says the same where there is no account, and takes as long", async () => {
    const person = await app.signUp();
    const timed = async (email: string) => {
      const began = performance.now();
      const { statusCode, body } = await ask(email);
      expect([statusCode, body]).toEqual([202, JSON.stringify({ email })]);
      return performance.now() - began;
    };
    for (const email of [person.email, "nobody@example.org"]) expect(await timed(email)).toBeGreaterThanOrEqual(195);
    expect(app.mails).toHaveLength(1);
  });

  it("is of no use to guests, who have no password, nor to who was erased", async () => {
    const session = await app.call("POST", "/sessions/guest", { body: { email: "a-guest@example.org" } });
    expect(session.statusCode).toBe(201);
    const erased = await app.signUp();
    await app.call("DELETE", "/accounts/me", { token: erased.token });
    app.mails.length = 0;
    for (const email of ["a-guest@example.org", erased.email]) expect((await ask(email)).statusCode).toBe(202);
    expect(app.mails).toEqual([]);
  });

  it("sends three mails an hour to one account, also when many ask at once", async () => {
    const person = await app.signUp();
    // All connections are open beforehand, or the first request would be done before there is a second connection.
    await Promise.all(Array.from({ length: 4 }, () => app.pool.query("select pg_sleep(0.1)")));
    const replies = await Promise.all(Array.from({ length: 8 }, () => ask(person.email)));
    expect(replies.map(({ statusCode }) => statusCode)).toEqual(Array.from({ length: 8 }, () => 202));
    expect(mailsTo(person)).toHaveLength(3);
    await app.pool.query("update accounts.password_reset set expires_at = now() where account_id = $1", [
      person.accountId,
    ]);
    await ask(person.email);
    expect(mailsTo(person)).toHaveLength(4);
  });

  it("is limited by address", async () => {
    const replies = await Promise.all(Array.from({ length: 21 }, (_, i) => ask(`nobody-${i}@example.org`)));
    const refused = replies.filter(({ statusCode }) => statusCode === 429);
    expect(refused).toHaveLength(1);
    expect(refused[0]?.json().code).toBe("rate-limited");
    expect(Number(refused[0]?.headers["retry-after"])).toBeGreaterThan(3_500);
  });

  it("leaves no reset where its mail can't be told", async () => {
    const person = await app.signUp();
    const push = vi.spyOn(app.mails, "push").mockImplementationOnce(() => {
      throw new Error("the outbox is full");
    });
    expect((await ask(person.email)).statusCode).toBe(500);
    push.mockRestore();
    const { rows } = await app.pool.query("select 1 from accounts.password_reset where account_id = $1", [
      person.accountId,
    ]);
    expect(rows).toEqual([]);
  });
});

describe("choosing a new password", () => {
  it("ends all sessions; from then on the new one counts, and the mail's reader is told", async () => {
    const person = await app.signUp();
    const other = (await signIn(person.email, OLD)).json().token;
    const token = await asked(person);
    expect((await app.call("GET", "/accounts/me", { token: other })).statusCode).toBe(200);
    expect((await choose(token)).statusCode).toBe(204);
    for (const ended of [person.token, other]) {
      expect((await app.call("GET", "/accounts/me", { token: ended })).json().code).toBe("session-ended");
    }
    expect((await signIn(person.email, OLD)).statusCode).toBe(401);
    expect((await signIn(person.email, NEW)).statusCode).toBe(201);
    expect(mailsTo(person).map(({ kind }) => kind)).toEqual(["password-reset", "password-changed"]);
  });

  it("can be done once, and with it the account's other tokens are used up", async () => {
    const person = await app.signUp();
    const [first, second] = [await asked(person), await asked(person)];
    expect(first).not.toBe(second);
    expect((await choose(second)).statusCode).toBe(204);
    for (const token of [second, first]) expect(await refusedAs(await choose(token, "another one"))).toEqual(NOT_FOUND);
    expect((await signIn(person.email, NEW)).statusCode).toBe(201);
  });

  it("is done by one of many at once, whichever tokens they have", async () => {
    const person = await app.signUp();
    const tokens = [await asked(person), await asked(person), await asked(person)];
    const passwords = Array.from({ length: 12 }, (_, i) => `the password of ${i}`);
    const replies = await Promise.all(passwords.map((password, i) => choose(tokens[i % 3] as string, password)));
    const done = replies.flatMap(({ statusCode }, i) => (statusCode === 204 ? [i] : []));
    expect(done).toHaveLength(1);
    expect(replies.filter(({ statusCode }) => statusCode === 404)).toHaveLength(11);
    expect((await signIn(person.email, passwords[done[0] as number] as string)).statusCode).toBe(201);
    expect(mailsTo(person).filter(({ kind }) => kind === "password-changed")).toHaveLength(1);
  });

  it("is over after an hour", async () => {
    const person = await app.signUp();
    const token = await asked(person);
    const { rows } = await app.pool.query<{ minutes: number }>(
      "select extract(epoch from expires_at - now())::float / 60 as minutes from accounts.password_reset where account_id = $1",
      [person.accountId],
    );
    expect(rows[0]?.minutes).toBeGreaterThan(59);
    expect(rows[0]?.minutes).toBeLessThanOrEqual(60);
    await app.pool.query("update accounts.password_reset set expires_at = now() where account_id = $1", [
      person.accountId,
    ]);
    expect(await refusedAs(await choose(token))).toEqual(NOT_FOUND);
    expect((await signIn(person.email, OLD)).statusCode).toBe(201);
    expect(await app.accounts.passwordResets.deleteExpired(100)).toBeGreaterThanOrEqual(1);
  });

  it("needs a token that was given out here, and a password of 8 to 200 characters", async () => {
    const person = await app.signUp();
    const token = await asked(person);
    for (const wrong of ["x", token.slice(1), `${token}x`, crypto.randomUUID()]) {
      expect(await refusedAs(await choose(wrong))).toEqual(NOT_FOUND);
    }
    for (const password of ["x".repeat(7), "x".repeat(201)]) {
      expect((await choose(token, password)).json()).toMatchObject({
        code: "invalid",
        errors: [{ path: "/password" }],
      });
    }
    expect((await choose(token, "x".repeat(8))).statusCode).toBe(204);
  });

  it("is not for who was erased meanwhile", async () => {
    const person = await app.signUp();
    const token = await asked(person);
    expect((await app.call("DELETE", "/accounts/me", { token: person.token })).statusCode).toBe(204);
    expect(await refusedAs(await choose(token))).toEqual(NOT_FOUND);
    expect(mailsTo(person).map(({ kind }) => kind)).toEqual(["password-reset", "forgotten"]);
  });

  it("leaves everything as it was where its mail can't be told", async () => {
    const person = await app.signUp();
    const token = await asked(person);
    const push = vi.spyOn(app.mails, "push").mockImplementationOnce(() => {
      throw new Error("the outbox is full");
    });
    expect((await choose(token)).statusCode).toBe(500);
    push.mockRestore();
    expect((await app.call("GET", "/accounts/me", { token: person.token })).statusCode).toBe(200);
    expect((await signIn(person.email, OLD)).statusCode).toBe(201);
    expect((await choose(token)).statusCode).toBe(204);
  });

  it("lets those in again whom guesses kept out", async () => {
    const person = await app.signUp();
    const token = await asked(person);
    const guesses = Array.from({ length: MOST_OF_BOTH }, (_, i) => signIn(person.email, `guess ${i}`));
    await Promise.all(guesses);
    expect((await signIn(person.email, OLD)).statusCode).toBe(429);
    await choose(token);
    expect((await signIn(person.email, NEW)).statusCode).toBe(201);
  });

  it("leaves no session to somebody who signs in with the old password at the same time", async () => {
    for (let round = 0; round < 5; round += 1) {
      const person = await app.signUp();
      const token = await asked(person);
      const tries = Array.from({ length: 4 }, () => signIn(person.email, OLD));
      expect((await choose(token)).statusCode).toBe(204);
      for (const tried of await Promise.all(tries)) {
        if (tried.statusCode === 401) continue;
        const still = await app.call("GET", "/accounts/me", { token: tried.json().token });
        expect(still.json().code).toBe("session-ended");
      }
    }
  });

  it("has no session opened by a password that was changed while it was found right", async () => {
    const person = await app.signUp();
    const token = await asked(person);
    // The sign-in waits where it opens the session, until the password is changed.
    const holder = await app.pool.connect();
    await holder.query("begin");
    await holder.query("select 1 from accounts.account where account_id = $1 for update", [person.accountId]);
    const tried = signIn(person.email, OLD);
    const waiting =
      "select count(*)::int as n from pg_stat_activity where wait_event_type = 'Lock' and datname = current_database()";
    await vi.waitFor(async () => expect((await app.pool.query(waiting)).rows[0].n).toBe(1), {
      interval: 10,
      timeout: 5_000,
    });
    await holder.query("update accounts.account set password_hash = 'another' where account_id = $1", [
      person.accountId,
    ]);
    await holder.query("commit");
    holder.release();
    expect((await tried).statusCode).toBe(401);
    expect((await choose(token)).statusCode).toBe(204);
  });
});

describe("the page that the link leads to", () => {
  it("is the same for every token, is kept nowhere and tells its address to nobody", async () => {
    const page = await app.call("GET", "/password-resets/whatever");
    expect([page.statusCode, page.headers["content-type"]]).toEqual([200, "text/html; charset=utf-8"]);
    expect(page.headers).toMatchObject({ "cache-control": "no-store", "referrer-policy": "no-referrer" });
    expect(page.body).not.toContain("whatever");
    expect(page.body).toContain('<script src="page.js">');
    const script = await app.call("GET", "/password-resets/page.js");
    expect([script.statusCode, script.headers["content-type"]]).toEqual([200, "text/javascript; charset=utf-8"]);
    expect(() => new Function(script.body)).not.toThrow();
  });

  it("leaves no token in the log", async () => {
    const token = await asked(await app.signUp());
    await app.call("GET", `/password-resets/${token}`);
    await choose(token);
    expect(JSON.stringify(app.logged)).not.toContain(token);
    expect(JSON.stringify(app.logged)).toContain("/password-resets/:token");
  });
});

describe("signing out everywhere", () => {
  it("ends all sessions of the account, and nobody else's", async () => {
    const [person, other] = [await app.signUp(), await app.signUp()];
    const second = (await signIn(person.email, OLD)).json().token;
    expect((await app.call("DELETE", "/sessions", { token: second })).statusCode).toBe(204);
    for (const token of [person.token, second]) {
      expect((await app.call("GET", "/accounts/me", { token })).json().code).toBe("session-ended");
    }
    expect((await app.call("GET", "/accounts/me", { token: other.token })).statusCode).toBe(200);
  });
});
