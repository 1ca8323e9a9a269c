import type { Refused } from "../../domain/decision.ts";
import { catalogue, isProblemCode, type ProblemCode, type ProblemDefinition } from "./catalogue.ts";

/** One thing that is wrong with a request: where it stands and what that place takes. */
export interface InputError {
  readonly in: "body" | "query" | "path" | "header";
  /** A JSON pointer from there, e.g. `/ticketTypes/0/capacity`, `/limit`, `/Idempotency-Key`; `/` is the whole. */
  readonly path: string;
  readonly message: string;
}

export interface ProblemDetails {
  /** What is special about this occurrence; the catalogue's explanation otherwise. */
  readonly detail?: string;
  /** For 400. */
  readonly errors?: readonly InputError[];
  /** Seconds, for 429 and 503. */
  readonly retryAfterSeconds?: number;
  /** Members of the refusal beside the standard ones, e.g. `available`. */
  readonly members?: Readonly<Record<string, unknown>>;
}

/**
 * What a route throws to answer with an error of the catalogue: `throw new Problem("event-not-found")`.
 * Made without a stack: it is an answer, not a fault, and a sold-out event gives thousands of them a second.
 */
export class Problem extends Error {
  override readonly name = "Problem";
  readonly code: ProblemCode;
  readonly details: ProblemDetails;

  constructor(code: ProblemCode, details: ProblemDetails = {}) {
    const limit = Error.stackTraceLimit;
    Error.stackTraceLimit = 0;
    super(code);
    Error.stackTraceLimit = limit;
    this.code = code;
    this.details = details;
  }

  get definition(): ProblemDefinition {
    return catalogue[this.code];
  }
}

/**
 * The answer to a refusal of the domain: `if (!outcome.accepted) throw refusal(outcome)`. Its details become members of
 * the problem; a 400 tells its place by the details `path` and `message`.
 * @throws Error the catalogue does not have the code, which a spec rules out for all codes in `src/domain`
 */
export function refusal(refused: Pick<Refused, "code" | "details">): Problem {
  const { code, details } = refused;
  if (!isProblemCode(code)) throw new Error(`refused with ${code}, which is not in the catalogue of problems`);
  const { status } = catalogue[code];
  if (status === 503) return new Problem(code, { members: details, retryAfterSeconds: AGAIN_SECONDS });
  if (status !== 400) return new Problem(code, { members: details });
  const { path = "/", message = catalogue[code].explanation, ...members } = details;
  return new Problem(code, { members, errors: [{ in: "body", path: String(path), message: String(message) }] });
}

/** For refusals that another try may not meet. */
const AGAIN_SECONDS = 1;

/** What a 400 says about no place of the request: the state is against it. */
export const ofState = (message: string): InputError => ({ in: "body", path: "/", message });

/** A 400 about one place of the request. */
export const invalid = (place: InputError["in"], path: string, message: string): Problem =>
  new Problem("invalid", { errors: [{ in: place, path, message }] });
