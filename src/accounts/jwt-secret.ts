import { randomBytes } from "node:crypto";
import { link, mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";

/**
 * The secret that signs tokens where `JWT_SECRET` is not set: made once and kept in the data directory, readable by its
 * owner only, so that tokens survive a restart. Several processes may start on one directory at once: one makes it.
 */
export async function jwtSecretIn(dataDir: string): Promise<string> {
  const path = join(dataDir, "jwt-secret");
  await mkdir(dataDir, { recursive: true });
  const draft = `${path}.${process.pid}.${randomBytes(4).toString("hex")}`;
  await writeFile(draft, randomBytes(32).toString("base64url"), { mode: 0o600 });
  try {
    await link(draft, path); // unlike a rename it fails where there is one, and what it makes is whole
  } catch (error) {
    if (!(error instanceof Error && "code" in error && error.code === "EEXIST")) throw error;
  } finally {
    await rm(draft);
  }
  return readFile(path, "utf8");
}
