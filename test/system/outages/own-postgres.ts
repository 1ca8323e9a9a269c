import { readdir, readFile } from "node:fs/promises";
import { type EmbeddedPostgres, startEmbeddedPostgres } from "../../../src/embedded/embedded-postgres.ts";
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
  let frozen: readonly number[] = [];
  const thaw = () => {
    for (const pid of frozen) signal(pid, "SIGCONT");
    frozen = [];
  };
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
      const postmaster = await postmasterOf(dataDir);
      signal(postmaster, "SIGSTOP"); // first, so that it makes no more of them
      frozen = [postmaster, ...(await childrenOf(postmaster))];
      for (const pid of frozen) signal(pid, "SIGSTOP");
    },
    thaw,
    close: stop,
  };
}

function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch {
    // it has ended meanwhile
  }
}

async function childrenOf(parent: number): Promise<readonly number[]> {
  const children: number[] = [];
  for (const name of await readdir("/proc")) {
    if (!/^\d+$/.test(name)) continue;
    const stat = await readFile(`/proc/${name}/stat`, "utf8").catch(() => "");
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    if (Number(fields[1]) === parent) children.push(Number(name));
  }
  return children;
}

const SILENT = { debug() {}, info() {}, warn() {} };
