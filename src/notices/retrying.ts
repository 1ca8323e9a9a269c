import { MailRefused, MailServerAway } from "./mailer.ts";
import type { DueNotice, Settlement } from "./outbox.ts";

const FIRST_PAUSE_MS = 10_000;
const LONGEST_PAUSE_MS = 15 * 60_000;
/** With the pauses between them about four hours: what passes, such as greylisting or a full mailbox, has time to. */
const MOST_REFUSALS = 20;
/** A server that says "never" is asked again, since that is often its configuration, but not for long. */
const MOST_PERMANENT_REFUSALS = 3;

/** How long after so many tries in vain a mail is tried again, in milliseconds. */
export const pauseAfter = (attempts: number): number =>
  Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** Math.min(attempts - 1, 30));

/**
 * What follows from a try that failed. Only what was said of this very mail counts towards giving it up: a server that
 * is away for a day costs no mail.
 */
export function afterFailure(notice: DueNotice, error: unknown, nowMs: number): Settlement {
  const attempts = notice.attempts + 1;
  const isAboutMail = !(error instanceof MailServerAway);
  const refusals = notice.refusals + (isAboutMail ? 1 : 0);
  const most = error instanceof MailRefused && error.permanent ? MOST_PERMANENT_REFUSALS : MOST_REFUSALS;
  const problem = error instanceof Error ? `${error.name}: ${error.message}`.slice(0, 200) : "failed";
  const settled = { messageId: notice.messageId, attempts, refusals, problem };
  if (isAboutMail && refusals >= most) return { ...settled, outcome: "given-up", dueAtMs: null };
  return { ...settled, outcome: null, dueAtMs: nowMs + pauseAfter(attempts) };
}
