import { createHash, createPublicKey, type JsonWebKeyInput, type KeyObject } from "node:crypto";
import type { SignedHead } from "./signed-head.ts";

/** A public key for Ed25519 as a JSON Web Key (RFC 8037). */
export interface PublicJwk {
  readonly kty: "OKP";
  readonly crv: "Ed25519";
  readonly x: string;
  readonly kid: string;
  readonly alg: "EdDSA";
  readonly use: "sig";
}

/** A key's thumbprint by RFC 7638: SHA-256 over its required members, base64url. */
export function keyIdOf(publicKey: KeyObject): string {
  const { crv, kty, x } = publicKey.export({ format: "jwk" });
  return createHash("sha256").update(JSON.stringify({ crv, kty, x })).digest("base64url");
}

/**
 * Public keys from a file: a PEM, a JSON Web Key, or a set of these.
 * @throws Error it has none
 */
export function publicKeysIn(text: string): ReadonlyMap<string, KeyObject> {
  const keys = text.trimStart().startsWith("{") ? jwksIn(text) : [createPublicKey(text)];
  if (keys.some(({ asymmetricKeyType }) => asymmetricKeyType !== "ed25519"))
    throw new Error("a key is not for Ed25519");
  return new Map(keys.map((key) => [keyIdOf(key), key]));
}

type Jwk = JsonWebKeyInput["key"];

function jwksIn(text: string): readonly KeyObject[] {
  const said = JSON.parse(text) as { keys?: Jwk[] } & Jwk;
  return (said.keys ?? [said]).map((key) => createPublicKey({ key, format: "jwk" }));
}

/**
 * Heads from a file as the API gave them: one, a list of them, or one a line.
 * @throws Error it has what is no head
 */
export function headsIn(text: string): readonly SignedHead[] {
  const whole = jsonOf(text);
  if (whole === undefined)
    return text.split("\n").flatMap((line) => (line.trim() === "" ? [] : [headOf(JSON.parse(line))]));
  const { items } = whole as { items?: unknown[] };
  return (items ?? (Array.isArray(whole) ? whole : [whole])).map(headOf);
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function headOf(said: unknown): SignedHead {
  const { count, position, hash, signedAt, keyId, signature } = said as Record<string, unknown>;
  const texts = [position, hash, signedAt, keyId, signature];
  if (!Number.isSafeInteger(count) || texts.some((one) => typeof one !== "string")) throw new Error("that is no head");
  return { ...(said as SignedHead), position: BigInt(position as string) };
}
