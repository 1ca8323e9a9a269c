import type { Role } from "./roles.ts";
import type { Scope } from "./scopes.ts";

/** Who sends a request, as it stands at this moment: a change of roles counts from the next request on. */
export interface Caller {
  readonly accountId: string;
  /** null where the request comes by an API key. */
  readonly sessionId: string | null;
  /** null where somebody is signed in, who may do all that the account may. */
  readonly apiKey: { readonly keyId: string; readonly scopes: readonly Scope[] } | null;
  readonly roles: readonly Role[];
  /** Buys without an account: no e-mail to sign in with, until `POST /accounts` makes an account of it. */
  readonly guest: boolean;
}
