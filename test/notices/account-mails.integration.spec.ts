import { randomUUID } from "node:crypto";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { accountMails } from "../../src/notices/account-mails.ts";
import { inTransaction } from "../../src/postgres/transaction.ts";
import { addressOf } from "./given-facts.ts";
import { type Installation, installation } from "./notices-node.ts";

const until = (seen: () => Promise<void> | void) => vi.waitFor(seen, { timeout: 10_000, interval: 20 });
const HOUR_MS = 3_600_000;

let given: Installation;
beforeEach(async () => {
  given = await installation();
});
afterEach(() => given[Symbol.asyncDispose]());

/** Somebody who asked for a new password; the mail is in the outbox. */
async function asked() {
  const reset = { resetId: randomUUID(), accountId: randomUUID() };
  const expiresAt = new Date(given.clock.ms + HOUR_MS).toISOString();
  given.facts.resets.set(reset.resetId, { token: `token-of-${reset.resetId}`, link: null, expiresAt });
  await inTransaction(given.pool, (client) => accountMails(given.clock).passwordReset(client, reset));
  return reset;
}

describe("the way to a new password", () => {
  it("is mailed to the account, and is in no table", async () => {
    const { resetId, accountId } = await asked();
    const { rows } = await given.pool.query("select row_to_json(n)::text as row from processes.notices n");
    expect(rows[0].row).toContain(resetId);
    expect(rows[0].row).not.toContain("token");
    given.start();
    await until(() => expect(given.mails.received).toHaveLength(1));
    const [mail] = given.mails.received;
    expect([mail?.to, mail?.subject]).toEqual([addressOf(accountId), "Choose a new password"]);
    expect(mail?.text).toContain(`\ntoken-of-${resetId}\n`);
  });

  it("is mailed where nothing was ever recorded, so that read models have seen nothing", async () => {
    given.facts.reached = null;
    await asked();
    given.start();
    await until(() => expect(given.mails.received).toHaveLength(1));
  });

  it("is the same when a mail is sent again, because the server's answer was lost", async () => {
    await asked();
    let tries = 0;
    given.mails.answer = () => (++tries % 2 === 1 && tries < 6 ? "hang-up" : null);
    given.start();
    await until(() => {
      given.clock.ms += 1_000;
      expect(given.mails.received.length).toBeGreaterThanOrEqual(1);
    });
    expect(new Set(given.mails.received.map(({ text }) => text)).size).toBe(1);
  });

  it("is not mailed any more when it was used, or after its hour", async () => {
    const used = await asked();
    given.facts.resets.delete(used.resetId);
    await asked();
    given.clock.ms += HOUR_MS;
    given.start();
    await until(async () =>
      expect((await given.rows()).map(({ outcome, problem }) => [outcome, problem]).toSorted()).toEqual([
        ["skipped", "too late"],
        ["skipped", "too late"],
      ]),
    );
    const unsent = await asked();
    given.facts.resets.delete(unsent.resetId);
    await until(async () =>
      expect((await given.rows()).map(({ problem }) => problem)).toContain("used, or its time is over"),
    );
    expect(given.mails.received).toEqual([]);
  });

  it("goes with the transaction that it is put in", async () => {
    const reset = { resetId: randomUUID(), accountId: randomUUID() };
    const failing = inTransaction(given.pool, async (client) => {
      await accountMails(given.clock).passwordReset(client, reset);
      throw new Error("crashed");
    });
    await expect(failing).rejects.toThrow("crashed");
    expect(await given.rows()).toEqual([]);
  });
});

it("that a password was changed is told once for each reset", async () => {
  const mails = accountMails(given.clock);
  const reset = { resetId: randomUUID(), accountId: randomUUID() };
  for (let i = 0; i < 2; i += 1) await inTransaction(given.pool, (client) => mails.passwordChanged(client, reset));
  given.start();
  await until(async () => expect(await given.outcomes()).toEqual([["password-changed", "sent"]]));
  expect(given.mails.received.map(({ subject }) => subject)).toEqual(["Your password was changed"]);
});

it("whoever is erased is forgotten: what was told and what was still to be", async () => {
  const [erased, other] = [await asked(), await asked()];
  given.start();
  await until(() => expect(given.mails.received).toHaveLength(2));
  await until(async () => expect((await given.rows()).every(({ outcome }) => outcome === "sent")).toBe(true));
  await inTransaction(given.pool, (client) => accountMails(given.clock).passwordChanged(client, erased));
  await inTransaction(given.pool, (client) => accountMails(given.clock).forget(client, erased.accountId));
  expect((await given.rows()).map(({ account_id }) => account_id)).toEqual([other.accountId]);
});
