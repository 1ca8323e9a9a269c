import { type EmbeddedPostgres, startEmbeddedPostgres } from "../../src/embedded/embedded-postgres.ts";
import { postmasterOf } from "../../test/system/installation.ts";

/** The embedded Postgres as a thing that may be killed as often as one likes. */
export interface KeptPostgres {
  /** It stays the same. */
  readonly url: string;
  /** `kill -9` of its main process; it is brought back at once. @returns false: it is just being brought back */
  kill(): Promise<boolean>;
  stop(): Promise<void>;
}

/** The product's own supervision gives up after ten deaths without a minute between them: then it is begun anew here. */
export async function startKeptPostgres(dataDir: string): Promise<KeptPostgres> {
  const start = (): Promise<EmbeddedPostgres> => startEmbeddedPostgres({ dataDir, log: SILENT, onDown });
  let running = start();
  let stopped = false;
  /** Its lock file may still name it: the number must not be killed twice. */
  let lastKilled = 0;

  function onDown(): void {
    if (stopped) return;
    running = running.then((given) => given.stop()).then(start);
    running.catch(() => {}); // told when it is stopped
  }

  const { connectionString } = await running;
  return {
    url: connectionString,
    async kill() {
      await running;
      const pid = await postmasterOf(dataDir).catch(() => lastKilled);
      if (pid === lastKilled) return false;
      lastKilled = pid;
      process.kill(pid, "SIGKILL");
      return true;
    },
    async stop() {
      stopped = true;
      await (await running).stop();
    },
  };
}

/** Deaths are wanted here. */
const SILENT = { debug() {}, info() {}, warn() {} };
