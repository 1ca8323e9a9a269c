import { createHmac, hkdfSync, timingSafeEqual } from "node:crypto";
import type { JwtSecrets } from "./jwt-secrets.ts";

/** What a mail carries that lets its reader choose a new password. */
export interface ResetTokens {
  /** The token of a reset, the same each time while the first secret is the same. */
  of(resetId: string): string;
  /** Whose token it is; null when none of the secrets made it. */
  read(token: string): string | null;
}

const ID_BYTES = 16;
/** HMAC-SHA256, cut to 128 bits, which nobody guesses: links in mails had better be short. */
const PROOF_BYTES = 16;

/**
 * A token is the reset's id with an HMAC of it, by a key that is derived from the secrets of JWTs. So it is kept nowhere,
 * not even as a hash: who reads the database can't make one, and a mail that is sent twice says the same twice.
 */
export function createResetTokens(secrets: JwtSecrets): ResetTokens {
  const [first, ...others] = secrets;
  const key = keyOf(first);
  const keys = [key, ...others.map(keyOf)];
  return {
    of(resetId) {
      const id = Buffer.from(resetId.replaceAll("-", ""), "hex");
      return Buffer.concat([id, proofOf(id, key)]).toString("base64url");
    },
    read(token) {
      const bytes = Buffer.from(token, "base64url");
      // Decoding forgives what is not base64url; there is one way to write a token.
      if (bytes.length !== ID_BYTES + PROOF_BYTES || bytes.toString("base64url") !== token) return null;
      const [id, proof] = [bytes.subarray(0, ID_BYTES), bytes.subarray(ID_BYTES)];
      if (!keys.some((one) => timingSafeEqual(proof, proofOf(id, one)))) return null;
      return id.toString("hex").replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
    },
  };
}

const keyOf = (secret: string): Buffer => Buffer.from(hkdfSync("sha256", secret, "", "boxoffice password reset", 32));

const proofOf = (id: Buffer, key: Buffer): Buffer =>
  createHmac("sha256", key).update(id).digest().subarray(0, PROOF_BYTES);
