import { expect, it, vi } from "vitest";
import { logMailer } from "../../src/notices/log-mailer.ts";

it("without a mail server the log has the mail, but not the address", async () => {
  const info = vi.fn();
  const mail = {
    kind: "tickets-resent",
    accountId: "a",
    subject: "Your tickets",
    text: "Thank you.",
    messageId: "m",
  } as const;
  await logMailer({ info }).send({ ...mail, to: "ann@example.org" });
  const [[fields]] = info.mock.calls as [[object]];
  expect(fields).toEqual({
    notice: "tickets-resent",
    accountId: "a",
    subject: "Your tickets",
    text: "Thank you.",
    messageId: "m",
  });
});
