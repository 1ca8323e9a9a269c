import type { FastifyContextConfig, FastifySchema } from "fastify";
import { z } from "zod";
import { malformedKey } from "../conventions/idempotency.ts";
import { malformedPosition } from "../conventions/positions.ts";
import { InvalidInput, inputErrors } from "../problems/input-errors.ts";
import type { InputError } from "../problems/problem.ts";

/** Of these every field refuses one, whatever it takes. */
const WRONG_VALUES = [0, "", null, {}];

/**
 * What a route answers to a request that is wrong in one place, for an example: a field of its body or query that is
 * missing or wrong, else a header. Null when it takes none of them.
 */
export function wrongInput(schema: FastifySchema, config: FastifyContextConfig): InputError | null {
  const ofHeader = config.idempotent === true ? malformedKey : config.minPosition === true ? malformedPosition : null;
  return firstError("body", schema.body) ?? firstError("query", schema.querystring) ?? ofHeader;
}

function firstError(part: "body" | "query", schema: unknown): InputError | null {
  const object = schema instanceof z.ZodOptional ? schema.unwrap() : schema;
  if (!(object instanceof z.ZodObject)) return null;
  const [field] = Object.keys(object.shape);
  if (field === undefined) return null;
  for (const input of [{}, ...WRONG_VALUES.map((value) => ({ [field]: value }))]) {
    const { error } = object.safeParse(input);
    if (error !== undefined) return inputErrors(new InvalidInput(part, error.issues))[0] ?? null;
  }
  return null;
}
