import type { Caller } from "../../accounts/caller.ts";

declare module "fastify" {
  interface FastifyRequest {
    /** Who sent the request; null without a token, and on `public` routes. */
    caller: Caller | null;
    /** The body as it came, for its hash; empty without one. */
    rawBody: string;
  }
}
