import { z } from "zod";
import type { Session, Sessions } from "../../accounts/sessions.ts";
import { callerOf } from "../conventions/commands.ts";
import type { RoutePlugin } from "../conventions/route-config.ts";
import { Problem, refusal } from "../problems/problem.ts";
import { addressOf } from "../security/rate-limits.ts";
import { credentials, guestSession, session } from "./schemas.ts";

const tags = ["Sessions"];

/** Signing in, as an account or as a guest, and out. */
export const sessionRoutes =
  (sessions: Sessions): RoutePlugin =>
  (api) => {
    api.route({
      method: "POST",
      url: "/sessions",
      schema: { tags, summary: "Sign in", body: credentials, response: { 201: session } },
      config: {
        problems: ["bad-credentials", "account-suspended", "rate-limited", "busy", "unavailable"],
      },
      handler: async (request, reply) => {
        const signedIn = await sessions.signIn({ ...request.body, address: addressOf(request) });
        if ("accepted" in signedIn) {
          const { retryAfterSeconds } = signedIn.details;
          throw typeof retryAfterSeconds === "number"
            ? new Problem("rate-limited", { retryAfterSeconds, detail: "Too many attempts to sign in failed." })
            : refusal(signedIn);
        }
        reply.code(201);
        return published(signedIn);
      },
    });

    api.route({
      method: "POST",
      url: "/sessions/guest",
      schema: { tags, summary: "Buy without an account", body: guestSession, response: { 201: session } },
      config: { problems: ["unavailable"] },
      handler: async ({ body }, reply) => {
        reply.code(201);
        return published(await sessions.signInAsGuest(body?.email ?? null));
      },
    });

    api.route({
      method: "DELETE",
      url: "/sessions",
      schema: { tags, summary: "Sign out everywhere; API keys go on", response: { 204: z.undefined() } },
      handler: async (request, reply) => {
        await sessions.signOutEverywhere(callerOf(request).accountId);
        reply.code(204);
      },
    });

    api.route({
      method: "DELETE",
      url: "/sessions/current",
      schema: { tags, summary: "Sign out", response: { 204: z.undefined() } },
      handler: async (request, reply) => {
        const { sessionId } = callerOf(request);
        if (sessionId !== null) await sessions.signOut(sessionId); // keys are not let in here
        reply.code(204);
      },
    });
  };

const published = (session: Session) => ({ ...session, roles: [...session.roles] });
