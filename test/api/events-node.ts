import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { LightMyRequestResponse } from "fastify";
import pg from "pg";
import type { Api } from "../../src/api/conventions/route-config.ts";
import { POLICY } from "../../src/api/security/policy.ts";
import { createLogger } from "../../src/api/server/logger.ts";
import { type Boxoffice, type NodeSettings, startBoxoffice } from "../../src/boxoffice.ts";
import { providerBy } from "../../src/node/payments.ts";
import { freshDatabase } from "../support/postgres.ts";
import { type Keeping, keepContract } from "./contract/keeping.ts";
import { ADMIN, type CallOptions, JWT_SECRET, type Signed } from "./harness.ts";

export type Method = "GET" | "HEAD" | "POST" | "PUT" | "PATCH" | "DELETE";
export type Reply = LightMyRequestResponse;

/** A domain event as it stands in the log. */
export interface Recorded {
  readonly type: string;
  readonly stream: string;
  readonly data: Record<string, unknown>;
  readonly metadata: {
    readonly at: string;
    readonly actor: Record<string, string>;
    readonly keyHash: string | null;
  };
}

/**
 * A whole node as `main.ts` wires it, on a database of its own, strict about undocumented errors and replies: each is
 * checked against the OpenAPI document, and a call whose reply is not as it says fails.
 */
export interface NodeUnderTest {
  readonly databaseUrl: string;
  /** `DATA_DIR`, where the sandbox provider keeps its secret. */
  readonly dataDir: string;
  readonly boxoffice: Boxoffice;
  /** Lines of the log at `error` and above. */
  readonly errors: readonly Record<string, unknown>[];
  /** All lines of the log, as they are written; from `error` on, unless another level was asked for. */
  readonly logged: readonly string[];
  /** Fails when the reply is not as the OpenAPI document has it. */
  call(method: Method, url: string, options?: CallOptions): Promise<Reply>;
  /** `inject` of the API, without that check. */
  readonly unchecked: Api["inject"];
  signUp(): Promise<Signed>;
  /** Somebody who has signed up, once more. */
  signIn(email: string): Promise<Signed>;
  admin(): Promise<Signed>;
  guest(): Promise<Signed>;
  /** The whole log, or what was recorded after a position. */
  recorded(after?: string): Promise<Recorded[]>;
  /** The log's last position, as `Boxoffice-Position` would say it. */
  head(): Promise<string>;
  /** The tables that have a text somewhere in a row, by schema and name, sorted. */
  tablesWith(text: string): Promise<string[]>;
  /** Stops the node and starts another on the same database. */
  restart(): Promise<void>;
  close(): Promise<void>;
}

/** As pino numbers it. */
const ERROR_LEVEL = 50;

/**
 * @param mostLogged so many lines of the log are kept, the newest
 *
 * Due reservations lapse by decision alone: `processes`, which would put them on record, do not run unless asked for.
 */
export async function startNode(
  changes: Partial<NodeSettings> = {},
  logLevel = "error",
  createDatabase = freshDatabase,
  mostLogged = Number.POSITIVE_INFINITY,
): Promise<NodeUnderTest> {
  const database = await createDatabase();
  const dataDir = await mkdtemp(join(tmpdir(), "boxoffice-node-"));
  const settings: NodeSettings = {
    databaseUrl: database.url,
    databaseReadUrl: database.url,
    eventStoreUrl: null,
    roles: new Set(["api", "projector"]),
    holdTtlSeconds: 600,
    paymentWindowSeconds: 900,
    offerTtlSeconds: 14_400,
    production: false,
    mail: null,
    openProvider: providerBy({ payments: { provider: "sandbox", remote: null }, dataDir }),
    publicUrl: null,
    trustProxy: [],
    corsOrigins: [],
    redisUrl: null,
    rateLimitPerMinute: 0,
    metricsToken: null,
    headSigningKey: null,
    admin: ADMIN,
    jwtSecret: JWT_SECRET,
    strict: true,
    ...changes,
  };
  const errors: Record<string, unknown>[] = [];
  const logged: string[] = [];
  const write = (line: string) => {
    logged.push(line);
    if (logged.length > 2 * mostLogged) logged.splice(0, logged.length - mostLogged);
    const fields = JSON.parse(line);
    if (fields.level >= ERROR_LEVEL) errors.push(fields);
  };
  const log = createLogger(logLevel, { write });
  const contracts: Keeping[] = [];
  const start = async (): Promise<Boxoffice> => {
    const started = await startBoxoffice(settings, log);
    if (started.api !== null) contracts.push(keepContract(started.api, POLICY));
    return started;
  };
  let boxoffice = await start();
  const pool = new pg.Pool({ connectionString: database.url, max: 2 });
  pool.on("error", () => {}); // a connection that is still closing when its database is dropped
  let people = 0;

  const call: NodeUnderTest["call"] = (method, url, { token, body, headers } = {}) => {
    if (boxoffice.api === null) throw new Error("the node has no API");
    return boxoffice.api.inject({
      method,
      url,
      headers: { ...(token === undefined ? {} : { authorization: `Bearer ${token}` }), ...headers },
      ...(body === undefined ? {} : { payload: body as object }),
    });
  };

  async function signIn(email: string, password = "a good password"): Promise<Signed> {
    const { token, accountId } = (await call("POST", "/sessions", { body: { email, password } })).json();
    return { token, accountId, email };
  }

  return {
    databaseUrl: database.url,
    dataDir,
    get boxoffice() {
      return boxoffice;
    },
    errors,
    logged,
    call,
    get unchecked() {
      return (contracts.at(-1) as Keeping).unchecked;
    },
    async signUp() {
      people += 1;
      const email = `person-${people}@example.org`;
      const made = await call("POST", "/accounts", { body: { email, password: "a good password", name: "Ada" } });
      if (made.statusCode !== 201) throw new Error(made.body);
      return signIn(email);
    },
    signIn: (email) => signIn(email),
    admin: () => signIn(ADMIN.email, ADMIN.password),
    async guest() {
      const { token, accountId } = (await call("POST", "/sessions/guest")).json();
      return { token, accountId, email: "" };
    },
    async recorded(after = "-1") {
      const { rows } = await pool.query<Recorded>(
        `select e.type, s.name as stream, e.data, e.metadata
         from eventstore.events e join eventstore.streams s on s.id = e.stream_id
         where e.position > $1 order by e.position`,
        [after],
      );
      return rows;
    },
    async head() {
      const { rows } = await pool.query<{ head: string }>(
        "select coalesce(max(position), -1)::text as head from eventstore.events",
      );
      return rows[0]?.head ?? "-1";
    },
    async tablesWith(text) {
      const { rows: tables } = await pool.query<{ name: string }>(
        `select format('%I.%I', schemaname, tablename) as name from pg_tables
         where schemaname not in ('pg_catalog', 'information_schema') order by name`,
      );
      const found: string[] = [];
      for (const { name } of tables) {
        const { rowCount } = await pool.query(`select 1 from ${name} t where strpos(t::text, $1) > 0 limit 1`, [text]);
        if (rowCount !== 0) found.push(name);
      }
      return found;
    },
    async restart() {
      await boxoffice.stop();
      boxoffice = await start();
    },
    async close() {
      await boxoffice.stop();
      await pool.end();
      await database.drop();
      await rm(dataDir, { recursive: true, force: true });
      for (const contract of contracts) contract.check();
    },
  };
}
