import type { FastifyRequest } from "fastify";
import type { ProblemCode, ProblemDefinition } from "./catalogue.ts";
import { ofState, Problem } from "./problem.ts";
import { problemOf } from "./problem-of.ts";

/** A problem as clients of earlier systems know errors: with a `message`, and the status that those had for it. */
class EarlierProblem extends Problem {
  readonly #status: ProblemDefinition["status"];

  constructor(problem: Problem, status: ProblemDefinition["status"], cause: unknown) {
    const { details, definition } = problem;
    const { detail = definition.explanation, members } = details;
    const errors = status === 400 ? (details.errors ?? [ofState(detail)]) : details.errors;
    const [wrong] = problem.code === "invalid" ? (errors ?? []) : [];
    const message = wrong === undefined ? detail : `${wrong.path.slice(1)} ${wrong.message}`.trim();
    super(problem.code, { ...details, ...(errors && { errors }), members: { message, ...members } });
    this.#status = status;
    this.cause = cause;
  }

  override get definition(): ProblemDefinition {
    return { ...super.definition, status: this.#status };
  }
}

/** The error handler of routes that earlier systems had, too (`errorHandler` of a route): the usual one goes on with it. */
export function inEarlierWords(error: unknown, request: FastifyRequest): never {
  const problem = problemOf(error);
  const status = request.routeOptions.config.statuses?.[problem.code] ?? problem.definition.status;
  throw new EarlierProblem(problem, status, error);
}

/** `config.statuses` of a route that says 400 where others say more. */
export const badRequests = (codes: readonly ProblemCode[]): Readonly<Partial<Record<ProblemCode, 400>>> =>
  Object.fromEntries(codes.map((code) => [code, 400]));
