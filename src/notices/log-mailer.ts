import type { Log } from "../ports.ts";
import type { Mailer } from "./mailer.ts";

/**
 * Where there is no mail server, which is not so in production: the mail is in the log, for whoever develops to read.
 * All of it but the address: ticket codes are what one wants to see of a mail and come from tickets that nobody is let
 * in with, whereas the address may be a real person's, and logs are kept where nobody erases.
 */
export function logMailer(log: Pick<Log, "info">): Mailer {
  return {
    async send({ kind, accountId, messageId, subject, text }) {
      log.info({ notice: kind, accountId, messageId, subject, text }, "a mail, which goes to the log without SMTP_URL");
    },
    async close() {},
  };
}
