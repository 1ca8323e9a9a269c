import { createTransport } from "nodemailer";
import { type Mailer, MailRefused, MailServerAway } from "./mailer.ts";

export interface SmtpOptions {
  /** E.g. `smtp://user:password@host:587` or `smtps://...`. */
  readonly smtpUrl: string;
  /** The sender's address, e.g. `Boxoffice <tickets@example.org>`. */
  readonly from: string;
  /** The longest that one mail may take, the wait for a connection included. */
  readonly withinMs?: number;
}

/** Connections that are kept open; more than this many mails at once wait for each other. */
export const SMTP_CONNECTIONS = 5;
const MAILS_A_CONNECTION = 500;
/** Each step of a conversation may take this long. */
const STEP_MS = 10_000;
const WITHIN_MS = 20_000;

/** Sends over SMTP, on connections that are kept. Opens none before the first mail. */
export function smtpMailer({ smtpUrl, from, withinMs = WITHIN_MS }: SmtpOptions): Mailer {
  const transport = createTransport({
    pool: true,
    url: smtpUrl,
    maxConnections: SMTP_CONNECTIONS,
    maxMessages: MAILS_A_CONNECTION,
    // A kept connection that turns out to be gone is worth a second one at once; all other trying again is the outbox's.
    maxRequeues: 1,
    connectionTimeout: STEP_MS,
    greetingTimeout: STEP_MS,
    socketTimeout: STEP_MS,
    dnsTimeout: STEP_MS,
    disableFileAccess: true,
    disableUrlAccess: true,
  });
  const domain = domainOf(from);
  return {
    async send({ to, subject, text, messageId }) {
      const signal = AbortSignal.timeout(withinMs);
      const headers = { "Auto-Submitted": "auto-generated" }; // so that nobody's absence answers it
      const recipient = { name: "", address: to }; // an address whatever is in it, never a list of them
      try {
        await transport.sendMail({
          from,
          to: recipient,
          subject,
          text,
          messageId: `<${messageId}@${domain}>`,
          headers,
          signal,
        });
      } catch (error) {
        throw failureOf(error);
      }
    },
    async close() {
      transport.close();
    },
  };
}

/** For message ids: the sender's domain. */
const domainOf = (from: string): string => /@([A-Za-z0-9.-]+)/.exec(from)?.[1] ?? "boxoffice.invalid";

interface SmtpError {
  readonly code?: string;
  /** The command that failed; `CONN` and `API` for what is none. */
  readonly command?: string;
  readonly responseCode?: number;
}

/**
 * Only what is said about recipient and content is about the mail; whoever can't be reached, or refuses us as its sender,
 * refuses them all. What servers say is left out, because they repeat the address.
 */
function failureOf(error: unknown): MailRefused | MailServerAway {
  const { code = "unknown", command = "none", responseCode } = error as SmtpError;
  const answer = `${responseCode ?? code} at ${command}`;
  const isAboutMail = (code === "EENVELOPE" || code === "EMESSAGE") && command !== "MAIL FROM";
  if (!isAboutMail || responseCode === 421) return new MailServerAway(answer);
  return new MailRefused(answer, responseCode === undefined || responseCode >= 500);
}
