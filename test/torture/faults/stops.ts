import type { Resident } from "../town/resident.ts";
import type { RunningTown } from "../town/running-town.ts";
import type { Fault } from "./fault.ts";

/** SIGSTOP, and SIGCONT after a while: whoever wakes up and held a lease may do nothing. */
export function stops({ nodes, providerProcess, postgres }: RunningTown): readonly Fault[] {
  const residents = [...nodes.map(({ resident }) => resident), providerProcess];
  const holders = nodes.filter(({ role }) => role !== "api").map(({ resident }) => resident);
  const frozen = (resident: Resident) => {
    const undo = resident.freeze();
    return undo === null ? null : { what: `${resident.name} frozen`, undo };
  };
  return [
    {
      group: "stops",
      name: "SIGSTOP of a process",
      weight: 6,
      lastsMs: [1_000, 5_000],
      overlaps: true,
      strike: async (chance) => frozen(chance.of(residents)),
    },
    {
      group: "stops",
      name: "SIGSTOP past a lease's term",
      weight: 2,
      lastsMs: [5_000, 20_000],
      overlaps: true,
      strike: async (chance) => frozen(chance.of(holders)),
    },
    {
      group: "stops",
      name: "SIGSTOP of postgres",
      weight: 1,
      lastsMs: [1_000, 6_000],
      overlaps: false,
      async strike() {
        const undo = await postgres.freeze();
        return undo === null ? null : { what: "Postgres frozen", undo };
      },
    },
  ];
}
