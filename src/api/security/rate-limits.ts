import rateLimit, { type FastifyRateLimitStore, normalizeIP } from "@fastify/rate-limit";
import type { FastifyRequest } from "fastify";
import type { Api } from "../conventions/route-config.ts";
import { Problem } from "../problems/problem.ts";
import { type RateClass, rateClassOf } from "./rate-classes.ts";
import type { RateCounts } from "./rate-counts.ts";

/** `RATE_LIMIT_PER_MINUTE` is for so long, from a caller's first request on. */
export const RATE_WINDOW_MS = 60_000;

/**
 * The address a request comes from, for counting: proxies are seen through as far as `TRUST_PROXY` says, and of IPv6 the
 * /64 counts, since one customer has that many addresses.
 */
export const addressOf = (request: FastifyRequest): string => normalizeIP(request.ip);

/** An account, with all its sessions and keys; an address, for guests too: whoever wants to is a hundred of them. */
const callerOf = (request: FastifyRequest): string => {
  const { caller } = request;
  return caller === null || caller.guest ? addressOf(request) : caller.accountId;
};

export interface RateLimits {
  /** For each caller and class; 0 is no limit. */
  readonly requestsPerMinute: number;
  readonly counts: RateCounts;
}

/** Limits every route that doesn't say `config.rateLimit: false`, and whatever is asked where there is none. */
export async function limitRates(api: Api, { requestsPerMinute, counts }: RateLimits): Promise<void> {
  if (requestsPerMinute === 0) return;
  api.addHook("onRoute", (route) => {
    const [method = "GET"] = [route.method].flat();
    route.config = { ...route.config, rateClass: rateClassOf(method, route.url) };
  });
  await api.register(rateLimit, {
    max: requestsPerMinute,
    timeWindow: RATE_WINDOW_MS,
    store: storeOf(counts),
    enableDraftSpec: true,
    keyGenerator: (request) => `${classOf(request)} ${callerOf(request)}`,
    errorResponseBuilder: () => new Problem("rate-limited"), // `Retry-After` is set by the plugin
  });
}

/** Where there is no route, it is looked for: somebody reads, whatever the method. */
const classOf = ({ routeOptions }: FastifyRequest): RateClass => routeOptions.config.rateClass ?? "reads";

/** The plugin's form of a store; all routes have the same. */
function storeOf(counts: RateCounts) {
  return class Store implements FastifyRateLimitStore {
    incr(
      key: string,
      done: (error: Error | null, result?: { current: number; ttl: number }) => void,
      _: number,
      most: number,
    ) {
      const counted = counts.count(key, most);
      if (!(counted instanceof Promise)) return done(null, { current: counted.count, ttl: counted.endsInMs });
      counted.then(
        ({ count, endsInMs }) => done(null, { current: count, ttl: endsInMs }),
        (error: Error) => done(error),
      );
    }
    child() {
      return this;
    }
  };
}
