import { createPrivateKey, createPublicKey, type KeyObject } from "node:crypto";
import { keyIdOf, type PublicJwk } from "../../verifier/key-files.ts";

/** What heads are signed with. */
export interface SigningKey {
  readonly privateKey: KeyObject;
  readonly jwk: PublicJwk;
}

/** PKCS #8 (RFC 8410) of an Ed25519 key, up to its 32 bytes. */
const PKCS8_PREFIX = Buffer.from("302e020100300506032b657004220420", "hex");

/** The key that these 32 random bytes are. */
export const signingKeyOf = (seed: Buffer): SigningKey =>
  signingKey(createPrivateKey({ key: Buffer.concat([PKCS8_PREFIX, seed]), format: "der", type: "pkcs8" }));

/**
 * The key in a PEM; `\n` may stand for its line breaks.
 * @throws Error it has no private key for Ed25519
 */
export function signingKeyIn(pem: string): SigningKey {
  const key = createPrivateKey(pem.replaceAll("\\n", "\n"));
  if (key.asymmetricKeyType !== "ed25519") throw new Error(`is a key for ${key.asymmetricKeyType}, not for Ed25519`);
  return signingKey(key);
}

function signingKey(privateKey: KeyObject): SigningKey {
  const publicKey = createPublicKey(privateKey);
  const { x = "" } = publicKey.export({ format: "jwk" });
  return {
    privateKey,
    jwk: { kty: "OKP", crv: "Ed25519", x, kid: keyIdOf(publicKey), alg: "EdDSA", use: "sig" },
  };
}
