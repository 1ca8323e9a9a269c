/**
 * What keeps Boxoffice from starting and the operator can change: DATA_DIR in use, not writable, no such user.
 * The message is one line, meant for the terminal as it stands; the cause, if any, is for the log.
 */
export class StartError extends Error {
  override readonly name = "StartError";
}
