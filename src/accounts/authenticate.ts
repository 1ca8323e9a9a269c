import type { Caller } from "./caller.ts";
import type { Standing, Standings } from "./standing.ts";
import type { TokenFailure, Tokens } from "./tokens.ts";

export type AuthenticationFailure = TokenFailure | "session-ended" | "account-suspended";

/**
 * Who sends this `Authorization` header, or why it can't be told. Answers at once for a token and session that are
 * remembered, which is the way of nearly every request; the promise fails when Postgres can't be reached.
 */
export type Authenticate = (authorization: string) => Authentication | Promise<Authentication>;

export type Authentication = Caller | AuthenticationFailure;

const BEARER = "bearer ";

export const createAuthenticate =
  (tokens: Tokens, standings: Standings): Authenticate =>
  (authorization): Standing | TokenFailure | Promise<Standing> => {
    // Cut, not matched: an expression over the whole token costs as much as all the rest here.
    if (authorization.slice(0, BEARER.length).toLowerCase() !== BEARER) return "token-invalid";
    const claims = tokens.read(authorization.slice(BEARER.length));
    return typeof claims === "string" ? claims : standings.of(claims.sessionId, claims.accountId);
  };
