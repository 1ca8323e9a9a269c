import type { ClientBase } from "pg";

/** A password that is to be chosen anew, by whoever reads the account's mails. */
export interface Reset {
  readonly resetId: string;
  readonly accountId: string;
}

/**
 * What people are told by mail about their account. It goes into the transaction that it is told of: there is no reset
 * without its mail, whatever crashes, and no mail without its reset.
 */
export interface AccountMails {
  /** Has the way to a new password mailed. */
  passwordReset(client: ClientBase, reset: Reset): Promise<void>;
  /** Tells that the password was changed by a reset. */
  passwordChanged(client: ClientBase, reset: Reset): Promise<void>;
  /** Lets go of all that somebody is still to be told, and that they were told. */
  forget(client: ClientBase, accountId: string): Promise<void>;
}
