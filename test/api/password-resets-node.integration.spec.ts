import { afterAll, beforeAll, expect, it } from "vitest";
import { type MailServer, startMailServer } from "../notices/mail-server.ts";
import { until } from "./events-asking.ts";
import { type NodeUnderTest, startNode } from "./events-node.ts";

let mails: MailServer;
let node: NodeUnderTest;
beforeAll(async () => {
  mails = await startMailServer();
  node = await startNode({
    roles: new Set(["api", "projector", "processes"]),
    mail: { smtpUrl: mails.url, from: "Boxoffice <tickets@shop.example>" },
    publicUrl: "https://tickets.shop.example",
  });
});
afterAll(async () => {
  await node.close();
  await mails.close();
});

const LINK = /^https:\/\/tickets\.shop\.example(\/password-resets\/[\w-]{43})$/m;

it("a forgotten password is replaced by a link from a mail, on a node where nothing else ever happened", async () => {
  const { email, token } = await node.signUp();
  expect((await node.call("POST", "/password-resets", { body: { email } })).statusCode).toBe(202);
  await until(
    async () => mails.received,
    ({ length }) => length === 1,
  );
  const [mail] = mails.received;
  expect([mail?.to, mail?.subject]).toEqual([email, "Choose a new password"]);
  const path = LINK.exec(mail?.text ?? "")?.[1] ?? "";
  expect((await node.call("GET", path)).body).toContain("Choose a new password");
  expect((await node.call("POST", path, { body: { password: "a new password" } })).statusCode).toBe(204);
  expect((await node.call("GET", "/accounts/me", { token })).json().code).toBe("session-ended");
  const body = { email, password: "a new password" };
  expect((await node.call("POST", "/sessions", { body })).statusCode).toBe(201);
  await until(
    async () => mails.received,
    ({ length }) => length === 2,
  );
  expect(mails.received[1]).toMatchObject({ to: email, subject: "Your password was changed" });
});

it("a link outlasts the node that sent it", async () => {
  const { email } = await node.signUp();
  const before = mails.received.length;
  await node.call("POST", "/password-resets", { body: { email } });
  await until(
    async () => mails.received,
    ({ length }) => length > before,
  );
  await node.restart();
  const path = LINK.exec(mails.received.at(-1)?.text ?? "")?.[1] ?? "";
  expect((await node.call("POST", path, { body: { password: "a new password" } })).statusCode).toBe(204);
});

it("whoever is erased is in no table any more but by an id", async () => {
  const { email, accountId, token } = await node.signUp();
  await node.call("POST", "/password-resets", { body: { email } });
  expect((await node.call("DELETE", "/accounts/me", { token })).statusCode).toBe(204);
  const found = await node.tablesWith(email);
  expect(found).toEqual([]);
  const byId = await node.tablesWith(accountId);
  expect(byId).toEqual(["accounts.account"]);
});
