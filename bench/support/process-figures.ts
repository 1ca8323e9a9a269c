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

/** Processor time that a process has used so far, in microseconds, from Linux's `/proc`; null elsewhere. */
export async function processorMicros(pid: number): Promise<number | null> {
  const stat = await readFile(`/proc/${pid}/stat`, "utf8").catch(() => null);
  if (stat === null) return null;
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return (Number(fields[11]) + Number(fields[12])) * 10_000; // a tick is a hundredth of a second
}

/** The most that each of several processes has had, one after the other; has to be looked at before each ends. */
export class PeakMemory {
  readonly #peakMiB = new Map<number, number>();

  async look(pid: number): Promise<void> {
    const resident = await residentMemory(pid);
    if (resident !== null && resident.peakMiB > 0) this.#peakMiB.set(pid, resident.peakMiB);
  }

  peaks(): readonly number[] {
    return [...this.#peakMiB.values()];
  }
}
