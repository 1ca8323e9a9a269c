import { createHmac, randomBytes } from "node:crypto";
import { link, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";

/** What nodes and provider prove themselves by. */
export interface SandboxKeys {
  /** Of the nodes, to the provider. */
  readonly apiToken: string;
  /** Of the provider, to the nodes; as Standard Webhooks writes it. */
  readonly webhookSecret: string;
}

/** Both keys come from one secret, so that there is one thing to keep and to hand to other machines. */
export const keysFrom = (secret: string): SandboxKeys => ({
  apiToken: derived(secret, "api").toString("base64url"),
  webhookSecret: `whsec_${derived(secret, "webhooks").toString("base64")}`,
});

const derived = (secret: string, purpose: string): Buffer =>
  createHmac("sha256", secret).update(`boxoffice-sandbox/${purpose}`).digest();

const secretPath = (directory: string): string => join(directory, "secret");

/** The secret of this directory, made once, readable by its owner only. */
export async function madeSecret(directory: string): Promise<string> {
  const draft = `${secretPath(directory)}.${process.pid}.${randomBytes(4).toString("hex")}`;
  await writeFile(draft, randomBytes(32).toString("base64url"), { mode: 0o600, flush: true });
  try {
    await link(draft, secretPath(directory)); // unlike a rename it fails where there is one, and what it makes is whole
  } catch (error) {
    if (!(error instanceof Error && "code" in error && error.code === "EEXIST")) throw error;
  } finally {
    await rm(draft);
  }
  return keptSecret(directory);
}

/** The secret that the provider of this directory has made. */
export const keptSecret = (directory: string): Promise<string> => readFile(secretPath(directory), "utf8");
