import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startEmbeddedPostgres } from "../../src/embedded/embedded-postgres.ts";

/**
 * A Postgres for one run: the one that TEST_POSTGRES_URL names, else an embedded one whose data goes when it stops.
 * @param settings of the embedded one, where they shall differ
 */
export async function temporaryPostgres(
  settings: Readonly<Record<string, string>> = {},
): Promise<{ readonly url: string; stop(): Promise<void> }> {
  const given = process.env.TEST_POSTGRES_URL ?? "";
  if (given !== "") return { url: given, stop: async () => {} };
  const dataDir = await mkdtemp(join(tmpdir(), "boxoffice-test-postgres-"));
  const postgres = await startEmbeddedPostgres({
    dataDir,
    settings,
    log: { debug() {}, info() {}, warn: console.warn },
  });
  return {
    url: postgres.connectionString,
    async stop() {
      await postgres.stop();
      await rm(dataDir, { recursive: true, force: true });
    },
  };
}
