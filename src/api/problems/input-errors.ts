import type { FastifySchemaCompiler } from "fastify";
import type { $ZodIssue, $ZodType } from "zod/v4/core";
import { safeParse } from "zod/v4/core";
import type { InputError } from "./problem.ts";

/** A part of the request does not fit its schema. */
export class InvalidInput extends Error {
  override readonly name = "InvalidInput";
  readonly part: InputError["in"];
  readonly issues: readonly $ZodIssue[];
  constructor(part: InputError["in"], issues: readonly $ZodIssue[]) {
    super(`the ${part} is invalid`);
    this.part = part;
    this.issues = issues;
  }
}

const PARTS: Record<string, InputError["in"]> = { querystring: "query", params: "path", headers: "header" };

/** Checks bodies, queries and paths by zod, and keeps the issues as they are for {@link inputErrors}. */
export const validateByZod: FastifySchemaCompiler<$ZodType> = ({ schema, httpPart }) => {
  const part = PARTS[httpPart ?? ""] ?? "body";
  return (input) => {
    const result = safeParse(schema, input ?? undefined); // fastify says null for no body
    return result.success ? { value: result.data } : { error: new InvalidInput(part, result.error.issues) };
  };
};

/** More than this many tell nobody more, and a body can be wrong in a million places. */
const MOST_ERRORS = 50;

/** Every place that is wrong, with its own path; an unknown field is named by itself, not by the object it is in. */
export function inputErrors({ part, issues }: InvalidInput): InputError[] {
  return issues
    .slice(0, MOST_ERRORS)
    .flatMap((issue) => errorsOf(issue, issue.path))
    .slice(0, MOST_ERRORS)
    .map(({ path, message }) => ({ in: part, path: pointer(path), message }));
}

interface PlacedMessage {
  readonly path: readonly PropertyKey[];
  readonly message: string;
}

function errorsOf(issue: $ZodIssue, path: readonly PropertyKey[]): PlacedMessage[] {
  switch (issue.code) {
    case "unrecognized_keys":
      return issue.keys.slice(0, MOST_ERRORS).map((key) => ({ path: [...path, key], message: "unknown field" }));
    case "invalid_union": {
      const [first, ...others] = issue.errors;
      if (first === undefined) return [{ path, message: issue.message }];
      // Of several shapes a body may have, the one it comes closest to says best what is wrong.
      const closest = others.reduce((best, branch) => (distance(branch) < distance(best) ? branch : best), first);
      return closest.flatMap((inner) => errorsOf(inner, [...path, ...inner.path]));
    }
    default:
      return [{ path, message: issue.message }];
  }
}

/** How many places are wrong; farther than any is a shape of another type altogether. */
const distance = (issues: readonly $ZodIssue[]): number =>
  issues.some(({ code, path }) => code === "invalid_type" && path.length === 0) ? Infinity : issues.length;

/** RFC 6901, but the whole is `/` rather than an empty text. */
const pointer = (path: readonly PropertyKey[]): string =>
  path.length === 0
    ? "/"
    : path.map((step) => `/${String(step).slice(0, 100).replaceAll("~", "~0").replaceAll("/", "~1")}`).join("");
