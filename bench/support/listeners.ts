import { spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";

/** What the listeners' process is asked. */
export type ListenersAsked =
  | { readonly kind: "open"; readonly port: number; readonly path: string; readonly count: number }
  | { readonly kind: "when"; readonly revision: number };

/** What it says. Times are of the machine's monotonic clock, which processes share. */
export type ListenersSaid =
  | { readonly kind: "opened"; readonly connected: number; readonly lost: number }
  | { readonly kind: "all-have"; readonly revision: number; readonly atMs: number };

/** Many who listen to one stream, in a process of their own. */
export interface Listeners {
  /** Those that got a first version. */
  readonly connected: number;
  /** When all of them have come to a revision, by {@link machineMs}. */
  allHave(revision: number): Promise<number>;
  close(): Promise<void>;
}

/** The machine's monotonic clock in milliseconds, the same in all processes. */
export const machineMs = (): number => Number(process.hrtime.bigint()) / 1e6;

/** A file descriptor each, and some for the rest. */
const OTHER_FILES = 100;
const WITHIN_MS = 60_000;

/** @throws Error the system does not let a process have so many connections, or some were lost */
export async function openListeners(port: number, path: string, count: number): Promise<Listeners> {
  const file = fileURLToPath(new URL("listeners-process.ts", import.meta.url));
  // By the shell, because a process can't raise its own limit: as far as the system lets it.
  const script = `ulimit -n ${count + OTHER_FILES} && exec "$0" "$@"`;
  const child = spawn("sh", ["-c", script, process.execPath, file], { stdio: ["ignore", "inherit", "inherit", "ipc"] });
  const ended = once(child, "exit");
  const failed = ended.then(([code]) => {
    throw new Error(`the listeners ended with ${code}`);
  });
  failed.catch(() => {}); // it ends in any case

  async function ask<Kind extends ListenersSaid["kind"]>(asked: ListenersAsked, kind: Kind) {
    const signal = AbortSignal.timeout(WITHIN_MS);
    const said = once(child, "message", { signal }).then(([message]) => message as ListenersSaid);
    child.send(asked);
    const answer = await Promise.race([said, failed]);
    if (answer.kind !== kind) throw new Error(`the listeners said ${answer.kind}`);
    return answer as Extract<ListenersSaid, { kind: Kind }>;
  }

  const { connected, lost } = await ask({ kind: "open", port, path, count }, "opened");
  if (lost > 0) throw new Error(`${lost} of ${count} listeners were lost`);
  return {
    connected,
    allHave: async (revision) => (await ask({ kind: "when", revision }, "all-have")).atMs,
    async close() {
      child.disconnect();
      await ended;
    },
  };
}
