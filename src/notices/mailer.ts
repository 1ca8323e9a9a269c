import type { NoticeKind } from "./notice.ts";

/** One mail to one person, as plain text. */
export interface Mail {
  readonly kind: NoticeKind;
  readonly accountId: string;
  /** The address as it is now; it is looked up for each sending and kept nowhere else. */
  readonly to: string;
  readonly subject: string;
  readonly text: string;
  /** A UUID, the same however often the mail is sent: mail clients show repetitions once. */
  readonly messageId: string;
}

/** Where mails go. */
export interface Mailer {
  /**
   * Resolves when the server has taken the mail.
   * @throws MailRefused the server has seen the mail and does not take it
   * @throws MailServerAway nothing is known about this mail: the server can't be reached, or takes none of ours
   */
  send(mail: Mail): Promise<void>;
  close(): Promise<void>;
}

/** The server's answer to this very mail. The message names no address, so that it may be logged and kept. */
export class MailRefused extends Error {
  override readonly name = "MailRefused";
  /** Whether the server says that it will not help to try again. */
  readonly permanent: boolean;
  constructor(answer: string, permanent: boolean) {
    super(answer);
    this.permanent = permanent;
  }
}

/** No server, or one that would take no mail at all now. The message names no address. */
export class MailServerAway extends Error {
  override readonly name = "MailServerAway";
}
