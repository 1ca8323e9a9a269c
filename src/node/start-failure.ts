import { StartError } from "../embedded/start-error.ts";
import { isDatabaseAway } from "../postgres/away.ts";
import { NotPrepared } from "../postgres/preparing.ts";
import { ProviderNotStarted } from "./payments.ts";

/** The server is there and does not let us in, or does not have what is asked for, or is starting. */
const NOT_LET_IN = /^(28P01|28000|3D000|57P03)$/;

/** What keeps a node from starting and lies outside of it, in one line; everything else as it is. */
export function startFailure(error: unknown): unknown {
  if (!(error instanceof Error)) return error;
  const code = "code" in error ? String(error.code) : "";
  if (error instanceof ProviderNotStarted) return new StartError(error.message);
  if (error.name === "StoreUnavailable") return new StartError(`The event store can't be reached: ${error.message}`);
  if (error instanceof NotPrepared) return new StartError(`DATABASE_URL: ${error.message}`);
  if (code === "42501") return new StartError(`DATABASE_URL: its user may not create what is needed: ${error.message}`);
  if (NOT_LET_IN.test(code) || isDatabaseAway(error) || error.message.includes("timeout")) {
    return new StartError(`DATABASE_URL: the database can't be reached: ${error.message || code}`);
  }
  return error;
}
