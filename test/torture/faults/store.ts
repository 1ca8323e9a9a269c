import type { RunningTown } from "../town/running-town.ts";
import type { StandInFault } from "../town/stand-in-process.ts";
import type { Fault } from "./fault.ts";

const KINDS: readonly (readonly [string, StandInFault, lastsMs: readonly [number, number]])[] = [
  ["an append's outcome is unknown", { kind: "outcome-unknown" }, [0, 0]],
  ["appends are held back before they are recorded", { kind: "stalled", when: "before-recording" }, [500, 5_000]],
  ["appends are held back after they are recorded", { kind: "stalled", when: "after-recording" }, [500, 5_000]],
  ["it is too busy", { kind: "refusing", as: "busy" }, [500, 5_000]],
  ["it is not ready", { kind: "refusing", as: "not-ready" }, [500, 5_000]],
  ["another node leads", { kind: "leader-elsewhere" }, [1_000, 8_000]],
  ["it ends subscriptions", { kind: "subscriptions-dropped" }, [0, 0]],
  ["it cuts all connections", { kind: "connections-dropped" }, [0, 0]],
];

/** What an EventStoreDB does at the wrong moment; one thing at a time. */
export function standInFaults({ standIn }: RunningTown): readonly Fault[] {
  if (standIn === null) return [];
  return KINDS.map(([what, fault, lastsMs]) => ({
    group: "store",
    name: `event store: ${what}`,
    weight: 1.5,
    lastsMs,
    overlaps: false,
    async strike() {
      standIn.setFault(fault);
      return {
        what,
        undo() {
          if (lastsMs[1] > 0) standIn.setFault({ kind: "none" });
        },
      };
    },
  }));
}
