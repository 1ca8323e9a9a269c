import { freePort } from "../../src/embedded/free-port.ts";
import { type Child, type ChildOptions, startChild } from "./child.ts";

/** The secret of all processes that stand in for one installation. */
export const JWT_SECRET = "a secret for tests that is long enough for HS256";

/** The product as it runs in production: `src/main.ts` as a process of its own. */
export interface Product extends Child {
  /** Where its API listens, where it has one. */
  readonly port: number;
}

export interface ProductSettings {
  /** null: the embedded Postgres in `dataDir`. */
  readonly databaseUrl: string | null;
  readonly dataDir: string;
  readonly eventStoreUrl?: string | null;
  readonly roles?:
    | "api,projector"
    | "api"
    | "projector"
    | "processes"
    | "projector,processes"
    | "api,projector,processes";
  /** 0: any free one. */
  readonly port?: number;
  readonly rateLimitPerMinute?: number;
  readonly nodeOptions?: readonly string[];
  /** Given all that it says. */
  readonly onOutput?: (text: string) => void;
  /** Further settings, e.g. `PAYMENT_WINDOW_SECONDS`. */
  readonly env?: Readonly<Record<string, string>>;
}

const TAKEN_AT_MOST_MS = 10_000;

/**
 * Starts a process of the product and resolves when it takes requests, or does whatever else it is for. A port that it had
 * before somebody else may just be looking at, to see whether it is free: then it is tried again, as systemd would.
 */
export async function startProduct(settings: ProductSettings): Promise<Product> {
  const port = settings.port ?? (await freePort(undefined));
  const untilMs = performance.now() + TAKEN_AT_MOST_MS;
  for (;;) {
    try {
      return { ...(await startChild(productChild({ ...settings, port }))), port };
    } catch (error) {
      const isTaken = error instanceof Error && error.message.includes("is taken by another program");
      if (!isTaken || performance.now() > untilMs) throw error;
    }
  }
}

/** A process of the product as a program with its environment. */
export function productChild(settings: ProductSettings & { readonly port: number }): ChildOptions {
  const { databaseUrl, dataDir, eventStoreUrl = null, roles = "api,projector,processes", port } = settings;
  return {
    program: "src/main.ts",
    ...(settings.onOutput === undefined ? {} : { onOutput: settings.onOutput }),
    ...(settings.nodeOptions === undefined ? {} : { nodeOptions: settings.nodeOptions }),
    env: {
      HOST: "127.0.0.1",
      PORT: String(port),
      DATA_DIR: dataDir,
      DATABASE_URL: databaseUrl ?? undefined,
      DATABASE_READ_URL: undefined,
      EVENTSTORE_URL: eventStoreUrl ?? undefined,
      REDIS_URL: undefined,
      ROLES: roles,
      JWT_SECRET,
      RATE_LIMIT_PER_MINUTE: String(settings.rateLimitPerMinute ?? 0),
      LOG_LEVEL: "warn",
      NODE_ENV: undefined,
      ...settings.env,
    },
  };
}
