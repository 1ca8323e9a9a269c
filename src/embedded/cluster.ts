import { randomBytes } from "node:crypto";
import { chown, mkdir, readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Account } from "./account.ts";
import type { Binaries } from "./binaries.ts";
import { keptPassword, syncDirectory } from "./data-directory.ts";
import type { Launch } from "./launch.ts";
import { listen } from "./server-output.ts";
import { StartError } from "./start-error.ts";

/** The one database user: what Boxoffice and the operator connect as. */
export const SUPERUSER = "boxoffice";

const DRAFT = "postgres.new-";

/** Where the cluster of a DATA_DIR is. */
export function clusterDirectory(dataDir: string): string {
  return join(dataDir, "postgres");
}

export interface ClusterParts {
  readonly dataDir: string;
  readonly binaries: Binaries;
  readonly launch: Launch;
  readonly account: Account | undefined;
}

/**
 * Makes the cluster if there is none. It is made beside its place and moved there when it is whole and on the disk, so
 * that a crash in between leaves nothing that a later start could take for a cluster. The caller owns DATA_DIR.
 * Returns the superuser's password.
 */
export async function ensureCluster(parts: ClusterParts): Promise<string> {
  const { dataDir, binaries } = parts;
  const clusterDir = clusterDirectory(dataDir);
  await removeDrafts(dataDir);
  const version = await readFile(join(clusterDir, "PG_VERSION"), "utf8").catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return undefined;
    throw new StartError(`${clusterDir} cannot be read: ${error.message}`, { cause: error });
  });
  const password = await keptPassword(dataDir, version === undefined ? "missing" : "exists");
  if (version === undefined) await makeCluster(parts, clusterDir, password);
  else if (version.trim() !== binaries.major) {
    throw new StartError(
      `${clusterDir} was made by Postgres ${version.trim()} and this is ${binaries.major}: ` +
        "move the data by pg_dump, or take another DATA_DIR",
    );
  }
  return password;
}

async function makeCluster(parts: ClusterParts, clusterDir: string, password: string): Promise<void> {
  const draft = join(parts.dataDir, `${DRAFT}${randomBytes(4).toString("hex")}`);
  const data = join(draft, "data");
  const passwordFile = join(draft, "password");
  try {
    await mkdir(data, { recursive: true, mode: 0o700 });
    await writeFile(passwordFile, `${password}\n`, { mode: 0o600 });
    if (parts.account) {
      for (const path of [draft, data, passwordFile]) await chown(path, parts.account.uid, parts.account.gid);
    }
    await initialise(parts, data, passwordFile);
    await rename(data, clusterDir);
    await syncDirectory(parts.dataDir);
  } catch (error) {
    if (error instanceof StartError) throw error;
    throw new StartError(`${clusterDir} cannot be made: ${(error as Error).message}`, { cause: error });
  } finally {
    await rm(draft, { recursive: true, force: true }).catch(() => {}); // then the next start removes it
  }
}

async function initialise({ launch, binaries }: ClusterParts, data: string, passwordFile: string): Promise<void> {
  const initdb = launch(binaries.initdb, [
    `--pgdata=${data}`,
    `--username=${SUPERUSER}`,
    `--pwfile=${passwordFile}`,
    "--auth=scram-sha-256",
    "--encoding=UTF8",
    // Text sorts by code point, the same on every machine and after every upgrade of its libraries.
    "--locale=C",
    "--locale-provider=builtin",
    "--builtin-locale=C.UTF-8",
  ]);
  const output = listen(initdb);
  const end = await output.ended;
  if (end === "not started") {
    throw new StartError(
      `the Postgres that npm brought cannot be run here (${output.complaint()}; it needs glibc): set DATABASE_URL to another`,
    );
  }
  if (end !== "exit code 0") throw new StartError(`the embedded Postgres could not be set up: ${output.complaint()}`);
}

/** What a start left that was killed in the middle. Its initdb may still be writing for a moment: hence the retries. */
async function removeDrafts(dataDir: string): Promise<void> {
  for (const name of await readdir(dataDir)) {
    if (!name.startsWith(DRAFT)) continue;
    await rm(join(dataDir, name), { recursive: true, force: true, maxRetries: 20, retryDelay: 100 });
  }
}
