import { type DestinationStream, type Logger, pino } from "pino";

/** Never written, wherever they stand in what is logged. */
const SECRETS = ["authorization", "password", "token", "cookie", "secret", "jwtSecret", "databaseUrl"];

/**
 * Structured logs, one JSON object a line. A request's lines carry its `requestId`; that it came and went is logged at
 * `debug` only, since a line a request costs too much at 12,000 requests a second.
 */
export function createLogger(level: string, destination?: DestinationStream): Logger {
  const options = {
    level,
    redact: {
      paths: SECRETS.flatMap((name) => [name, `*.${name}`, `*.*.${name}`, `*.*.*.${name}`]),
      censor: "[redacted]",
    },
  };
  return destination === undefined ? pino(options) : pino(options, destination);
}
