import { execFile } from "node:child_process";
import { stat } from "node:fs/promises";
import { promisify } from "node:util";
import type { LauncherLog } from "./log.ts";
import { StartError } from "./start-error.ts";

const run = promisify(execFile);

/** A user of this machine that is not root. */
export interface Account {
  readonly uid: number;
  readonly gid: number;
}

/**
 * Whom the server runs as: undefined for "this user". Postgres refuses to run as root, so under root it is the owner of
 * the cluster if there is one already, else the user `postgres`, made if it is missing and can be, else `nobody`.
 * Throws StartError when the cluster belongs to somebody else, or when there is nobody to be.
 */
export async function chooseAccount(clusterDir: string, log: LauncherLog): Promise<Account | undefined> {
  const owner = await stat(clusterDir).catch(() => undefined);
  const self = process.getuid?.();
  if (self !== 0) {
    if (owner === undefined || owner.uid === self) return undefined;
    throw new StartError(
      `${clusterDir} belongs to user ${owner.uid} and this is user ${self}: start as that user, or take another DATA_DIR`,
    );
  }
  if (owner !== undefined && owner.uid !== 0) return { uid: owner.uid, gid: owner.gid };
  const account = (await named("postgres")) ?? (await created("postgres", log)) ?? (await named("nobody"));
  if (account === undefined) {
    throw new StartError(
      "Postgres does not run as root, and this machine has no user to run it as: " +
        "add one named postgres, start as another user, or set DATABASE_URL",
    );
  }
  return account;
}

async function named(name: string): Promise<Account | undefined> {
  try {
    const [uid, gid] = await Promise.all(
      ["-u", "-g"].map(async (which) => Number((await run("id", [which, name])).stdout)),
    );
    return uid !== undefined && gid !== undefined && uid > 0 && uid < 2 ** 31 ? { uid, gid } : undefined;
  } catch {
    return undefined;
  }
}

async function created(name: string, log: LauncherLog): Promise<Account | undefined> {
  const ways: [string, string[]][] = [
    ["useradd", ["--system", "--user-group", "--no-create-home", "--shell", "/usr/sbin/nologin", name]],
    ["adduser", ["-S", "-D", "-H", name]], // busybox
  ];
  for (const [command, args] of ways) {
    const made = await run(command, args).then(
      () => named(name),
      () => undefined,
    );
    if (made === undefined) continue;
    log.info(`Made the system user ${name}: Postgres does not run as root`);
    return made;
  }
  return undefined;
}
