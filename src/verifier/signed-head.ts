import { type KeyObject, sign, verify } from "node:crypto";
import type { RunningHead } from "./running-head.ts";

/** A head, and who says so: whoever keeps one can tell later whether the log up to it is still the same. */
export interface SignedHead extends RunningHead {
  /** RFC 3339 UTC. */
  readonly signedAt: string;
  /** Of the key that it was signed with: its thumbprint by RFC 7638. */
  readonly keyId: string;
  /** Ed25519 (RFC 8032) over {@link signedText}, base64url. */
  readonly signature: string;
}

/** What is signed, in UTF-8. */
export const signedText = ({ count, position, hash, signedAt }: RunningHead & Pick<SignedHead, "signedAt">): string =>
  `boxoffice head v1\n${count}\n${position}\n${hash}\n${signedAt}\n`;

export const signatureOf = (head: RunningHead & Pick<SignedHead, "signedAt">, privateKey: KeyObject): string =>
  sign(null, Buffer.from(signedText(head)), privateKey).toString("base64url");

export const isSignedBy = (head: SignedHead, publicKey: KeyObject): boolean =>
  verify(null, Buffer.from(signedText(head)), publicKey, Buffer.from(head.signature, "base64url"));
