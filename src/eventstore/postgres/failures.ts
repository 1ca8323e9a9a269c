import pg from "pg";
import { OutcomeUnknown, StoreUnavailable } from "../port.ts";

/**
 * Classes of SQLSTATE with which Postgres says that a statement was rolled back for what it was: data, constraints,
 * state of a transaction, rollback, rights and syntax, resources, limits. Others (connection, shutdown, cancel,
 * internal) may come after a commit has become durable.
 */
const ROLLED_BACK = new Set(["21", "22", "23", "25", "40", "42", "53", "54", "55"]);

/** Among those: what would fail the same way again, because of the data that was sent. */
const REFUSED_DATA = new Set(["22", "23", "54"]);

const sqlStateClass = (error: unknown): string | undefined =>
  error instanceof pg.DatabaseError && error.severity === "ERROR" ? error.code?.slice(0, 2) : undefined;

/** A statement that Postgres refused for the data in it. */
export const isRefusedData = (error: unknown): boolean => REFUSED_DATA.has(sqlStateClass(error) ?? "");

/** A connection that can only read stays so: it leads to a server that is a standby now, or its session is set so. */
export const isReadOnly = (error: unknown): boolean => error instanceof pg.DatabaseError && error.code === "25006";

/** What an append's caller is told when its commit, once sent, failed. */
export function commitFailure(error: unknown): Error {
  if (isRefusedData(error)) return new TypeError("Postgres refuses these events", { cause: error });
  if (ROLLED_BACK.has(sqlStateClass(error) ?? "")) return unavailable("Postgres can't record events now", error);
  return new OutcomeUnknown("the connection to Postgres failed during a commit", { cause: error });
}

/** What a reader is told: an error of the server's or of the connection's is unavailability, others are bugs. */
export function readFailure(error: unknown): unknown {
  if (error instanceof StoreUnavailable) return error;
  const code = sqlStateClass(error);
  const bug = code !== undefined && code !== "25" && code !== "53" && ROLLED_BACK.has(code);
  return bug ? error : unavailable("Postgres can't be read now", error);
}

export function unavailable(message: string, cause: unknown): StoreUnavailable {
  const detail = cause instanceof Error && cause.message !== "" ? `: ${cause.message}` : "";
  return new StoreUnavailable(message + detail, { cause });
}
