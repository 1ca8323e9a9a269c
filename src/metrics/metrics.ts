import type { Pool } from "pg";
import { collectDefaultMetrics, Gauge, Registry } from "prom-client";
import type { EventStore } from "../eventstore/port.ts";
import { type BacklogDependencies, backlogMetrics } from "./backlog.ts";
import { commandMetrics, type FiguresOfRunners } from "./commands.ts";
import { measuredStore } from "./measured-store.ts";
import { type RequestMetrics, requestMetrics } from "./requests.ts";

/** What this process tells Prometheus about itself. */
export interface Metrics {
  /** The same event store, timed. */
  measured(store: EventStore): EventStore;
  ofRequests(inFlight: () => number): RequestMetrics;
  ofCommands(figures: FiguresOfRunners): void;
  ofBacklog(dependencies: BacklogDependencies): void;
  /** @param lagMs null where none is at work here */
  ofProjector(figures: () => { readonly lagMs: number; readonly projected: number } | null): void;
  ofPool(name: string, pool: Pick<Pool, "totalCount" | "idleCount" | "waitingCount">): void;
  /** All of it, in Prometheus' text format, and its content type. */
  page(): Promise<{ readonly text: string; readonly type: string }>;
}

/** Begins to watch the process: memory, garbage collection, the event loop. */
export function createMetrics(): Metrics {
  const register = new Registry();
  const registers = [register];
  collectDefaultMetrics({ register });
  const pools = new Map<string, Pick<Pool, "totalCount" | "idleCount" | "waitingCount">>();
  new Gauge({
    name: "boxoffice_postgres_connections",
    help: "Connections to Postgres, and requests that wait for one",
    labelNames: ["pool", "state"],
    registers,
    collect() {
      for (const [pool, { totalCount, idleCount, waitingCount }] of pools) {
        this.set({ pool, state: "busy" }, totalCount - idleCount);
        this.set({ pool, state: "idle" }, idleCount);
        this.set({ pool, state: "waited-for" }, waitingCount);
      }
    },
  });
  return {
    measured: (store) => measuredStore(store, register),
    ofRequests: (inFlight) => requestMetrics(register, inFlight),
    ofCommands: (figures) => commandMetrics(register, figures),
    ofBacklog: (dependencies) => backlogMetrics(register, dependencies),
    ofPool: (name, pool) => void pools.set(name, pool),
    ofProjector(figures) {
      const gauge = (name: string, help: string, value: (of: NonNullable<ReturnType<typeof figures>>) => number) =>
        new Gauge({
          name,
          help,
          registers,
          collect() {
            const now = figures();
            this.reset();
            if (now !== null) this.set(value(now));
          },
        });
      gauge(
        "boxoffice_projection_lag_seconds",
        "Age of the oldest event that is not projected",
        ({ lagMs }) => lagMs / 1_000,
      );
      gauge(
        "boxoffice_projected_events",
        "Events that this process has projected since it began",
        ({ projected }) => projected,
      );
    },
    page: async () => ({ text: await register.metrics(), type: register.contentType }),
  };
}
