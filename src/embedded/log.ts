/** Where the launcher says what it does: a pino logger fits. Server chatter is debug, what an operator acts on is warn. */
export interface LauncherLog {
  debug(message: string): void;
  info(message: string): void;
  warn(message: string): void;
}
