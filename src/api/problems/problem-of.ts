import { Busy, KeyReused } from "../../commands/outcome.ts";
import { OutcomeUnknown, StoreUnavailable } from "../../eventstore/port.ts";
import { ClockLost } from "../../ports.ts";
import { isDatabaseAway } from "../../postgres/away.ts";
import { ReadModelBehind } from "../../projections/consistent-read.ts";
import { InvalidCursor } from "../../projections/cursor.ts";
import { isProblemCode, type ProblemCode } from "./catalogue.ts";
import { InvalidInput, inputErrors } from "./input-errors.ts";
import { type InputError, invalid, Problem } from "./problem.ts";

const AWAY_RETRY_SECONDS = 2;

/** The one place where errors become answers: whatever was thrown, as a problem; `internal` for what nobody expected. */
export function problemOf(error: unknown): Problem {
  if (error instanceof Problem) return error;
  if (error instanceof InvalidInput) return ofInvalidInput(error);
  if (error instanceof InvalidCursor) {
    return invalid("query", "/cursor", "takes the `next` of an earlier answer to the same list");
  }
  if (error instanceof Busy) return new Problem("busy", { retryAfterSeconds: error.retryAfterSeconds });
  if (error instanceof KeyReused) return new Problem("idempotency-key-reused");
  if (error instanceof StoreUnavailable) return new Problem("busy", { retryAfterSeconds: AWAY_RETRY_SECONDS });
  if (error instanceof ClockLost) return new Problem("unavailable", { retryAfterSeconds: AWAY_RETRY_SECONDS });
  if (error instanceof OutcomeUnknown) return new Problem("outcome-unknown", { retryAfterSeconds: AWAY_RETRY_SECONDS });
  if (error instanceof ReadModelBehind) {
    return new Problem("read-model-behind", { retryAfterSeconds: error.retryAfterSeconds });
  }
  if (!(error instanceof Error)) return new Problem("internal");
  if (isDatabaseAway(error)) return new Problem("unavailable", { retryAfterSeconds: AWAY_RETRY_SECONDS });
  if (isOfFile(error)) return invalid("header", "/", "asks for another version or part of the file than there is");
  return (ofFramework[codeOf(error)] ?? (() => new Problem("internal")))();
}

function ofInvalidInput(error: InvalidInput): Problem {
  if (error.part !== "path") return new Problem("invalid", { errors: inputErrors(error) });
  const missing = error.issues[0]?.message ?? ""; // ids in paths say whose 404 they are, see `idParam`
  return new Problem(isProblemCode(missing) ? missing : "not-found");
}

const body = (message: string, place: InputError["in"] = "body") => invalid(place, "/", message);

/** What fastify itself throws, by its code. */
const ofFramework: Readonly<Record<string, () => Problem>> = {
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: () => body("is not as long as Content-Length says"),
  FST_ERR_CTP_INVALID_MEDIA_TYPE: () => new Problem("unsupported-media-type"),
  FST_ERR_CTP_BODY_TOO_LARGE: () => new Problem("body-too-large"),
  FST_ERR_BAD_URL: () => body("is not a valid path", "path"),
  FST_ERR_INVALID_URL: () => body("is not a valid path", "path"),
  FST_ERR_MAX_PARAM_LENGTH: () => new Problem("not-found"),
  FST_STATIC_FORBIDDEN_PATH: () => new Problem("not-found"), // a file of the docs page that is none of its own
  ...clientErrors({
    HPE_HEADER_OVERFLOW: "headers-too-large",
    ERR_HTTP_REQUEST_TIMEOUT: "request-timeout",
  }),
};

function clientErrors(codes: Record<string, ProblemCode>): Record<string, () => Problem> {
  return Object.fromEntries(Object.entries(codes).map(([code, problem]) => [code, () => new Problem(problem)]));
}

const codeOf = (error: Error): string => ("code" in error ? String(error.code) : "");

/** Files of the docs page are sent by a library with errors of its own: 412 and 416. */
const isOfFile = (error: Error): boolean =>
  "expose" in error && error.expose === true && "status" in error && (error.status === 412 || error.status === 416);
