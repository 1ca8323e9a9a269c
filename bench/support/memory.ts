import { readFile } from "node:fs/promises";

/** What a process has in memory, in MiB. */
export interface Resident {
  readonly nowMiB: number;
  /** The most it has had since it started. */
  readonly peakMiB: number;
}

/** From Linux's `/proc`; null elsewhere. */
export async function residentMemory(pid: number): Promise<Resident | null> {
  const status = await readFile(`/proc/${pid}/status`, "utf8").catch(() => null);
  if (status === null) return null;
  const kibibytes = (name: string) => Number(new RegExp(`^${name}:\\s+(\\d+) kB`, "m").exec(status)?.[1]);
  return { nowMiB: kibibytes("VmRSS") / 1024, peakMiB: kibibytes("VmHWM") / 1024 };
}
