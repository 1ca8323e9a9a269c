const CONNECTION_CODES =
  /^(ECONNREFUSED|ECONNRESET|EPIPE|ETIMEDOUT|EHOSTUNREACH|ENOTFOUND|EAI_AGAIN|57P0[1-5]|53\d\d\d|08\w\w\w)$/;
/** Errors of node-postgres that carry no code. */
const CONNECTION_MESSAGES =
  /^(Connection terminated|timeout expired|timeout exceeded when trying to connect|Client was closed|Client has encountered a conn|Query read timeout)/;

/** Postgres is away, starting, stopping, or has no connection, memory or disk left: it will be back, and nobody here can help it. */
export function isDatabaseAway(error: Error): boolean {
  if (error instanceof AggregateError) return error.errors.some((one) => one instanceof Error && isDatabaseAway(one));
  return CONNECTION_CODES.test(codeOf(error)) || CONNECTION_MESSAGES.test(error.message);
}

const codeOf = (error: Error): string => ("code" in error ? String(error.code) : "");
