import type { FastifyRequest } from "fastify";
import type { Position } from "../../eventstore/port.ts";
import { type InputError, Problem } from "../problems/problem.ts";

/** Positions fit 64 bits in both stores, so more than 20 digits can't be one; more than 16 at once nobody needs. */
const POSITIONS = /^\d{1,20}(?:\s*,\s*\d{1,20}){0,15}$/;
const GREATEST = 2n ** 64n - 1n;

/** What is told to those who send something else. */
export const malformedPosition: InputError = {
  in: "header",
  path: "/Boxoffice-Min-Position",
  message: "takes positions as `Boxoffice-Position` gave them, by commas",
};

/**
 * The position that read models must have reached before they answer: the greatest of `Boxoffice-Min-Position`, null
 * without the header. For routes with `config.minPosition`.
 * @throws Problem `invalid`
 */
export function minPosition(request: FastifyRequest): Position | null {
  const header = request.headers["boxoffice-min-position"];
  if (header === undefined) return null;
  const text = String(header).trim();
  if (!POSITIONS.test(text)) throw new Problem("invalid", { errors: [malformedPosition] });
  const greatest = text.split(",").reduce((max, one) => (BigInt(one.trim()) > max ? BigInt(one.trim()) : max), 0n);
  if (greatest > GREATEST) throw new Problem("invalid", { errors: [malformedPosition] });
  return greatest;
}
