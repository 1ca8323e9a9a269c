import { catalogue, type ProblemCode } from "../problems/catalogue.ts";
import { PROBLEM_JSON } from "../problems/send-problem.ts";

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

/** The responses of an operation for these codes: one a status, with an example for each code. */
export function problemResponses(codes: readonly ProblemCode[]): Record<string, unknown> {
  const byStatus = Map.groupBy(codes, (code) => catalogue[code].status);
  const responses = [...byStatus].map(([status, ofStatus]) => {
    const description = ofStatus.map((code) => `\`${code}\`: ${catalogue[code].title}`).join("; ");
    const examples = Object.fromEntries(ofStatus.map((code) => [code, { value: example(code) }]));
    const content = { [PROBLEM_JSON]: { schema: { $ref: "#/components/schemas/Problem" }, examples } };
    return [String(status), { description, content }] as const;
  });
  return Object.fromEntries(responses);
}

function example(code: ProblemCode): Record<string, unknown> {
  const { status, title, explanation: detail } = catalogue[code];
  const errors = [{ in: "body", path: "/quantity", message: "Too small: expected number to be >=1" }];
  const problem = { type: `/problems/${code}`, title, status, detail, code, requestId: "hG7dEw2XKQo-1z" };
  return status === 400 ? { ...problem, errors } : problem;
}
