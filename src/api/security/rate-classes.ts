/**
 * What requests are counted apart as, each with a count of its own and of the same size: who reads much can still buy,
 * and who searches all day can still read.
 *
 * - `reads`, `writes`: by method
 * - `sign-ins`: whatever makes sessions, accounts and mails; wrong passwords have limits of their own beside it
 * - `searches`: reads that look at much, in the database or in what they answer
 */
export type RateClass = "reads" | "writes" | "sign-ins" | "searches";

declare module "fastify" {
  interface FastifyContextConfig {
    /** Put here when the route is added, by the table in `rate-classes.ts`; no route says it itself. */
    readonly rateClass?: RateClass;
  }
}

/** Routes that are not what their method says; `*` at the end is for all that is beneath. */
export const RATE_CLASSES: Readonly<Record<string, RateClass>> = {
  "POST /sessions": "sign-ins",
  "POST /sessions/guest": "sign-ins",
  "POST /accounts": "sign-ins",
  "POST /password-resets": "sign-ins",
  "POST /password-resets/:token": "sign-ins",
  "GET /events/search": "searches",
  "GET /events/:eventId/bookings": "searches",
  "GET /accounts": "searches",
  "GET /audit/*": "searches",
  "GET /analytics/*": "searches",
};

export function rateClassOf(method: string, url: string): RateClass {
  const route = `${method === "HEAD" ? "GET" : method} ${url}`;
  const byName = Object.hasOwn(RATE_CLASSES, route) ? RATE_CLASSES[route] : undefined;
  if (byName !== undefined) return byName;
  const above = Object.entries(RATE_CLASSES).find(([row]) => row.endsWith("/*") && route.startsWith(row.slice(0, -1)));
  if (above !== undefined) return above[1];
  return method === "GET" || method === "HEAD" ? "reads" : "writes";
}
