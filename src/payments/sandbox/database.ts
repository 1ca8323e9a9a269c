import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";

const SQLITE_BUSY = 5;

/** Another process has these charges open. */
export class ProviderRuns extends Error {
  override readonly name = "ProviderRuns";
}

/**
 * Opens the provider's database for this process alone. The lock is SQLite's own on the file, kept until it is closed: it
 * goes with the process, also by kill -9, so nothing stale is ever left; of two starts at the same instant one gets it.
 * What is committed is on the disk (`synchronous = full`).
 * @throws ProviderRuns another process has it
 */
export function openDatabase(directory: string): DatabaseSync {
  const database = new DatabaseSync(join(directory, "charges.sqlite"), { timeout: 0 });
  try {
    database.exec(`
      pragma locking_mode = exclusive;
      pragma journal_mode = wal;
      pragma synchronous = full;
      begin exclusive;
      commit;
    `);
    return database;
  } catch (error) {
    database.close();
    if ((error as { errcode?: number }).errcode === SQLITE_BUSY) {
      throw new ProviderRuns(`the charges in ${directory} are in use by another process`, { cause: error });
    }
    throw error;
  }
}
