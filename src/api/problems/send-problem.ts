import type { FastifyReply, FastifyRequest } from "fastify";
import type { ProblemCode } from "./catalogue.ts";
import { documentedProblems } from "./of-route.ts";
import type { Problem } from "./problem.ts";
import { problemOf } from "./problem-of.ts";

export const PROBLEM_JSON = "application/problem+json";

const OUTAGE_TOLD_EVERY_MS = 1_000;

/** RFC 9457, with the stable `code` and the request's id; members of a refusal come last and hide none of these. */
export function problemBody(problem: Problem, requestId: string, baseUrl: string): Record<string, unknown> {
  const { status, title, explanation } = problem.definition;
  const { detail = explanation, errors, members } = problem.details;
  return {
    ...members,
    type: `${baseUrl}/problems/${problem.code}`,
    title,
    status,
    detail,
    code: problem.code,
    requestId,
    ...(errors === undefined ? {} : { errors }),
  };
}

export interface ProblemSettings {
  /** The public address, or empty: then `type` is a relative reference. */
  readonly baseUrl: string;
  /** In specs: an error that the route doesn't document becomes a 500 that says so. */
  readonly strict: boolean;
}

/** The error handler of the API: answers with the problem, and logs what is our fault with all that is known of it. */
export const sendProblemsBy = ({ baseUrl, strict }: ProblemSettings) => {
  const toldAtMs = new Map<ProblemCode, number>();
  /** In an outage thousands of requests a second fail for the same reason: it is told once in a while. */
  const isNew = (code: ProblemCode): boolean => {
    const nowMs = performance.now();
    if (nowMs - (toldAtMs.get(code) ?? Number.NEGATIVE_INFINITY) < OUTAGE_TOLD_EVERY_MS) return false;
    toldAtMs.set(code, nowMs);
    return true;
  };
  return function sendProblem(error: unknown, request: FastifyRequest, reply: FastifyReply): FastifyReply {
    const problem = problemOf(error);
    const { status } = problem.definition;
    const undocumented = strict && status !== 500 && !documentedProblems(request.routeOptions).has(problem.code);
    if (undocumented) {
      request.log.error({ code: problem.code }, "the route does not document this problem: add it to config.problems");
      return reply.code(500).send(`undocumented problem ${problem.code}`);
    }
    const isOurs = status === 503 ? isNew(problem.code) : status >= 500;
    if (isOurs) request.log.error({ err: error, code: problem.code }, problem.definition.title);
    else request.log.debug({ code: problem.code, details: problem.details }, problem.definition.title);

    const { retryAfterSeconds } = problem.details;
    if (retryAfterSeconds !== undefined) reply.header("retry-after", String(retryAfterSeconds));
    if (status === 401) reply.header("www-authenticate", "Bearer");
    return reply
      .code(status)
      .header("x-request-id", request.id) // an address that can't be read comes here past every hook
      .header("content-type", PROBLEM_JSON)
      .send(Buffer.from(JSON.stringify(problemBody(problem, request.id, baseUrl)))); // of a text fastify adds a charset
  };
};
