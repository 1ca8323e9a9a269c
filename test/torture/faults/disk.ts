import type { RunningTown } from "../town/running-town.ts";
import type { Fault } from "./fault.ts";

/** No room left where Postgres keeps its data and its log. */
export function fullDisk({ postgres: { disk } }: RunningTown): readonly Fault[] {
  if (disk === null) return [];
  return [
    {
      group: "disk",
      name: "disk full under postgres",
      weight: 1.5,
      lastsMs: [1_000, 5_000],
      overlaps: false,
      async strike() {
        await disk.fill();
        return { what: "the disk is full", undo: () => disk.free() };
      },
    },
  ];
}
