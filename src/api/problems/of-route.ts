import type { FastifyContextConfig, FastifySchema } from "fastify";
import { isAlwaysLetIn } from "../server/urgency.ts";
import type { ProblemCode } from "./catalogue.ts";

interface DocumentedRoute {
  readonly url?: string | undefined;
  readonly config?: FastifyContextConfig;
  readonly schema?: FastifySchema;
}

/** HTTP itself gives these, on every route or on none. */
const OF_HTTP: readonly ProblemCode[] = [
  "not-found",
  "method-not-allowed",
  "request-timeout",
  "headers-too-large",
  "internal",
];

/** Every error that a route can give: its own, and those that follow from who may call, its schema and its flags. */
export function documentedProblems({ config, schema, url = "/" }: DocumentedRoute): ReadonlySet<ProblemCode> {
  const { rule, problems = [], idempotent, minPosition, outsideTheLog, rateLimit } = config ?? {};
  const who = rule?.who ?? "public";
  const codes = new Set<ProblemCode>([...problems, ...OF_HTTP, "invalid"]);
  const add = (...more: readonly ProblemCode[]) => more.forEach((code) => void codes.add(code));

  if (who !== "public") {
    add("token-invalid", "token-expired", "session-ended", "account-suspended", "scope-missing", "unavailable");
  }
  if (who !== "public" && who !== "anybody") add("token-missing");
  if (who === "registered") add("account-required");
  if (typeof who === "object" || rule?.thing?.strangers === "forbidden") add("forbidden");
  // Where there is no route, a body is looked at before that is told.
  if (schema === undefined || schema.body !== undefined) add("unsupported-media-type", "body-too-large");
  if (rateLimit !== false) add("rate-limited");
  if (!isAlwaysLetIn(url)) add("busy"); // under overload
  if (idempotent === true) add("idempotency-key-reused");
  if (idempotent === true && outsideTheLog !== true) add("busy", "outcome-unknown");
  if (minPosition === true) add("read-model-behind");
  return codes;
}
