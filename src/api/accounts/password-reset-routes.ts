import { z } from "zod";
import { type PasswordResets, RESET_MINUTES } from "../../accounts/password-resets.ts";
import type { RoutePlugin } from "../conventions/route-config.ts";
import { Problem, refusal } from "../problems/problem.ts";
import { addressOf } from "../security/rate-limits.ts";
import { RESET_PAGE, RESET_PAGE_HEADERS, RESET_SCRIPT } from "./password-reset-page.ts";
import { email, newPassword } from "./schemas.ts";

const tags = ["Accounts"];
const resetPath = z.strictObject({ token: z.string() });

/** A forgotten password: a token is mailed, and with it a new password is chosen. */
export const passwordResetRoutes =
  (resets: PasswordResets): RoutePlugin =>
  (api) => {
    api.route({
      method: "POST",
      url: "/password-resets",
      schema: {
        tags,
        summary: "Have a way to a new password mailed",
        description:
          "Always 202: nobody is told here which e-mails have an account. An account is sent three mails an hour at most.",
        body: z.strictObject({ email }).meta({ examples: [{ email: "ada@example.org" }] }),
        response: { 202: z.strictObject({ email: z.string() }) },
      },
      config: { problems: ["rate-limited", "unavailable"] },
      handler: async (request, reply) => {
        const taken = await resets.request({ email: request.body.email, address: addressOf(request) });
        if (taken !== "taken") {
          throw new Problem("rate-limited", { retryAfterSeconds: Number(taken.details.retryAfterSeconds) });
        }
        reply.code(202);
        return { email: request.body.email };
      },
    });

    api.route({
      method: "POST",
      url: "/password-resets/:token",
      schema: {
        tags,
        summary: "Choose a new password by the token of a mail; ends all sessions",
        description: `A token can be used once, within ${RESET_MINUTES} minutes. API keys go on.`,
        params: resetPath,
        body: z.strictObject({ password: newPassword }).meta({ examples: [{ password: "a long sentence" }] }),
        response: { 204: z.undefined() },
      },
      config: { secretPath: true, problems: ["password-reset-not-found", "busy", "unavailable"] },
      handler: async (request, reply) => {
        const used = await resets.use(request.params.token, request.body.password, addressOf(request));
        if (used !== "done") throw refusal(used);
        reply.code(204);
      },
    });

    api.route({
      method: "GET",
      url: "/password-resets/:token",
      schema: { hide: true, params: resetPath },
      config: { secretPath: true },
      handler: (_request, reply) =>
        void reply.headers(RESET_PAGE_HEADERS).type("text/html; charset=utf-8").send(RESET_PAGE),
    });

    api.route({
      method: "GET",
      url: "/password-resets/page.js",
      schema: { hide: true },
      handler: (_request, reply) => void reply.type("text/javascript; charset=utf-8").send(RESET_SCRIPT),
    });
  };
