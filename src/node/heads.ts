import { readFile } from "node:fs/promises";
import type { Pool } from "pg";
import { type SigningKey, signingKeyIn, signingKeyOf } from "../audit/heads/signing-key.ts";
import { openSecret } from "../commands/secrets.ts";
import { type Config, ConfigError } from "../config.ts";
import type { Log } from "../ports.ts";

/**
 * The key that heads are signed with: that of `HEAD_SIGNING_KEY`, else one that is made once and kept in the database, where
 * whoever can change the log there finds it, too.
 * @throws ConfigError the setting has none
 */
export async function openSigningKey(
  { headSigningKey, production }: Pick<Config, "headSigningKey" | "production">,
  pool: Pool,
  log: Log,
): Promise<SigningKey> {
  if (headSigningKey === null) {
    const told = "heads are signed with a key that is kept in the database: set HEAD_SIGNING_KEY";
    if (production) log.warn({}, told);
    return signingKeyOf(await openSecret(pool, "head-signing-key"));
  }
  try {
    const isPem = headSigningKey.includes("-----BEGIN");
    return signingKeyIn(isPem ? headSigningKey : await readFile(headSigningKey, "utf8"));
  } catch (error) {
    const takes = "HEAD_SIGNING_KEY takes an Ed25519 private key in PEM, or the path of a file with one";
    throw new ConfigError(`${takes}: ${error instanceof Error ? error.message : error}`);
  }
}
