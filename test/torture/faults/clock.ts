import type { RunningTown } from "../town/running-town.ts";
import type { Fault } from "./fault.ts";

/** Tokens stand for a day by the wall clock of the node that looks at them (RFC 7519): a jump stays within that. */
const FARTHEST_MS = 12 * 3_600_000;

/** The wall clock of one node is set, to and fro. The one clock is Postgres's, so nothing should come of it. */
export const clockJumps = ({ nodes }: RunningTown): readonly Fault[] => [
  {
    group: "clock",
    name: "clock of a node jumps",
    weight: 2,
    lastsMs: [2_000, 10_000],
    overlaps: false,
    async strike(chance) {
      const { resident } = chance.of(nodes);
      const offMs = chance.below(2 * FARTHEST_MS) - FARTHEST_MS;
      resident.tell({ clockOffByMs: offMs });
      return {
        what: `clock of ${resident.name} ${Math.round(offMs / 60_000)} min off`,
        undo: () => resident.tell({ clockOffByMs: 0 }),
      };
    },
  },
];
