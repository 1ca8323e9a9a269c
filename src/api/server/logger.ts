import { type DestinationStream, type Logger, pino, stdSerializers } from "pino";

/** Never written, wherever they stand in what is logged. */
const SECRETS = new Set(["authorization", "password", "token", "cookie", "secret", "jwtsecret", "databaseurl"]);
/** Deeper than what anybody logs on purpose. */
const DEEPEST = 6;

/**
 * Structured logs, one JSON object a line. A request's lines carry its `requestId`; that it came and went is logged at
 * `debug` only, since a line a request costs too much at 12,000 requests a second.
 *
 * Secrets are taken out as a line is written. Pino's own `redact` works on the bindings of each request's logger too,
 * which cost as much as the rest of the request.
 */
export function createLogger(level: string, destination?: DestinationStream): Logger {
  const options = { level, formatters: { log: withoutSecrets }, serializers: { err: errorWithoutRows } };
  return destination === undefined ? pino(options) : pino(options, destination);
}

/** What Postgres says beside the message: the row that failed, with all that is in it, and values of statements. */
const OF_ROWS = new Set(["detail", "where", "internalQuery", "parameters"]);

/** An error with its stack and what else it carries, but for secrets and rows of the database. */
function errorWithoutRows(error: unknown): unknown {
  if (!(error instanceof Error)) return error;
  const said = Object.entries(stdSerializers.err(error)).filter(([name]) => !OF_ROWS.has(name));
  return withoutSecrets(Object.fromEntries(said));
}

const withoutSecrets = (fields: Record<string, unknown>): Record<string, unknown> =>
  Object.fromEntries(Object.entries(fields).map(([name, value]) => [name, hidden(name, value, 1)]));

function hidden(name: string, value: unknown, depth: number): unknown {
  if (SECRETS.has(name.toLowerCase())) return "[redacted]";
  if (Array.isArray(value)) return depth > DEEPEST ? "[deep]" : value.map((one) => hidden("", one, depth + 1));
  const plain = typeof value === "object" && value !== null && Object.getPrototypeOf(value) === Object.prototype;
  if (!plain) return value; // errors have a serializer of their own
  if (depth > DEEPEST) return "[deep]";
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, hidden(key, inner, depth + 1)]));
}
