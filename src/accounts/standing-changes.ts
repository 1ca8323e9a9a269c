import pg from "pg";
import type { Standings } from "./standing.ts";

/** The NOTIFY channel; payloads are `session <id>`, `key <id>` and `account <id>`. */
const CHANNEL = "accounts_standing";

/** Runs in the transaction that makes the change: the other nodes hear of it when it is committed. */
export const TELL_SESSION_CHANGED = `select pg_notify('${CHANNEL}', 'session ' || $1)`;
export const TELL_KEY_CHANGED = `select pg_notify('${CHANNEL}', 'key ' || $1)`;
export const TELL_ACCOUNT_CHANGED = `select pg_notify('${CHANNEL}', 'account ' || $1)`;

/** A dead connection is noticed after this, plus as long again for the answer that doesn't come. */
const HEARTBEAT_MS = 2_000;
const FIRST_RETRY_MS = 100;
const LAST_RETRY_MS = 5_000;

export interface StandingChanges {
  /** Resolves when the first connection listens, or has failed and is being tried again. */
  readonly started: Promise<void>;
  close(): Promise<void>;
}

interface Log {
  warn(fields: object, message: string): void;
  info(fields: object, message: string): void;
}

/**
 * Hears of the changes that other nodes make, over a connection of its own, and passes them to the standings. When it is
 * lost, the standings are told so at once and again when it is back: in between nothing is remembered.
 */
export function followStandingChanges(databaseUrl: string, standings: Standings, log: Log): StandingChanges {
  let closed = false;
  let client: pg.Client | null = null;
  let timer: NodeJS.Timeout | undefined;
  let retryMs = FIRST_RETRY_MS;

  async function connect(): Promise<void> {
    const connection = new pg.Client({
      connectionString: databaseUrl,
      keepAlive: true,
      connectionTimeoutMillis: LAST_RETRY_MS,
      query_timeout: HEARTBEAT_MS,
      application_name: "boxoffice standing changes",
    });
    client = connection;
    let lost = false;
    const lose = (error: unknown) => {
      if (lost) return;
      lost = true;
      clearTimeout(timer);
      standings.hearing(false);
      connection.end().catch(() => {}); // it is gone already; only its socket is let go
      if (closed) return;
      log.warn({ err: error, retryMs }, "not hearing of changed sessions and roles: every request asks the database");
      timer = setTimeout(() => void connect(), retryMs);
      retryMs = Math.min(retryMs * 2, LAST_RETRY_MS);
    };
    const heartbeat = () => {
      timer = setTimeout(() => connection.query("select 1").then(heartbeat, lose), HEARTBEAT_MS);
      timer.unref();
    };
    connection.on("error", lose);
    connection.on("end", () => lose(new Error("the connection ended")));
    connection.on("notification", ({ payload }) => pass(payload ?? ""));
    try {
      await connection.connect();
      await connection.query(`listen ${CHANNEL}`);
      if (lost || closed) return lose(new Error("closed while connecting"));
      standings.hearing(true);
      retryMs = FIRST_RETRY_MS;
      log.info({}, "hearing of changed sessions and roles");
      heartbeat();
    } catch (error) {
      lose(error);
    }
  }

  function pass(payload: string): void {
    const [kind, id = ""] = payload.split(" ");
    if (kind === "session") standings.sessionChanged(id);
    else if (kind === "key") standings.keyChanged(id);
    else standings.accountChanged(id);
  }

  return {
    started: connect(),
    async close() {
      closed = true;
      clearTimeout(timer);
      await client?.end().catch(() => {}); // a connection that can't be ended in order is ended
    },
  };
}
