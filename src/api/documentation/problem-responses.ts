import { catalogue, type ProblemCode } from "../problems/catalogue.ts";
import { type InputError, ofState } from "../problems/problem.ts";
import { PROBLEM_JSON } from "../problems/send-problem.ts";
import { type Headers, headersOfProblem, type OperationTraits } from "./headers.ts";

/** A response of an OpenAPI operation. */
export interface DocumentedResponse {
  readonly description: string;
  readonly headers?: Headers;
  readonly content?: Readonly<
    Record<string, { readonly schema?: object; readonly example?: unknown; readonly examples?: object }>
  >;
}

/** The schema of every error, in JSON Schema: it is never used to check anything. */
export const problemSchema = {
  type: "object",
  required: ["type", "title", "status", "detail", "code", "requestId"],
  properties: {
    type: { type: "string", description: "The page about this error" },
    title: { type: "string" },
    status: { type: "integer" },
    detail: { type: "string" },
    code: { type: "string", description: "Stable; the one to decide by" },
    requestId: { type: "string" },
    errors: {
      type: "array",
      description: "With 400: each place that is wrong",
      items: {
        type: "object",
        required: ["in", "path", "message"],
        properties: {
          in: { enum: ["body", "query", "path", "header"] },
          path: { type: "string", examples: ["/ticketTypes/0/capacity"] },
          message: { type: "string" },
        },
      },
    },
  },
  additionalProperties: { description: "Facts that belong to the error, e.g. `available`" },
} as const;

/** Where the errors of the domain with status 400 stand. */
const PLACES: Readonly<Partial<Record<ProblemCode, InputError>>> = {
  "capacity-exceeded": { in: "body", path: "/", message: catalogue["capacity-exceeded"].explanation },
  "invalid-webhook": { in: "body", path: "/", message: catalogue["invalid-webhook"].explanation },
  "invalid-dates": { in: "body", path: "/saleEndsAt", message: "must not be before saleStartsAt" },
};

/** Which of all errors they are. */
const ofCodes = (status: number, codes: readonly ProblemCode[]) => ({
  properties: { status: { const: status }, code: { enum: codes } },
});

/**
 * The errors of an operation: one response a status, with an example for each code.
 * @param wrongInput what the operation answers to a wrong request, if it takes anything that can be wrong
 */
export function problemResponses(
  traits: OperationTraits,
  wrongInput: InputError | null,
): Record<string, DocumentedResponse> {
  const { statuses = {} } = traits.config;
  const statusOf = (code: ProblemCode): number => statuses[code] ?? catalogue[code].status;
  const example = (code: ProblemCode): Record<string, unknown> => {
    const { title, explanation: detail } = catalogue[code];
    const status = statusOf(code);
    const problem = { type: `/problems/${code}`, title, status, detail, code, requestId: "hG7dEw2XKQo-1z" };
    const error = code in statuses ? ofState(detail) : (PLACES[code] ?? wrongInput);
    return status === 400 && error !== null ? { ...problem, errors: [error] } : problem;
  };
  const byStatus = Map.groupBy(traits.codes, statusOf);
  const responses = [...byStatus].map(([status, ofStatus]) => {
    const description = ofStatus.map((code) => `\`${code}\`: ${catalogue[code].title}`).join("; ");
    const examples = Object.fromEntries(ofStatus.map((code) => [code, { value: example(code) }]));
    const schema = { allOf: [{ $ref: "#/components/schemas/Problem" }, ofCodes(status, ofStatus)] };
    const content = { [PROBLEM_JSON]: { schema, examples } };
    return [String(status), { description, headers: headersOfProblem(status, traits), content }] as const;
  });
  return Object.fromEntries(responses);
}
