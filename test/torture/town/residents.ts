import { join } from "node:path";
import { ROOT } from "../../system/child.ts";
import { productChild } from "../../system/product.ts";
import type { ResidentOptions } from "./resident.ts";

/** So many processes with one role each. */
export interface Population {
  readonly api: number;
  readonly projector: number;
  readonly processes: number;
}

export type Role = keyof Population;
export const ROLES = ["api", "projector", "processes"] as const;

/** What a process of the product is given: everything it reaches out to lies behind a proxy of its own. */
export interface Surroundings {
  readonly name: string;
  readonly role: Role;
  readonly port: number;
  readonly dataDir: string;
  readonly databaseUrl: string;
  readonly eventStoreUrl: string | null;
  readonly sandbox: { readonly url: string; readonly secret: string };
  /** Where the provider finds it. */
  readonly webhooksAt: string | null;
  readonly env: Readonly<Record<string, string>>;
  /** Loaded ahead of it, beside the clock that can be set. */
  readonly preload: string | null;
}

export const CLOCK = join(ROOT, "test", "torture", "town", "jumping-clock.ts");

export function nodeChild(of: Surroundings): ResidentOptions["child"] {
  const { role, port, dataDir, databaseUrl, eventStoreUrl, sandbox, webhooksAt, env, preload } = of;
  return productChild({
    roles: role,
    port,
    dataDir,
    databaseUrl,
    eventStoreUrl,
    nodeOptions: [CLOCK, ...(preload === null ? [] : [preload])].map((file) => `--import=${file}`),
    env: {
      SANDBOX_URL: sandbox.url,
      SANDBOX_SECRET: sandbox.secret,
      ...(webhooksAt === null ? {} : { PUBLIC_URL: webhooksAt }),
      ...env,
    },
  });
}

/** The payment provider, kept running by the town and by nobody else. */
export const providerChild = (dataDir: string, port: number): ResidentOptions["child"] => ({
  program: "src/payments/sandbox/main.ts",
  env: { DATA_DIR: dataDir, SANDBOX_LISTEN: `127.0.0.1:${port}`, SANDBOX_SECRET: undefined, NODE_OPTIONS: undefined },
});
