import { z } from "zod";
import type { RoutePlugin } from "../conventions/route-config.ts";

/** How the parts that this process needs are doing; `main.ts` puts it together. */
export interface Readiness {
  /** Whether requests should be sent here. */
  readonly ready: boolean;
  /** How far the read models are behind the log, in milliseconds; null where no projector runs or it isn't known. */
  readonly projectionLagMs: number | null;
  /** One word on each part, e.g. `{ postgres: "up", eventStore: "down" }`; no addresses and no error texts. */
  readonly checks: Readonly<Record<string, string>>;
}

export interface HealthProbes {
  /** May take up to {@link PROBE_TIMEOUT_MS}; after it, or when it fails, the answer is "not ready". */
  readiness(): Promise<Readiness>;
}

const PROBE_TIMEOUT_MS = 2_000;

const live = z.strictObject({ status: z.literal("live") });
const readiness = z
  .strictObject({
    status: z.enum(["ready", "not-ready", "shutting-down"]),
    projectionLagMs: z.number().nullable(),
    checks: z.record(z.string(), z.string()),
  })
  .meta({ examples: [{ status: "ready", projectionLagMs: 3, checks: { postgres: "up", eventStore: "up" } }] });

/** For load balancers and supervisors: never limited, and no token is looked at. */
export const healthRoutes =
  (probes: HealthProbes): RoutePlugin =>
  (api) => {
    let closing = false;
    api.addHook("preClose", async () => {
      closing = true;
    });

    api.route({
      method: "GET",
      url: "/health/live",
      schema: { tags: ["Operations"], summary: "Whether the process runs", response: { 200: live } },
      config: { rateLimit: false },
      handler: () => ({ status: "live" as const }),
    });

    api.route({
      method: "GET",
      url: "/health/ready",
      schema: {
        tags: ["Operations"],
        summary: "Whether requests should be sent here",
        response: { 200: readiness, 503: readiness },
      },
      config: { rateLimit: false },
      handler: async (request, reply) => {
        if (closing) return reply.code(503).send({ status: "shutting-down", projectionLagMs: null, checks: {} });
        const { ready, projectionLagMs, checks } = await probed(probes).catch((error: unknown) => {
          request.log.warn({ err: error }, "the readiness probe failed");
          return { ready: false, projectionLagMs: null, checks: {} };
        });
        reply.code(ready ? 200 : 503);
        return { status: ready ? ("ready" as const) : ("not-ready" as const), projectionLagMs, checks };
      },
    });
  };

async function probed(probes: HealthProbes): Promise<Readiness> {
  const timeout = Promise.withResolvers<never>();
  const timer = setTimeout(() => timeout.reject(new Error("the readiness probe took too long")), PROBE_TIMEOUT_MS);
  try {
    return await Promise.race([probes.readiness(), timeout.promise]);
  } finally {
    clearTimeout(timer);
  }
}
