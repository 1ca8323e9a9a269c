import type { IncomingMessage } from "node:http";
import cors from "@fastify/cors";
import type { Api } from "../conventions/route-config.ts";

/** What scripts of other origins may read of replies, beside what they always may. */
const EXPOSED = [
  "Boxoffice-Position",
  "Boxoffice-Stale",
  "ETag",
  "Idempotency-Replayed",
  "Location",
  "RateLimit-Limit",
  "RateLimit-Remaining",
  "RateLimit-Reset",
  "Retry-After",
  "X-Request-Id",
];
/** What they may send. */
const ALLOWED = [
  "Admission-Token",
  "Authorization",
  "Boxoffice-Min-Position",
  "Content-Type",
  "Entry-Token",
  "Idempotency-Key",
  "If-Match",
  "If-None-Match",
  "Last-Event-ID",
];
const METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"];
/** Browsers ask again after it; none of them keeps it for longer than a day, Chromium for two hours. */
const MAX_AGE_SECONDS = 7_200;

/**
 * Lets pages of these origins call the API (`CORS_ORIGINS`; `*` for all). Without any, browsers let none but our own.
 * Credentials stay off: there are no cookies, and who has a token sends it. To be called before routes are looked at, since
 * it adds one that answers what browsers ask beforehand.
 */
export async function letOriginsCall(api: Api, origins: readonly string[]): Promise<void> {
  if (origins.length === 0) return;
  await api.register(cors, {
    origin: origins.includes("*") ? "*" : [...origins],
    methods: METHODS,
    allowedHeaders: ALLOWED,
    exposedHeaders: EXPOSED,
    maxAge: MAX_AGE_SECONDS,
    credentials: false,
    strictPreflight: false,
  });
}

/** The same for what is answered before fastify sees it: headers, names and values by turns. */
export function headersForOrigins(origins: readonly string[]): (request: IncomingMessage) => readonly string[] {
  if (origins.length === 0) return () => [];
  const exposed = ["access-control-expose-headers", EXPOSED.join(", ")];
  if (origins.includes("*")) return () => ["access-control-allow-origin", "*", ...exposed];
  return ({ headers: { origin } }) =>
    origin !== undefined && origins.includes(origin)
      ? ["vary", "Origin", "access-control-allow-origin", origin, ...exposed]
      : ["vary", "Origin"];
}
