import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Mail, Mailer } from "../../src/notices/mailer.ts";
import { MailRefused, MailServerAway } from "../../src/notices/mailer.ts";
import { smtpMailer } from "../../src/notices/smtp-mailer.ts";
import { openTcpProxy } from "../support/tcp-proxy.ts";
import { type MailServer, startMailServer } from "./mail-server.ts";

const ID = "018f0000-0000-7000-8000-000000000001";
const MAIL: Mail = {
  kind: "booking-confirmed",
  accountId: "018f0000-0000-7000-8000-0000000000b1",
  to: "ann@example.org",
  subject: "Your tickets: Été à Köln",
  text: "Thank you.\n\nÉté à Köln\n",
  messageId: ID,
};

let server: MailServer;
let mailer: Mailer;
beforeEach(async () => {
  server = await startMailServer();
  mailer = smtpMailer({ smtpUrl: server.url, from: "Boxoffice <tickets@shop.example>" });
});
afterEach(async () => {
  await mailer.close();
  await server.close();
});

const failureOf = (mail: Mail): Promise<unknown> =>
  mailer.send(mail).then(
    () => null,
    (error: unknown) => error,
  );

describe("sending over SMTP", () => {
  it("hands a mail over as it is, under its own message id and from the sender", async () => {
    await mailer.send(MAIL);
    const [mail] = server.received;
    expect(mail).toMatchObject({ to: "ann@example.org", messageId: `<${ID}@shop.example>`, text: MAIL.text });
    expect(mail?.raw).toMatch(/^From: Boxoffice <tickets@shop\.example>\r$/m);
    expect(mail?.raw).toMatch(/^To: ann@example\.org\r$/m);
    expect(mail?.raw).toMatch(/^Auto-Submitted: auto-generated\r$/m);
    expect(mail?.raw).toMatch(/^Content-Type: text\/plain; charset=utf-8\r$/m);
  });

  it("sends many over few connections", async () => {
    await Promise.all(Array.from({ length: 40 }, (_, n) => mailer.send({ ...MAIL, messageId: `${n}` })));
    expect(new Set(server.received.map(({ messageId }) => messageId)).size).toBe(40);
  });

  it("has one recipient, whatever stands in the address", async () => {
    await failureOf({ ...MAIL, to: "ann@example.org, bob@example.org" });
    expect([...server.tries.keys()]).not.toContain("bob@example.org");
    expect([...server.tries.keys()]).not.toContain("ann@example.org");
  });

  it.each([
    ["recipient", 450, false],
    ["recipient", 550, true],
    ["content", 451, false],
    ["content", 554, true],
  ] as const)("a refusal of the %s with %i is about this mail", async (at, code, permanent) => {
    server.answer = () => ({ at, code });
    const error = await failureOf(MAIL);
    expect(error).toBeInstanceOf(MailRefused);
    expect(error).toMatchObject({ permanent });
    expect(String(error)).not.toContain("ann");
  });

  it("a refusal of the sender is about all mails", async () => {
    server.answer = () => ({ at: "sender", code: 550 });
    expect(await failureOf(MAIL)).toBeInstanceOf(MailServerAway);
  });

  it("a server that is not there or hangs up says nothing about the mail", async () => {
    server.answer = () => "hang-up";
    expect(await failureOf(MAIL)).toBeInstanceOf(MailServerAway);
    server.answer = () => null;
    await server.close();
    const error = await failureOf(MAIL);
    expect(error).toBeInstanceOf(MailServerAway);
    expect(String(error)).not.toContain("ann");
    await server.open();
    await mailer.send(MAIL);
    expect(server.received).toHaveLength(1);
  });

  it("does not wait longer than it may for a server that says nothing", async () => {
    const proxy = await openTcpProxy({ host: "127.0.0.1", port: Number(new URL(server.url).port) });
    proxy.stall();
    const hasty = smtpMailer({ smtpUrl: `smtp://127.0.0.1:${proxy.port}`, from: "a@shop.example", withinMs: 200 });
    const begun = performance.now();
    await expect(hasty.send(MAIL)).rejects.toBeInstanceOf(MailServerAway);
    expect(performance.now() - begun).toBeLessThan(2_000);
    await hasty.close();
    await proxy.close();
  });
});
