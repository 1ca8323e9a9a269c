import type { FastifyRequest } from "fastify";
import type { GivenAdmission } from "../../domain/inventory-commands.ts";
import type { Admissions, Admitted } from "../../waiting-room/admissions.ts";
import { AdmissionInUse } from "../../waiting-room/admissions.ts";
import type { ProblemCode } from "../problems/catalogue.ts";
import { Problem } from "../problems/problem.ts";

/** Why somebody isn't let in where a waiting room is set up; they stand in this order among refusals of the sale. */
export const OF_ADMISSION = [
  "admission-required",
  "admission-invalid",
  "admission-expired",
  "admission-used",
] as const satisfies readonly ProblemCode[];

/** Which of them keep their 403 where earlier systems knew 400 for what is refused: those had no waiting rooms. */
export const isOfAdmission = (code: ProblemCode): boolean => (OF_ADMISSION as readonly ProblemCode[]).includes(code);

/** What a request shows in `Admission-Token`; null: none is asked for. */
export const shownBy = (
  admissions: Pick<Admissions, "given">,
  request: FastifyRequest,
  eventId: string,
  accountId: string,
): Admitted | null => admissions.given(eventId, accountId, tokenIn(request));

/** The same to wait for tickets that come back. */
export const shownToWaitBy = (
  admissions: Pick<Admissions, "givenToWait">,
  request: FastifyRequest,
  eventId: string,
  accountId: string,
): GivenAdmission | null => admissions.givenToWait(eventId, accountId, tokenIn(request));

const tokenIn = ({ headers }: FastifyRequest): string | undefined => {
  const token = headers["admission-token"];
  return typeof token === "string" ? token : undefined;
};

/** Lets in who reads what only those see who were let in; the admission stays as good as it is. @throws Problem */
export function requireAdmission(
  admissions: Pick<Admissions, "given">,
  request: FastifyRequest,
  eventId: string,
): void {
  const shown = shownBy(admissions, request, eventId, request.caller?.accountId ?? "");
  if (shown !== null && "refusal" in shown.given) throw new Problem(shown.given.refusal);
}

/** Two requests with one admission at a time: the second one learns when the first is decided. */
export function saySo(error: unknown): never {
  if (error instanceof AdmissionInUse) throw new Problem("busy", { retryAfterSeconds: 1 });
  throw error;
}
