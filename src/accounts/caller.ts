import type { Role } from "./roles.ts";

/** Who sends a request, as it stands at this moment: a change of roles counts from the next request on. */
export interface Caller {
  readonly accountId: string;
  readonly sessionId: string;
  readonly roles: readonly Role[];
  /** Buys without an account: no e-mail to sign in with, until `POST /accounts` makes an account of it. */
  readonly guest: boolean;
}
