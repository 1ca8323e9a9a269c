import { describe, expect, it } from "vitest";
import { MailRefused, MailServerAway } from "../../src/notices/mailer.ts";
import type { DueNotice } from "../../src/notices/outbox.ts";
import { afterFailure, pauseAfter } from "../../src/notices/retrying.ts";
import { Settling } from "../../src/notices/settling.ts";

const due = (attempts: number, refusals: number): DueNotice => ({
  kind: "tickets-resent",
  about: { bookingId: "b" },
  messageId: "m",
  accountId: null,
  until: new Date(1),
  attempts,
  refusals,
});

describe("after a failure", () => {
  it("pauses grow from ten seconds to a quarter of an hour", () => {
    expect([1, 2, 3, 7, 8, 50, 5_000].map((attempts) => pauseAfter(attempts) / 1_000)).toEqual([
      10, 20, 40, 640, 900, 900, 900,
    ]);
  });

  it("a mail is given up after so many answers about it", () => {
    const later = new MailRefused("451 at DATA", false);
    const never = new MailRefused("550 at RCPT TO", true);
    expect(afterFailure(due(18, 18), later, 0)).toMatchObject({ outcome: null, refusals: 19, dueAtMs: 900_000 });
    expect(afterFailure(due(19, 19), later, 0)).toMatchObject({ outcome: "given-up", dueAtMs: null });
    expect(afterFailure(due(1, 1), never, 0)).toMatchObject({ outcome: null });
    expect(afterFailure(due(2, 2), never, 0)).toMatchObject({ outcome: "given-up" });
    expect(afterFailure(due(19, 19), new Error("no event"), 0)).toMatchObject({ outcome: "given-up" });
  });

  it("a mail is never given up because the server is away", () => {
    const away = new MailServerAway("ECONNECTION at CONN");
    expect(afterFailure(due(5_000, 2), away, 0)).toMatchObject({ outcome: null, attempts: 5_001, refusals: 2 });
  });
});

describe("settling", () => {
  const settlement = (messageId: string) => ({
    messageId,
    outcome: "sent" as const,
    dueAtMs: null,
    attempts: 1,
    refusals: 0,
    problem: null,
  });

  it("writes together what ends while a write is under way", async () => {
    const writes: string[][] = [];
    const gates = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    const settling = new Settling(async (settlements) => {
      writes.push(settlements.map(({ messageId }) => messageId));
      await gates[writes.length - 1]?.promise;
    });
    const first = settling.add(settlement("a"));
    await new Promise(setImmediate);
    const rest = ["b", "c", "d"].map((messageId) => settling.add(settlement(messageId)));
    gates[0]?.resolve();
    await first;
    gates[1]?.resolve();
    await Promise.all(rest);
    expect(writes).toEqual([["a"], ["b", "c", "d"]]);
  });

  it("tells all whose settlements were in a write that failed, and writes on", async () => {
    let failing = true;
    const settling = new Settling(async () => {
      if (failing) throw new Error("away");
    });
    const both = [settling.add(settlement("a")), settling.add(settlement("b"))];
    expect((await Promise.allSettled(both)).map(({ status }) => status)).toEqual(["rejected", "rejected"]);
    failing = false;
    await settling.add(settlement("c"));
  });
});
