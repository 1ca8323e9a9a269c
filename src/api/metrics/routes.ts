import { createHash, timingSafeEqual } from "node:crypto";
import type { FastifyRequest } from "fastify";
import { z } from "zod";
import type { Metrics } from "../../metrics/metrics.ts";
import type { RoutePlugin } from "../conventions/route-config.ts";
import { Problem } from "../problems/problem.ts";

export interface MetricsRoutes {
  readonly metrics: Pick<Metrics, "page">;
  /** null: only who asks from this machine is answered. */
  readonly token: string | null;
}

const LOOPBACK = /^(?:127(?:\.\d{1,3}){3}|::1|::ffff:127(?:\.\d{1,3}){3})$/;
/** Somebody passed it on: it comes from elsewhere, though the proxy may run here. */
const FORWARDED = ["forwarded", "x-forwarded-for", "x-real-ip", "via"];

/** For the operator: from this machine, or with `METRICS_TOKEN`. */
export const metricsRoutes =
  ({ metrics, token }: MetricsRoutes): RoutePlugin =>
  (api) => {
    api.route({
      method: "GET",
      url: "/metrics",
      schema: {
        tags: ["Operations"],
        summary: "Figures for Prometheus",
        description: "For the operator: asked from the machine itself, or with `METRICS_TOKEN` as a bearer token.",
        response: {
          200: {
            description: "Prometheus' text format",
            content: { "text/plain": { schema: z.string().meta({ examples: ["process_open_fds 27\n"] }) } },
          },
        },
      },
      config: { rateLimit: false, problems: ["forbidden", "token-missing", "token-invalid"] },
      handler: async (request, reply) => {
        if (!isFromHere(request)) requireToken(request, token);
        const { text, type } = await metrics.page();
        reply.type(type);
        return text;
      },
    });
  };

const isFromHere = ({ socket, headers }: FastifyRequest): boolean =>
  LOOPBACK.test(socket.remoteAddress ?? "") && FORWARDED.every((name) => headers[name] === undefined);

/** @throws Problem `forbidden`, `token-missing`, `token-invalid` */
function requireToken({ headers: { authorization } }: FastifyRequest, token: string | null): void {
  if (token === null) throw new Problem("forbidden");
  if (authorization === undefined) throw new Problem("token-missing");
  if (!sameText(authorization, `Bearer ${token}`)) throw new Problem("token-invalid");
}

/** In a time that tells nothing of where they differ, nor of their lengths. */
const sameText = (a: string, b: string): boolean => timingSafeEqual(digest(a), digest(b));
const digest = (text: string): Buffer => createHash("sha256").update(text).digest();
