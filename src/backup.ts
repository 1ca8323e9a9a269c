import { resolve } from "node:path";
import { readConfig } from "./config.ts";
import { BackupRefused, backUp } from "./embedded/backup.ts";

/**
 * `npm run backup -- FOLDER`: copies DATA_DIR with its running Postgres into a new folder, which can be started from
 * (`DATA_DIR=FOLDER npm start`). Where `DATABASE_URL` names another Postgres, that has backups of its own.
 */
async function main(): Promise<void> {
  const [target, ...more] = process.argv.slice(2);
  if (target === undefined || more.length > 0) throw new BackupRefused("usage: npm run backup -- FOLDER");
  const { dataDir, databaseUrl } = readConfig(process.env);
  if (databaseUrl !== null) {
    throw new BackupRefused("DATABASE_URL names a Postgres of yours: back it up by its own tools (docs/operations.md)");
  }
  const began = performance.now();
  const { files, bytes } = await backUp({ dataDir: resolve(dataDir), target: resolve(target) });
  const seconds = ((performance.now() - began) / 1000).toFixed(1);
  console.log(`${resolve(target)}: ${files} files, ${(bytes / 2 ** 20).toFixed(0)} MiB, in ${seconds} s`);
  console.log(`start from it: DATA_DIR=${resolve(target)} npm start`);
}

await main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
});
