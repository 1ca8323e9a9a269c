import type { FastifyRequest } from "fastify";
import { invalid } from "../problems/problem.ts";

const VERSION = /^"(\d{1,9})"$/;

/**
 * The version that `If-Match` names; null without the header or with `*`: whatever it is, the last one wins.
 * @throws Problem `invalid`
 */
export function expectedVersion(request: FastifyRequest): number | null {
  const header = request.headers["if-match"];
  if (header === undefined || header.trim() === "*") return null;
  const version = VERSION.exec(header.trim())?.[1];
  if (version === undefined) throw invalid("header", "/If-Match", 'takes the `version` of the event, e.g. "3"');
  return Number(version);
}
