import { randomBytes } from "node:crypto";
import { chown, copyFile, lstat, mkdir, open, readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import pg from "pg";
import { clusterDirectory } from "./cluster.ts";
import { syncDirectory } from "./data-directory.ts";

/** It can't be made as asked. The message is one line for the operator. */
export class BackupRefused extends Error {
  override readonly name = "BackupRefused";
}

export interface BackupOptions {
  /** Whose Postgres is running, and goes on. */
  readonly dataDir: string;
  /** A folder that is not there yet: it becomes a DATA_DIR that can be started from. */
  readonly target: string;
}

export interface Backup {
  readonly files: number;
  readonly bytes: number;
}

/** What belongs to a running server only, and what it makes anew (Postgres manual, "Making a Base Backup"). */
const LEFT_OUT_FILES = new Set(["postmaster.pid", "postmaster.opts", "pg_internal.init"]);
const LEFT_OUT_CONTENTS = new Set([
  "pg_wal",
  "pg_replslot",
  "pg_dynshmem",
  "pg_notify",
  "pg_serial",
  "pg_snapshots",
  "pg_stat_tmp",
  "pg_subtrans",
]);

const COPIES_TRIED = 20;

/** Who has the folder now, and what is half made. */
const OF_A_RUN = /^\.probe-|^postgres\.new-|\.new$|(^|\/)(lock|owner)$|-(wal|shm|journal)$/;

/**
 * Copies a DATA_DIR while it is in use: Postgres by its low-level backup protocol (all that was committed before the
 * backup began is in it, and possibly more), the sandbox provider's database between two of its checkpoints, the secrets as
 * they are. The provider comes last: a charge that the copied log has no booking of is given back by reconciliation, while a
 * booking without its charge would be somebody's work. There is no target before it is whole and on the disk.
 *
 * The tools that do this elsewhere (`pg_basebackup`, `pg_dump`) are not among the binaries that come with the package.
 * @throws BackupRefused
 */
export async function backUp({ dataDir, target }: BackupOptions): Promise<Backup> {
  if (await isThere(target)) throw new BackupRefused(`${target} is there already: a backup makes a folder of its own`);
  const draft = join(dirname(target), `.backup-${randomBytes(6).toString("hex")}`);
  const url = await readFile(join(dataDir, "database-url"), "utf8").catch(() => null);
  if (url === null) throw new BackupRefused(`${dataDir} has no database-url: nothing was ever started there`);
  const client = new pg.Client({ connectionString: url.trim(), connectionTimeoutMillis: 10_000 });
  await client.connect().catch((error: Error) => {
    throw new BackupRefused(`its Postgres does not answer (${error.message}): a folder at rest can simply be copied`);
  });
  const tally = { files: 0, bytes: 0 };
  try {
    await mkdir(draft, { mode: 0o711 });
    await copyOwner(dataDir, draft);
    await copyCluster(client, clusterDirectory(dataDir), clusterDirectory(draft), tally);
    await copyOthers(dataDir, draft, tally);
    await rename(draft, target);
    await syncDirectory(dirname(target));
    return tally;
  } finally {
    await client.end();
    await rm(draft, { recursive: true, force: true });
  }
}

/** Secrets, and the databases of the sandbox provider. */
async function copyOthers(from: string, to: string, tally: Tally): Promise<void> {
  for (const entry of await readdir(from, { withFileTypes: true, recursive: true })) {
    const path = join(entry.parentPath, entry.name);
    const relative = path.slice(from.length + 1);
    if (relative === "postgres" || relative.startsWith("postgres/") || OF_A_RUN.test(relative)) continue;
    const copy = join(to, relative);
    if (entry.isDirectory()) {
      await mkdir(copy, { recursive: true, mode: (await lstat(path)).mode });
      await copyOwner(path, copy);
    } else if (entry.isFile()) {
      await mkdir(dirname(copy), { recursive: true });
      if (await isSqlite(path)) await copySqlite(path, copy, tally);
      else await copyAsItIs(path, copy, tally);
    }
  }
}

/**
 * A slot keeps the log that the copy will need from being recycled meanwhile; it goes with the connection. From the
 * copied files and the log since the start a server recovers as it does after a crash.
 */
async function copyCluster(client: pg.Client, from: string, to: string, tally: Tally): Promise<void> {
  const slot = `backup_${randomBytes(6).toString("hex")}`;
  await client.query("select pg_create_physical_replication_slot($1, true, true)", [slot]);
  const started = await client.query<{ first: string }>(
    "select pg_walfile_name(pg_backup_start('boxoffice', fast => true)) as first",
  );
  await mkdir(to, { mode: 0o700 });
  await copyOwner(from, to);
  await copyTree(from, to, tally);
  const stopped = await client.query<{ lsn: string; labelfile: string; spcmapfile: string }>(
    "select lsn, labelfile, spcmapfile from pg_backup_stop(wait_for_archive => false)",
  );
  const { lsn = "", labelfile = "", spcmapfile = "" } = stopped.rows[0] ?? {};
  await writeLike(join(from, "PG_VERSION"), join(to, "backup_label"), labelfile);
  if (spcmapfile.trim() !== "") throw new BackupRefused("it has tablespaces of its own: back it up by pg_basebackup");
  const last = await client.query<{ last: string }>("select pg_walfile_name($1::pg_lsn) as last", [lsn]);
  await copyLog(
    join(from, "pg_wal"),
    join(to, "pg_wal"),
    started.rows[0]?.first ?? "",
    last.rows[0]?.last ?? "",
    tally,
  );
}

async function copyTree(from: string, to: string, tally: Tally): Promise<void> {
  for (const entry of await readdir(from, { withFileTypes: true }).catch(whenGone([]))) {
    if (LEFT_OUT_FILES.has(entry.name) || entry.name.startsWith("pgsql_tmp")) continue;
    const [path, copy] = [join(from, entry.name), join(to, entry.name)];
    if (entry.isDirectory()) {
      await mkdir(copy, { mode: 0o700 });
      await copyOwner(path, copy);
      if (!LEFT_OUT_CONTENTS.has(entry.name)) await copyTree(path, copy, tally);
    } else if (entry.isFile()) {
      await copyAsItIs(path, copy, tally).catch(whenGone(undefined)); // a table that was dropped meanwhile
    }
  }
}

/** Segments of the log, by names that sort as they were written. */
async function copyLog(from: string, to: string, first: string, last: string, tally: Tally): Promise<void> {
  const needed = (await readdir(from)).filter((name) => /^[0-9A-F]{24}$/.test(name) && name >= first && name <= last);
  if (needed.length === 0) throw new Error(`the log from ${first} to ${last} is not there any more`);
  for (const name of needed) await copyAsItIs(join(from, name), join(to, name), tally);
  for (const name of ["archive_status", "summaries"]) {
    await mkdir(join(to, name), { mode: 0o700 });
    await copyOwner(from, join(to, name));
  }
}

async function copyAsItIs(path: string, copy: string, tally: Tally): Promise<void> {
  await copyFile(path, copy);
  await settle(path, copy, tally);
}

/**
 * The provider has its database to itself, so SQLite's own copy would not get in. Changes are appended to `-wal`, from
 * where they go into the database now and then: while neither began anew, both together are as at one instant. An end
 * that is only half copied is left aside by SQLite, as after a crash.
 */
async function copySqlite(path: string, copy: string, tally: Tally): Promise<void> {
  for (let attempt = 1; ; attempt += 1) {
    const before = await sqliteStand(path);
    await copyFile(path, copy);
    await copyFile(`${path}-wal`, `${copy}-wal`).catch(whenGone(undefined));
    if ((await sqliteStand(path)) === before) break;
    if (attempt === COPIES_TRIED) throw new BackupRefused(`${path} changes too fast to be copied`);
  }
  await settle(path, copy, tally);
  await settle(path, `${copy}-wal`, tally).catch(whenGone(undefined));
}

/** Changes when the database's own file does, or its log begins anew (the salts in the log's header). */
async function sqliteStand(path: string): Promise<string> {
  const { mtimeNs, size } = await lstat(path, { bigint: true });
  const log = await open(`${path}-wal`, "r").catch(whenGone(null));
  try {
    const header = log === null ? null : await log.read(Buffer.alloc(32), 0, 32, 0);
    return `${mtimeNs} ${size} ${header?.buffer.toString("hex")}`;
  } finally {
    await log?.close();
  }
}

interface Tally {
  files: number;
  bytes: number;
}

/** The copy belongs to whom the original does, and is on the disk. */
async function settle(path: string, copy: string, tally: Tally): Promise<void> {
  await copyOwner(path, copy);
  const file = await open(copy, "r+");
  try {
    await file.sync();
    tally.bytes += (await file.stat()).size;
    tally.files += 1;
  } finally {
    await file.close();
  }
}

async function writeLike(path: string, copy: string, content: string): Promise<void> {
  await writeFile(copy, content, { mode: 0o600 });
  await copyOwner(path, copy);
}

/** The server runs as another user when this is root. */
async function copyOwner(path: string, copy: string): Promise<void> {
  if (process.getuid?.() !== 0) return;
  const { uid, gid } = await lstat(path);
  await chown(copy, uid, gid);
}

async function isSqlite(path: string): Promise<boolean> {
  const file = await open(path, "r");
  try {
    const { buffer } = await file.read(Buffer.alloc(16), 0, 16, 0);
    return buffer.toString("latin1").startsWith("SQLite format 3");
  } finally {
    await file.close();
  }
}

const isThere = (path: string): Promise<boolean> =>
  lstat(path).then(
    () => true,
    () => false,
  );

const whenGone =
  <Value>(instead: Value) =>
  (error: NodeJS.ErrnoException): Value => {
    if (error.code === "ENOENT") return instead;
    throw error;
  };
