import { execFile } from "node:child_process";
import { readFile, readlink } from "node:fs/promises";
import { promisify } from "node:util";

const run = promisify(execFile);

/**
 * Whether a process is there and can still do something. One that was killed and that nobody has waited for (a zombie:
 * it keeps its number, sometimes for seconds) counts as gone: it holds no file, port or memory any more.
 */
export async function isRunning(pid: number): Promise<boolean> {
  try {
    process.kill(pid, 0);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ESRCH") return false; // EPERM: there, but somebody else's
  }
  return (await stateOf(pid)) !== "Z";
}

async function stateOf(pid: number): Promise<string> {
  if (process.platform !== "linux") return (await ps(pid, "stat=")).slice(0, 1);
  const stat = await readFile(`/proc/${pid}/stat`, "utf8").catch(() => undefined);
  if (stat === undefined) return "Z"; // gone meanwhile
  return stat.slice(stat.lastIndexOf(")") + 2).slice(0, 1); // "pid (name) state ...": the name may hold anything
}

/** Whether a process is a Postgres server of this cluster, and not something else that got its number later. */
export async function isServerOf(clusterDir: string, pid: number): Promise<boolean> {
  if (process.platform !== "linux") {
    const line = await ps(pid, "args=");
    return line.includes("postgres") && line.includes(clusterDir);
  }
  const [program, ...args] = (await readFile(`/proc/${pid}/cmdline`, "utf8").catch(() => "")).split("\0");
  if (program === undefined || !program.includes("postgres")) return false;
  if (args.includes(clusterDir)) return true;
  return (await readlink(`/proc/${pid}/cwd`).catch(() => "")) === clusterDir; // the directory was moved
}

async function ps(pid: number, column: string): Promise<string> {
  return run("ps", ["-o", column, "-p", String(pid)]).then(
    ({ stdout }) => stdout.trim(),
    () => "",
  );
}
