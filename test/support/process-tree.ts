import { readdir, readFile } from "node:fs/promises";

/** The processes that a process has started and that are still there. Linux only: by /proc. */
export async function childrenOf(parent: number): Promise<readonly number[]> {
  const children: number[] = [];
  for (const name of await readdir("/proc")) {
    if (!/^\d+$/.test(name)) continue;
    const stat = await readFile(`/proc/${name}/stat`, "utf8").catch(() => "");
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    if (Number(fields[1]) === parent) children.push(Number(name));
  }
  return children;
}

/** SIGSTOP of a process and of its children. @returns lets them go on */
export async function freezeWithChildren(parent: number): Promise<() => void> {
  signal(parent, "SIGSTOP"); // first, so that it makes no more of them
  const frozen = [parent, ...(await childrenOf(parent))];
  for (const pid of frozen) signal(pid, "SIGSTOP");
  return () => {
    for (const pid of frozen) signal(pid, "SIGCONT");
  };
}

/** @returns false: it has ended meanwhile */
export function signal(pid: number, name: NodeJS.Signals): boolean {
  try {
    return process.kill(pid, name);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ESRCH") return false;
    throw error;
  }
}
