import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import pg from "pg";
import { afterAll, beforeAll, expect, it } from "vitest";
import { keptSecret, keysFrom } from "../../src/payments/sandbox/keys.ts";
import { type MailServer, startMailServer } from "../notices/mail-server.ts";
import { type Database, freshDatabase } from "../support/postgres.ts";
import { createHttpClient, type HttpClient } from "./http-client.ts";
import { JWT_SECRET, type Product, startProduct } from "./product.ts";
import { ADMIN } from "./purchasing.ts";
import { expectStatus } from "./shop.ts";

let database: Database;
let dataDir: string;
let mails: MailServer;
let product: Product;
let output = "";
let client: HttpClient;
/** The same as `database.url`, with a password in it. */
let databaseUrl: string;

/** All that must never be read in a log, by what it is. */
const secrets = new Map<string, string>();
const secret = (name: string, value: string | undefined): string => {
  if (value === undefined || value.length < 6) throw new Error(`${name} is no secret: ${value}`);
  secrets.set(name, value);
  return value;
};

beforeAll(async () => {
  [database, mails, dataDir] = [
    await freshDatabase(),
    await startMailServer(),
    await mkdtemp(join(tmpdir(), "boxoffice-logs-")),
  ];
  const url = new URL(database.url);
  if (url.password === "") url.password = "database-pass-8731";
  databaseUrl = url.href;
  const env = {
    ADMIN_EMAIL: secret("e-mail of the admin", "root-8731@example.org"),
    ADMIN_PASSWORD: secret("password of the admin", ADMIN.ADMIN_PASSWORD),
    METRICS_TOKEN: secret("METRICS_TOKEN", "metrics-token-8731"),
    SMTP_URL: mails.url,
    MAIL_FROM: "tickets@example.org",
    PUBLIC_URL: "https://tickets.example.org",
    LOG_LEVEL: "trace",
    PAYMENT_WINDOW_SECONDS: "900",
  };
  secret("password of the database", url.password);
  secret("JWT_SECRET", JWT_SECRET);
  const onOutput = (text: string) => {
    output += text;
  };
  product = await startProduct({ databaseUrl, dataDir, env, onOutput });
  client = createHttpClient(product.port, 8);
});
afterAll(async () => {
  client.close();
  await product.stop();
  await mails.close();
  await database.drop();
  await rm(dataDir, { recursive: true, force: true });
});

const post = async <Body>(status: number, path: string, body: unknown, token?: string, key?: string): Promise<Body> =>
  (await expectStatus(status, client.call("POST", path, { body, ...(token && { token }), ...(key && { key }) })))
    .body as Body;

/** A body that no client's library would send, as it stands. */
const raw = (path: string, body: string, headers: Record<string, string> = {}) =>
  fetch(`http://127.0.0.1:${product.port}${path}`, {
    method: "POST",
    body,
    headers: { "content-type": "application/json", ...headers },
  }).then(({ status }) => status);

it("a whole sale, and all that goes wrong with it, leaves no secret and nobody's address in the log", {
  timeout: 120_000,
}, async () => {
  // Accounts, sessions, passwords right and wrong.
  const email = secret("e-mail", "ada.lovelace-8731@example.org");
  const password = secret("password", "a-good-password-8731");
  await post(201, "/accounts", { email, password, name: secret("name", "Ada Lovelace-8731") });
  await post(409, "/accounts", { email, password, name: "Ada" });
  const { token } = await post<{ token: string }>(201, "/sessions", { email, password });
  secret("token", token);
  await post(401, "/sessions", { email, password: secret("wrong password", "not-the-password-8731") });
  await post(401, "/sessions", { email: secret("e-mail of nobody", "nobody-8731@example.org"), password });
  const root = await post<{ token: string }>(201, "/sessions", {
    email: "root-8731@example.org",
    password: ADMIN.ADMIN_PASSWORD,
  });
  secret("token of the admin", root.token);
  const guest = await post<{ token: string }>(201, "/sessions/guest", {
    email: secret("e-mail of a guest", "guest-8731@example.org"),
  });
  secret("token of a guest", guest.token);

  // What is not as it should be, with secrets in it.
  expect(await raw("/sessions", `{"email":"${email}","password":"${password}"`)).toBe(400);
  expect(await raw("/sessions", JSON.stringify({ email, passwort: password }))).toBe(400);
  expect(await raw("/accounts", JSON.stringify([{ password }]))).toBe(400);
  expect(
    await raw("/sessions", `email=${email}&password=${password}`, {
      "content-type": "application/x-www-form-urlencoded",
    }),
  ).toBe(415);
  expect(await raw(`/sessions?password=${password}`, JSON.stringify({ email, password }))).toBe(400);
  expect(await raw(`/login/${token}?token=${token}&password=${password}`, "{}")).toBe(404);
  expect(await raw("/holds", "{}", { authorization: `Basic ${token}` })).toBe(401);
  expect(await raw("/holds", "{}", { authorization: `Bearer ${token}x` })).toBe(401);
  expect(await raw("/holds", "{}", { cookie: `session=${token}`, "x-api-key": token })).toBe(400);

  // A sale, with keys.
  const key = secret("Idempotency-Key", crypto.randomUUID());
  const price = { amount: 4500, currency: "EUR" };
  const event = await post<{ eventId: string; ticketTypes: { ticketTypeId: string }[] }>(
    201,
    "/events",
    { name: "Opening", ticketTypes: [{ name: "A", capacity: 9, price }] },
    token,
    key,
  );
  const { eventId } = event;
  const ticketTypeId = event.ticketTypes[0]?.ticketTypeId;
  const made = await post<{ key: string }>(201, "/api-keys", { name: "till", scopes: ["sell", "read"] }, token);
  const held = await post<{ reservationId: string }>(
    201,
    `/events/${eventId}/reservations`,
    { ticketTypeId, quantity: 2 },
    secret("API key", made.key),
  );
  const reservation = await post<{ reservationId: string }>(
    201,
    `/events/${eventId}/reservations`,
    { ticketTypeId, quantity: 1 },
    guest.token,
  );
  expect(held.reservationId).not.toBe(reservation.reservationId);
  const wish = { reservationIds: [reservation.reservationId], payment: { method: "sandbox-ok" } };
  const booking = await post<{ bookingId: string; tickets: { code: string }[] }>(
    201,
    "/purchases",
    wish,
    guest.token,
    secret("Idempotency-Key of a guest", crypto.randomUUID()),
  );
  const code = secret("ticket code", booking.tickets[0]?.code);
  const declined = { reservationIds: [held.reservationId], payment: { method: "sandbox-decline" } };
  await post(402, "/purchases", declined, token);
  const found = await client.call("GET", `/events/${eventId}/bookings?q=${code}`, { token });
  expect(found.status).toBe(200);
  await expectStatus(200, client.call("GET", `/accounts?q=${encodeURIComponent(email)}`, { token: root.token }));

  // Earlier systems' clients.
  const hold = await post<{ hold_id: string; payment_token: string }>(201, "/holds", { event_id: eventId, qty: 1 });
  secret("payment_token", hold.payment_token);
  await post(400, "/book", {
    hold_id: hold.hold_id,
    payment_token: secret("wrong payment_token", "not-the-token-8731"),
  });
  await post(201, "/book", { hold_id: hold.hold_id, payment_token: hold.payment_token });

  // A forgotten password.
  await post(202, "/password-resets", { email });
  await expect
    .poll(() => mails.received.some(({ text }) => text.includes("/password-resets/")), { timeout: 20_000 })
    .toBe(true);
  const reset = /password-resets\/([\w-]+)/.exec(mails.received.map(({ text }) => text).join("\n"))?.[1];
  await post(404, `/password-resets/${secret("wrong reset token", `${reset?.slice(0, -4)}AAAA`)}`, { password });
  await post(204, `/password-resets/${secret("reset token", reset)}`, {
    password: secret("new password", "another-password-8731"),
  });
  await expect.poll(() => mails.received.some(({ text }) => text.includes(code)), { timeout: 20_000 }).toBe(true);

  // The provider's messages, signed or not, with its secrets.
  const kept = await keptSecret(join(dataDir, "sandbox"));
  const keys = keysFrom(kept);
  secret("the sandbox's secret", kept);
  for (const [name, value] of Object.entries(keys)) secret(`the sandbox's ${name}`, String(value));
  expect(
    await raw("/payments/webhook", "{}", {
      "webhook-id": "x",
      "webhook-timestamp": "1",
      "webhook-signature": secret("webhook signature", "v1,c2lnbmF0dXJlLTg3MzE="),
    }),
  ).toBe(400);

  // The log of events is for good, and nobody is erased from it; snapshots are made of it.
  const recorded = await allRecorded();
  expect(recorded).toContain(booking.bookingId);
  expect(recorded).toContain("TicketsReserved");
  expect([...secrets].flatMap(([name, value]) => (said(recorded, value) ? [name] : []))).toEqual([]);

  // Everything that is logged when its database goes away under requests.
  const busy = Array.from({ length: 20 }, () =>
    client.call("POST", "/sessions", { body: { email, password } }).catch(() => null),
  );
  await database.drop();
  await Promise.all(busy);
  await client
    .call("POST", "/accounts", { body: { email: "x-8731@example.org", password, name: "X" } })
    .catch(() => null);

  await product.stop();
  expect(output.length).toBeGreaterThan(10_000);
  expect(output).toMatch(/"level":10|"level":20/); // what is said at trace and debug is there
  expect(output).toMatch(/"level":50|"level":40/); // and what went wrong
  const leaks = [...secrets]
    .filter(([, value]) => said(output, value))
    .map(([name, value]) => {
      const at = output.indexOf(value);
      return `${name}: ${output.slice(Math.max(0, at - 200), at + value.length + 50)}`;
    });
  expect(leaks).toEqual([]);
});

/** Every event and snapshot, as text. */
async function allRecorded(): Promise<string> {
  const reader = new pg.Client({ connectionString: databaseUrl });
  await reader.connect();
  try {
    const { rows } = await reader.query<{ text: string }>(`
      select type || data::text || metadata::text as text from eventstore.events
      union all select name from eventstore.streams
      union all select stream || body::text from commands.snapshots`);
    return rows.map(({ text }) => text).join("\n");
  } finally {
    await reader.end();
  }
}

/** As it is, or as URLs, JSON and base64 write it. */
const said = (output: string, value: string): boolean =>
  [value, encodeURIComponent(value), JSON.stringify(value).slice(1, -1), Buffer.from(value).toString("base64url")].some(
    (one) => output.includes(one),
  );
