import { createHmac, timingSafeEqual } from "node:crypto";
import type { Pool } from "pg";
import { openSecret } from "./secrets.ts";

/**
 * Whose a hold is: of an account, which has a token of its own to prove it by, or of a guest who was made for the hold
 * and has nothing but the hold's token.
 */
export type Holder = "account" | "guest";

/** What proves that a hold is one's own: an HMAC of its id, so it needs no storage and can be given again. */
export interface HoldTokens {
  tokenOf(reservationId: string, holder: Holder): string;
  /** Whose hold the token is of; null: it is not the token of this hold. */
  holderBy(reservationId: string, token: string): Holder | null;
}

const HOLDERS = ["account", "guest"] as const;

export function holdTokensBy(secret: Buffer): HoldTokens {
  const tokenOf = (reservationId: string, holder: Holder) =>
    createHmac("sha256", secret).update(`${holder}/${reservationId}`).digest("base64url");
  return {
    tokenOf,
    holderBy(reservationId, token) {
      const given = Buffer.from(token);
      const isOf = (holder: Holder) => {
        const right = Buffer.from(tokenOf(reservationId, holder));
        return given.length === right.length && timingSafeEqual(given, right);
      };
      return HOLDERS.find(isOf) ?? null;
    },
  };
}

/** The tokens of this installation, the same on every node. */
export const openHoldTokens = async (pool: Pool): Promise<HoldTokens> =>
  holdTokensBy(await openSecret(pool, "hold-tokens"));
