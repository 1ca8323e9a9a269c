import { cp, mkdir, mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { setTimeout as pause } from "node:timers/promises";
import { type ProviderRecord, readProviderRecord } from "../../system/buying/provider-record.ts";
import type { Resident } from "./resident.ts";

const LOOK_MS = 2;
const LOOKS = 1_000;

/**
 * What the provider has on its disk, without ending it: nobody else may open its database, so it is frozen while its files
 * are copied. A copy is what a kill at that instant would leave, which SQLite opens.
 */
export const recordOf = (dataDir: string, provider: Resident): Promise<ProviderRecord> =>
  recordOfCopy(async (copy) => {
    const thaw = provider.freeze();
    try {
      if (provider.pid !== null) await standsStill(provider.pid);
      await mkdir(join(copy, "sandbox"));
      for (const file of ["charges.sqlite", "charges.sqlite-wal"]) {
        await cp(join(dataDir, "sandbox", file), join(copy, "sandbox", file)).catch(unlessMissing);
      }
    } finally {
      thaw?.();
    }
    const database = new DatabaseSync(join(copy, "sandbox", "charges.sqlite"));
    database.exec("pragma wal_checkpoint(truncate)");
    database.close();
  });

/** @param fill puts the provider's directory into one that is taken away afterwards */
export async function recordOfCopy(fill: (copy: string) => Promise<void>): Promise<ProviderRecord> {
  const copy = await mkdtemp(join(tmpdir(), "boxoffice-provider-"));
  try {
    await fill(copy);
    return readProviderRecord(copy);
  } finally {
    await rm(copy, { recursive: true, force: true });
  }
}

/** SIGSTOP was sent; this is when it has taken effect. */
async function standsStill(pid: number): Promise<void> {
  for (let looks = 0; looks < LOOKS; looks += 1) {
    const stat = await readFile(`/proc/${pid}/stat`, "utf8").catch(() => null);
    if (stat === null || /^[TtZX]/.test(stat.slice(stat.lastIndexOf(")") + 2))) return;
    await pause(LOOK_MS);
  }
  throw new Error(`the provider (process ${pid}) does not stand still`);
}

function unlessMissing(error: NodeJS.ErrnoException): void {
  if (error.code !== "ENOENT") throw error;
}
