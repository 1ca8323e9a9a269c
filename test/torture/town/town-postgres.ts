import { execFile } from "node:child_process";
import { mkdir } from "node:fs/promises";
import { setTimeout as pause } from "node:timers/promises";
import { promisify } from "node:util";
import { type EmbeddedPostgres, startEmbeddedPostgres } from "../../../src/embedded/embedded-postgres.ts";
import { childrenOf, freezeWithChildren, signal } from "../../support/process-tree.ts";
import { postmasterOf } from "../../system/installation.ts";
import type { SmallDisk } from "./small-disk.ts";

const run = promisify(execFile);
const START_AGAIN_MS = 200;

/** How a Postgres server is told to go: disconnecting all with a checkpoint, without one, and not told at all. */
export const RESTARTS = { fast: "SIGINT", immediate: "SIGQUIT", killed: "SIGKILL" } as const;

/** The town's Postgres: the embedded one, on a directory of its own. It keeps its address and comes back whenever it ends. */
export interface TownPostgres {
  readonly url: string;
  /** null: it lies on the machine's own disk, which nobody fills. */
  readonly disk: SmallDisk | null;
  /** Ends it; it is started again at once. Resolves when it was told. @returns false: there is none just now */
  restart(how: keyof typeof RESTARTS): Promise<boolean>;
  /** `kill -9` of one of the processes that serve a connection: the server restarts itself. @param pick from 0 to below 1 */
  killBackend(pick: number): Promise<boolean>;
  /** SIGSTOP of all its processes. @returns lets them go on; null: there is none just now */
  freeze(): Promise<(() => void) | null>;
  /** Resolves when it takes connections. */
  up(): Promise<void>;
  stop(): Promise<void>;
}

export interface TownPostgresOptions {
  readonly dataDir: string;
  readonly disk: SmallDisk | null;
  readonly say: (line: string) => void;
}

export async function startTownPostgres({ dataDir, disk, say }: TownPostgresOptions): Promise<TownPostgres> {
  await mkdir(dataDir, { recursive: true, mode: 0o711 });
  const log = { debug: say, info: say, warn: say };
  let running: EmbeddedPostgres | null = null;
  let stopped = false;
  /** Its lock file may still name it, and its number be there for seconds: it must not be told twice. */
  let lastEnded = 0;
  let change = begin();
  const { connectionString: url } = (await change) as EmbeddedPostgres;

  /** The disk may be full just now, or an earlier server's last process there yet: again until it runs. */
  async function begin(): Promise<EmbeddedPostgres | null> {
    while (!stopped) {
      try {
        running = await startEmbeddedPostgres({ dataDir, log, onDown: () => void again() });
        return running;
      } catch (error) {
        say(`-- does not start: ${(error as Error).message}`);
        await pause(START_AGAIN_MS);
      }
    }
    return null;
  }

  /** Past the product's own supervision, whose pauses grow where a server dies again and again. */
  function again(): Promise<EmbeddedPostgres | null> {
    const before = change;
    change = (async () => {
      await before;
      const given = running;
      running = null;
      await given?.stop();
      return begin();
    })();
    return change;
  }

  const postmaster = () => postmasterOf(dataDir).catch(() => null);

  return {
    url,
    disk,
    async restart(how) {
      await change;
      const pid = await postmaster();
      if (stopped || pid === null || pid === lastEnded || !signal(pid, RESTARTS[how])) return false;
      lastEnded = pid;
      say(`-- ${how}: ${RESTARTS[how]} to ${pid}`);
      void again();
      return true;
    },
    async killBackend(pick) {
      const pid = await postmaster();
      const backends = pid === null ? [] : await backendsOf(pid);
      const backend = backends[Math.floor(pick * backends.length)];
      return backend !== undefined && signal(backend, "SIGKILL");
    },
    async freeze() {
      const pid = await postmaster();
      return pid === null || pid === lastEnded ? null : freezeWithChildren(pid);
    },
    async up() {
      await change;
    },
    async stop() {
      stopped = true;
      await change;
      await running?.stop();
    },
  };
}

/** Processes that serve a connection say so in their titles. */
async function backendsOf(postmaster: number): Promise<readonly number[]> {
  const children = await childrenOf(postmaster);
  if (children.length === 0) return [];
  const { stdout } = await run("ps", ["-o", "pid=,args=", "-p", children.join(",")]).catch(() => ({ stdout: "" }));
  return stdout.split("\n").flatMap((line) => {
    const [, pid, title = ""] = /^\s*(\d+)\s+(.*)$/.exec(line) ?? [];
    return pid !== undefined && title.includes("127.0.0.1(") ? [Number(pid)] : [];
  });
}
