import { type EmbeddedPostgres, startEmbeddedPostgres } from "../../../src/embedded/embedded-postgres.ts";
import { freezeWithChildren } from "../../support/process-tree.ts";
import { postmasterOf } from "../installation.ts";

/** A Postgres server that a spec stops, starts and freezes. It keeps its address and its data. */
export interface OwnPostgres {
  readonly url: string;
  stop(): Promise<void>;
  start(): Promise<void>;
  /** SIGSTOP of all its processes: connections stay open, and nothing is answered. */
  freeze(): Promise<void>;
  /** SIGCONT of what was frozen. */
  thaw(): void;
  /** For good. */
  close(): Promise<void>;
}

export async function startOwnPostgres(dataDir: string): Promise<OwnPostgres> {
  const open = (): Promise<EmbeddedPostgres> => startEmbeddedPostgres({ dataDir, log: SILENT });
  let running: EmbeddedPostgres | null = await open();
  const url = running.connectionString;
  let thaw = () => {};
  const stop = async () => {
    thaw();
    await running?.stop();
    running = null;
  };
  return {
    url,
    stop,
    async start() {
      running = await open();
      if (running.connectionString !== url) throw new Error("Postgres came back elsewhere");
    },
    async freeze() {
      thaw = await freezeWithChildren(await postmasterOf(dataDir));
    },
    thaw: () => thaw(),
    close: stop,
  };
}

const SILENT = { debug() {}, info() {}, warn() {} };
