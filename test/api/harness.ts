import type { LightMyRequestResponse } from "fastify";
import pg from "pg";
import { type RunningAccounts, startAccounts } from "../../src/accounts/start-accounts.ts";
import { createAccountTables } from "../../src/accounts/tables.ts";
import { type ApiDependencies, type ApiSettings, buildApi } from "../../src/api/app.ts";
import type { Api, RoutePlugin } from "../../src/api/conventions/route-config.ts";
import { POLICY, type Policy } from "../../src/api/security/policy.ts";
import type { RateCounts } from "../../src/api/security/rate-counts.ts";
import { createLogger } from "../../src/api/server/logger.ts";
import { freshDatabase } from "../support/postgres.ts";
import { keepContract } from "./contract/keeping.ts";

export const ADMIN = { email: "root@example.org", password: "correct horse battery" };
export const JWT_SECRET = "a secret that is long enough for HS256";

export interface ApiUnderTest {
  /** Fails when a reply is not as its OpenAPI document has it. */
  readonly api: Api;
  /** A request whose reply is to break the contract, and may. */
  readonly unchecked: ApiUnderTest["call"];
  readonly accounts: RunningAccounts;
  readonly pool: pg.Pool;
  /** What people were to be told by mail, in order. */
  readonly mails: { readonly kind: string; readonly accountId: string; readonly resetId?: string }[];
  readonly databaseUrl: string;
  /** What was logged, parsed. */
  readonly logged: Record<string, unknown>[];
  /** A request with a token, if one is given, and a JSON body, if one is given. */
  call(method: Method, url: string, options?: CallOptions): Promise<LightMyRequestResponse>;
  /** A new account and a token for it. */
  signUp(name?: string): Promise<Signed>;
  /** A token of the first admin. */
  admin(): Promise<Signed>;
  guest(): Promise<Signed>;
  close(): Promise<void>;
}

export interface Signed {
  readonly token: string;
  readonly accountId: string;
  readonly email: string;
}

export interface CallOptions {
  readonly token?: string;
  readonly body?: unknown;
  readonly headers?: Record<string, string>;
}

type Method = "GET" | "HEAD" | "POST" | "PUT" | "PATCH" | "DELETE";

export interface ApiOptions {
  readonly routes?: readonly RoutePlugin[];
  /** Who may call them: rows for the policy. */
  readonly policy?: Policy;
  readonly settings?: Partial<ApiSettings>;
  readonly rateCounts?: RateCounts;
  readonly health?: ApiDependencies["health"];
  readonly nowMs?: () => number;
  /** Another node on the same database; `close` then leaves it there. */
  readonly databaseUrl?: string;
  readonly logLevel?: string;
}

/** The whole API on a real Postgres with accounts of its own, strict about replies and undocumented errors. */
export async function startApi(options: ApiOptions = {}): Promise<ApiUnderTest> {
  const database = options.databaseUrl === undefined ? await freshDatabase() : null;
  const databaseUrl = options.databaseUrl ?? database?.url ?? "";
  const pool = new pg.Pool({ connectionString: databaseUrl, max: 4 });
  pool.on("error", () => {}); // a connection that is still closing when its database is dropped
  const logged: Record<string, unknown>[] = [];
  const logger = createLogger(options.logLevel ?? "info", { write: (line) => void logged.push(JSON.parse(line)) });
  const mails: ApiUnderTest["mails"] = [];
  await createAccountTables(pool);
  const accounts = await startAccounts({
    pool,
    mails: {
      passwordReset: async (_client, reset) => void mails.push({ kind: "password-reset", ...reset }),
      passwordChanged: async (_client, reset) => void mails.push({ kind: "password-changed", ...reset }),
      forget: async (_client, accountId) => void mails.push({ kind: "forgotten", accountId }),
    },
    databaseUrl,
    jwtSecret: JWT_SECRET,
    admin: ADMIN,
    log: logger,
    ...(options.nowMs === undefined ? {} : { nowMs: options.nowMs }),
  });
  const release = async () => {
    await accounts.close();
    await pool.end();
    await database?.drop();
  };
  const policy = { ...POLICY, ...options.policy };
  const api = await buildApi({
    accounts,
    health: options.health ?? { readiness: async () => ({ ready: true, projectionLagMs: 0, checks: {} }) },
    routes: options.routes ?? [],
    policy,
    logger,
    ...(options.rateCounts === undefined ? {} : { rateCounts: options.rateCounts }),
    settings: {
      publicUrl: null,
      trustProxy: [],
      corsOrigins: [],
      rateLimitPerMinute: 0,
      strict: true,
      ...options.settings,
    },
  }).catch(async (error: unknown) => {
    await release();
    throw error;
  });

  const contract = keepContract(api, policy);
  const callBy =
    (inject: Api["inject"]): ApiUnderTest["call"] =>
    (method, url, { token, body, headers } = {}) =>
      inject({
        method,
        url,
        headers: { ...(token === undefined ? {} : { authorization: `Bearer ${token}` }), ...headers },
        ...(body === undefined ? {} : { payload: body as object }),
      });
  const call = callBy(api.inject);
  let people = 0;

  async function signIn(email: string, password: string): Promise<Signed> {
    const { token, accountId } = (await call("POST", "/sessions", { body: { email, password } })).json();
    return { token, accountId, email };
  }

  return {
    api,
    unchecked: callBy(contract.unchecked),
    accounts,
    pool,
    mails,
    databaseUrl,
    logged,
    call,
    async signUp(name = "Ada") {
      people += 1;
      const email = `${name.toLowerCase()}-${people}@example.org`;
      const made = await call("POST", "/accounts", { body: { email, password: "a good password", name } });
      if (made.statusCode !== 201) throw new Error(made.body);
      return signIn(email, "a good password");
    },
    admin: () => signIn(ADMIN.email, ADMIN.password),
    async guest() {
      const { token, accountId } = (await call("POST", "/sessions/guest")).json();
      return { token, accountId, email: "" };
    },
    async close() {
      await api.close();
      await release();
      contract.check();
    },
  };
}
