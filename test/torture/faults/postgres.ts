import type { RunningTown } from "../town/running-town.ts";
import { type Fault, over } from "./fault.ts";

/** Restarts of Postgres as operators do them. */
export const postgresRestarts = ({ postgres }: RunningTown): readonly Fault[] =>
  (["fast", "immediate"] as const).map((how) => ({
    group: "postgres",
    name: `restart of postgres, ${how}`,
    weight: 1.5,
    lastsMs: [0, 0],
    overlaps: false,
    strike: async () => ((await postgres.restart(how)) ? over(`Postgres restarted, ${how}`) : null),
  }));
