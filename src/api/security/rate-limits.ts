import rateLimit, { normalizeIP } from "@fastify/rate-limit";
import type { FastifyRequest } from "fastify";
import type { Api } from "../conventions/route-config.ts";
import { Problem } from "../problems/problem.ts";

/** Callers counted at once, about 200 bytes each; beyond it the least recently seen starts anew. */
const COUNTED_CALLERS = 50_000;

/**
 * The address a request comes from, for counting: proxies are seen through as far as `TRUST_PROXY` says, and of IPv6 the
 * /64 counts, since one customer has that many addresses.
 */
export const addressOf = (request: FastifyRequest): string => normalizeIP(request.ip);

/** Limits every route that doesn't say `config.rateLimit: false`, by account, or by address without a token. 0 is off. */
export async function limitRates(api: Api, requestsPerMinute: number): Promise<void> {
  if (requestsPerMinute === 0) return;
  await api.register(rateLimit, {
    max: requestsPerMinute,
    timeWindow: 60_000,
    cache: COUNTED_CALLERS,
    enableDraftSpec: true,
    keyGenerator: (request) => request.caller?.accountId ?? addressOf(request),
    errorResponseBuilder: () => new Problem("rate-limited"), // `Retry-After` is set by the plugin
  });
}
