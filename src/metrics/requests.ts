import { Counter, Gauge, Histogram, type Registry } from "prom-client";

/** Seconds. A read from memory takes under 1 ms, a reservation in a rush some 10, a purchase some 100. */
const BUCKETS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

/** What the API tells of its requests. */
export interface RequestMetrics {
  /** @param route as it is declared, never the path that was asked for: there are endless of those */
  answered(method: string, route: string, status: number, seconds: number): void;
  /** Answered by 503 before anything was done, because too much came. */
  refused(): void;
  /** Connections that were closed, because too much came. */
  dropped(): void;
}

/** @param inFlight how many are begun and not answered */
export function requestMetrics(register: Registry, inFlight: () => number): RequestMetrics {
  const duration = new Histogram({
    name: "http_request_duration_seconds",
    help: "How long requests took, by route and status",
    labelNames: ["method", "route", "status"],
    buckets: BUCKETS,
    registers: [register],
  });
  const refused = new Counter({
    name: "boxoffice_requests_refused_total",
    help: "Requests that were answered by 503 unseen, because too much came",
    registers: [register],
  });
  const dropped = new Counter({
    name: "boxoffice_connections_dropped_total",
    help: "Connections that were closed, because too much came",
    registers: [register],
  });
  new Gauge({
    name: "http_requests_in_flight",
    help: "Requests that are begun and not answered",
    registers: [register],
    collect() {
      this.set(inFlight());
    },
  });
  // Looking a series up by its labels costs ten times as much as counting in it.
  const series = new Map<string, ReturnType<typeof duration.labels>>();
  return {
    answered(method, route, status, seconds) {
      const key = `${status} ${method} ${route}`;
      let one = series.get(key);
      if (one === undefined) {
        one = duration.labels(method, route, String(status));
        series.set(key, one);
      }
      one.observe(seconds);
    },
    refused: () => refused.inc(),
    dropped: () => dropped.inc(),
  };
}
