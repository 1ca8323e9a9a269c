import type { FastifyRequest } from "fastify";
import { sha256 } from "../../eventstore/envelope.ts";
import { type InputError, invalid, Problem } from "../problems/problem.ts";

const HEADER = "idempotency-key";
const MAX_LENGTH = 255;
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

/** What is told to those who send a key of another length. */
export const malformedKey: InputError = {
  in: "header",
  path: "/Idempotency-Key",
  message: `takes 1 to ${MAX_LENGTH} characters`,
};

export interface Idempotency {
  /** SHA-256 of caller, route, path and key: the same key on another thing is another command. */
  readonly keyHash: string;
  /** SHA-256 of the body's bytes as they came: a client that repeats a request repeats its bytes. */
  readonly bodyHash: string;
}

/**
 * What the request's `Idempotency-Key` stands for; null without one.
 * A caller without a token is known by the key alone, which must then be a UUID, so that nobody hits another's by chance.
 * @throws Problem `invalid`: longer than 255 characters, empty, or not a UUID where it has to be one
 */
export function idempotencyOf(request: FastifyRequest): Idempotency | null {
  const key = request.headers[HEADER];
  if (key === undefined) return null;
  if (typeof key !== "string" || key.length === 0 || key.length > MAX_LENGTH) {
    throw new Problem("invalid", { errors: [malformedKey] });
  }
  const caller = request.caller?.accountId ?? "";
  if (caller === "" && !UUID.test(key)) {
    throw invalid("header", "/Idempotency-Key", "takes a UUID when the request has no token");
  }
  const { url } = request;
  const query = url.indexOf("?");
  const path = query < 0 ? url : url.slice(0, query);
  const route = `${request.method} ${request.routeOptions.url}`;
  return { keyHash: sha256(`${caller}\n${route}\n${path}\n${key}`), bodyHash: sha256(request.rawBody) };
}
