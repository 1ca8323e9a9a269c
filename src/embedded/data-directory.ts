import { randomBytes } from "node:crypto";
import { mkdir, open, readFile, realpath, rename, stat, unlink } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { StartError } from "./start-error.ts";

/**
 * Makes DATA_DIR where it is missing and proves that it takes files.
 * Returns its real path. Throws StartError when it is a file, not writable, or the disk is full.
 */
export async function openDataDirectory(path: string): Promise<string> {
  const asked = resolve(path);
  try {
    // Others may pass (the server runs as another user when this is root) but not list; every secret in it is 0600.
    await mkdir(asked, { recursive: true, mode: 0o711 });
    const real = await realpath(asked);
    const probe = join(real, `.probe-${randomBytes(6).toString("hex")}`);
    const file = await open(probe, "wx", 0o600);
    try {
      await file.writeFile("x");
      await file.sync();
    } finally {
      await file.close();
      await unlink(probe);
    }
    return real;
  } catch (error) {
    throw new StartError(`DATA_DIR ${asked} ${trouble(error)}`, { cause: error });
  }
}

function trouble(error: unknown): string {
  switch ((error as NodeJS.ErrnoException).code) {
    case "EEXIST":
    case "ENOTDIR":
      return "is a file, or lies under one: it takes a directory";
    case "EACCES":
    case "EPERM":
      return "cannot be written by this user";
    case "EROFS":
      return "is on a read-only file system";
    case "ENOSPC":
    case "EDQUOT":
      return "has no space left";
    default:
      return `cannot be used: ${(error as Error).message}`;
  }
}

/** The superuser's password, made before the cluster is: it is on the disk before anything depends on it. */
export async function keptPassword(dataDir: string, cluster: "exists" | "missing"): Promise<string> {
  const path = join(dataDir, "postgres-password");
  const kept = await readIfThere(path);
  if (kept !== undefined && kept.trim() !== "") return kept.trim();
  if (cluster === "exists")
    throw new StartError(`${path} is missing: the data in ${dataDir} cannot be opened without it`);
  const password = randomBytes(24).toString("base64url");
  await writeSecret(path, `${password}\n`);
  return password;
}

/** The port of the start before this one, if there was one. */
export async function keptPort(dataDir: string): Promise<number | undefined> {
  const kept = (await readIfThere(join(dataDir, "database-url")))?.trim() ?? "";
  const port = URL.canParse(kept) ? Number(new URL(kept).port) : 0;
  return port > 0 ? port : undefined;
}

/** Writes DATA_DIR/database-url, for psql and for other processes that join. */
export async function keepDatabaseUrl(dataDir: string, url: string): Promise<void> {
  await writeSecret(join(dataDir, "database-url"), `${url}\n`);
}

/** Replaces a file as a whole, durably, readable by its owner only. */
async function writeSecret(path: string, content: string): Promise<void> {
  const draft = `${path}.new`;
  await unlink(draft).catch(() => {}); // left by a crash, perhaps with other permissions
  const file = await open(draft, "wx", 0o600);
  try {
    await file.writeFile(content);
    if (process.getuid?.() === 0) {
      // A start under root leaves nothing that the user whose directory this is could not read at the next one.
      const { uid, gid } = await stat(dirname(path));
      await file.chown(uid, gid);
    }
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(draft, path);
  await syncDirectory(dirname(path));
}

/** Makes renames in a directory durable. */
export async function syncDirectory(path: string): Promise<void> {
  const directory = await open(path, "r");
  try {
    await directory.sync();
  } finally {
    await directory.close();
  }
}

async function readIfThere(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw new StartError(`${path} cannot be read: ${(error as Error).message}`, { cause: error });
  }
}
