import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { StartError } from "./start-error.ts";

const SQLITE_BUSY = 5;

/** That this process alone works in DATA_DIR. The kernel ends it with the process, however it ends. */
export interface Ownership {
  release(): void;
}

/**
 * Takes DATA_DIR for this process, or throws StartError at once when another one has it.
 *
 * What holds is the lock that SQLite takes on `DATA_DIR/lock`: the only file lock in Node's own library. It goes when
 * the process goes, also by kill -9, so nothing stale is ever left; of two starts at the same instant one gets it.
 * Nobody else may open that file: closing it would drop the lock. No data is in it.
 */
export function takeOwnership(dataDir: string): Ownership {
  const owner = join(dataDir, "owner");
  let lock: DatabaseSync | undefined;
  try {
    lock = new DatabaseSync(join(dataDir, "lock"), { timeout: 0 });
    lock.exec("pragma journal_mode = memory; begin exclusive");
    writeFileSync(owner, `${process.pid}\n`);
  } catch (error) {
    lock?.close();
    if ((error as { errcode?: number }).errcode === SQLITE_BUSY) {
      throw new StartError(`DATA_DIR ${dataDir} is in use by another Boxoffice${processNamed(owner)}`);
    }
    throw new StartError(`DATA_DIR ${dataDir} cannot be locked: ${(error as Error).message}`, { cause: error });
  }
  const held = lock;
  return {
    release() {
      if (held.isOpen) held.close();
    },
  };
}

/** " (process N)", or nothing in the instant before the owner has written its number. */
function processNamed(owner: string): string {
  try {
    const pid = Number.parseInt(readFileSync(owner, "utf8"), 10);
    return Number.isInteger(pid) ? ` (process ${pid})` : "";
  } catch {
    return "";
  }
}
