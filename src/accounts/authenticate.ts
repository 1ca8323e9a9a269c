import type { Caller } from "./caller.ts";
import { hashOfKey, isKeyText } from "./key-text.ts";
import type { KeyUse } from "./key-use.ts";
import type { KeyStanding, Standing, Standings } from "./standing.ts";
import type { TokenFailure, Tokens } from "./tokens.ts";

export type AuthenticationFailure = TokenFailure | "session-ended" | "account-suspended";

/**
 * Who sends this `Authorization` header, or why it can't be told. Answers at once for a token and session, or a key, that
 * are remembered, which is the way of nearly every request; the promise fails when Postgres can't be reached.
 */
export type Authenticate = (authorization: string) => Authentication | Promise<Authentication>;

export type Authentication = Caller | AuthenticationFailure;

const BEARER = "bearer ";

export function createAuthenticate(tokens: Tokens, standings: Standings, keyUse: Pick<KeyUse, "note">): Authenticate {
  const used = (standing: KeyStanding): KeyStanding => {
    if (typeof standing !== "string" && standing.apiKey !== null) keyUse.note(standing.apiKey.keyId);
    return standing;
  };

  const byKey = (key: string): KeyStanding | Promise<KeyStanding> => {
    const standing = standings.ofKey(hashOfKey(key));
    return standing instanceof Promise ? standing.then(used) : used(standing);
  };

  const byToken = (token: string): Standing | TokenFailure | Promise<Standing> => {
    const claims = tokens.read(token);
    return typeof claims === "string" ? claims : standings.of(claims.sessionId, claims.accountId);
  };

  return (authorization) => {
    // Cut, not matched: an expression over the whole token costs as much as all the rest here.
    if (authorization.slice(0, BEARER.length).toLowerCase() !== BEARER) return "token-invalid";
    const credential = authorization.slice(BEARER.length);
    return isKeyText(credential) ? byKey(credential) : byToken(credential);
  };
}
